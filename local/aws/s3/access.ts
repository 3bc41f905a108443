import type { TwinContext } from "../context";
import type { PolicyDocument } from "../iam";
import { AwsError, account, type Caller, region } from "../service";
import type { Buckets } from "./buckets";
import type { StoredObject } from "./versions";

/** Which S3 actions a caller may take. */
export interface Access {
    /** @throws AwsError `AccessDenied` in AWS's words, `NoSuchBucket` */
    bucket(caller: Caller, action: string, bucket: string, context?: Record<string, string>): void;
    /** @throws AwsError `AccessDenied` in AWS's words, `NoSuchBucket` */
    object(caller: Caller, action: string, bucket: string, key: string): void;
    /** `NoSuchKey` for who may list the bucket; others must not learn which keys exist. */
    missing(caller: Caller, bucket: string, key: string): AwsError;
    /** The customer's key of an encrypted object has permissions of its own. */
    encryptionKey(
        caller: Caller,
        action: "kms:GenerateDataKey" | "kms:Decrypt",
        encryption: StoredObject["encryption"],
    ): void;
}

export const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;

export function createAccess({ iam }: TwinContext, buckets: Pick<Buckets, "require" | "document">): Access {
    function authorize(caller: Caller, action: string, bucket: string, resource: string, context = {}): void {
        buckets.require(bucket);
        const policy = buckets.document<{ Policy: string }>(bucket, "policy")?.Policy;
        iam.authorize(caller, action, resource, {
            context,
            shown: { resource: `"${resource}"` },
            resourcePolicy: policy === undefined ? undefined : (JSON.parse(policy) as PolicyDocument),
            code: "AccessDenied",
        });
    }

    function bucket(caller: Caller, action: string, name: string, context?: Record<string, string>): void {
        authorize(caller, action, name, bucketArn(name), context);
    }

    return {
        bucket,
        object: (caller, action, name, key) => authorize(caller, action, name, `${bucketArn(name)}/${key}`),
        missing(caller, name, key) {
            try {
                bucket(caller, "s3:ListBucket", name);
            } catch (error) {
                if (error instanceof AwsError) return error;
                throw error;
            }
            return new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });
        },
        encryptionKey(caller, action, { keyArn }) {
            if (keyArn === undefined) return;
            const arn = keyArn.startsWith("arn:") ? keyArn : `arn:aws:kms:${region}:${account}:key/${keyArn}`;
            // The key that AWS manages for S3 is open to everyone in the account through S3.
            if (arn.endsWith(":alias/aws/s3")) return;
            iam.authorize(caller, action, arn, {
                context: { "kms:ViaService": `s3.${region}.amazonaws.com` },
                code: "AccessDenied",
            });
        },
    };
}
