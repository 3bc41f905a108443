import type {
    DeleteBucketEncryptionCommandInput,
    DeleteBucketEncryptionCommandOutput,
    DeleteBucketLifecycleCommandInput,
    DeleteBucketLifecycleCommandOutput,
    DeleteBucketOwnershipControlsCommandInput,
    DeleteBucketOwnershipControlsCommandOutput,
    DeleteBucketPolicyCommandInput,
    DeleteBucketPolicyCommandOutput,
    DeleteBucketTaggingCommandInput,
    DeleteBucketTaggingCommandOutput,
    DeletePublicAccessBlockCommandInput,
    DeletePublicAccessBlockCommandOutput,
    GetBucketEncryptionCommandInput,
    GetBucketEncryptionCommandOutput,
    GetBucketLifecycleConfigurationCommandInput,
    GetBucketLifecycleConfigurationCommandOutput,
    GetBucketNotificationConfigurationCommandInput,
    GetBucketNotificationConfigurationCommandOutput,
    GetBucketOwnershipControlsCommandInput,
    GetBucketOwnershipControlsCommandOutput,
    GetBucketPolicyCommandInput,
    GetBucketPolicyCommandOutput,
    GetBucketTaggingCommandInput,
    GetBucketTaggingCommandOutput,
    GetBucketVersioningCommandInput,
    GetBucketVersioningCommandOutput,
    GetPublicAccessBlockCommandInput,
    GetPublicAccessBlockCommandOutput,
    PutBucketEncryptionCommandInput,
    PutBucketEncryptionCommandOutput,
    PutBucketLifecycleConfigurationCommandInput,
    PutBucketLifecycleConfigurationCommandOutput,
    PutBucketNotificationConfigurationCommandInput,
    PutBucketNotificationConfigurationCommandOutput,
    PutBucketOwnershipControlsCommandInput,
    PutBucketOwnershipControlsCommandOutput,
    PutBucketPolicyCommandInput,
    PutBucketPolicyCommandOutput,
    PutBucketTaggingCommandInput,
    PutBucketTaggingCommandOutput,
    PutBucketVersioningCommandInput,
    PutBucketVersioningCommandOutput,
    PutPublicAccessBlockCommandInput,
    PutPublicAccessBlockCommandOutput,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration,
} from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { parsePolicy } from "../iam";
import { AwsError, type Caller, type Operation } from "../service";
import type { Access } from "./access";
import type { Buckets } from "./buckets";
import { notImplemented } from "./errors";
import { checkedRules, transitionRules } from "./lifecycle-rules";
import type { Notifications } from "./notifications";
import type { StoredObject } from "./versions";

export interface DocumentOperations {
    PutBucketEncryption: Operation<PutBucketEncryptionCommandInput, PutBucketEncryptionCommandOutput>;
    GetBucketEncryption: Operation<GetBucketEncryptionCommandInput, GetBucketEncryptionCommandOutput>;
    DeleteBucketEncryption: Operation<DeleteBucketEncryptionCommandInput, DeleteBucketEncryptionCommandOutput>;
    PutBucketLifecycleConfiguration: Operation<
        PutBucketLifecycleConfigurationCommandInput,
        PutBucketLifecycleConfigurationCommandOutput
    >;
    GetBucketLifecycleConfiguration: Operation<
        GetBucketLifecycleConfigurationCommandInput,
        GetBucketLifecycleConfigurationCommandOutput
    >;
    DeleteBucketLifecycle: Operation<DeleteBucketLifecycleCommandInput, DeleteBucketLifecycleCommandOutput>;
    PutBucketOwnershipControls: Operation<
        PutBucketOwnershipControlsCommandInput,
        PutBucketOwnershipControlsCommandOutput
    >;
    GetBucketOwnershipControls: Operation<
        GetBucketOwnershipControlsCommandInput,
        GetBucketOwnershipControlsCommandOutput
    >;
    DeleteBucketOwnershipControls: Operation<
        DeleteBucketOwnershipControlsCommandInput,
        DeleteBucketOwnershipControlsCommandOutput
    >;
    PutPublicAccessBlock: Operation<PutPublicAccessBlockCommandInput, PutPublicAccessBlockCommandOutput>;
    GetPublicAccessBlock: Operation<GetPublicAccessBlockCommandInput, GetPublicAccessBlockCommandOutput>;
    DeletePublicAccessBlock: Operation<DeletePublicAccessBlockCommandInput, DeletePublicAccessBlockCommandOutput>;
    PutBucketTagging: Operation<PutBucketTaggingCommandInput, PutBucketTaggingCommandOutput>;
    GetBucketTagging: Operation<GetBucketTaggingCommandInput, GetBucketTaggingCommandOutput>;
    DeleteBucketTagging: Operation<DeleteBucketTaggingCommandInput, DeleteBucketTaggingCommandOutput>;
    PutBucketPolicy: Operation<PutBucketPolicyCommandInput, PutBucketPolicyCommandOutput>;
    GetBucketPolicy: Operation<GetBucketPolicyCommandInput, GetBucketPolicyCommandOutput>;
    DeleteBucketPolicy: Operation<DeleteBucketPolicyCommandInput, DeleteBucketPolicyCommandOutput>;
    PutBucketVersioning: Operation<PutBucketVersioningCommandInput, PutBucketVersioningCommandOutput>;
    GetBucketVersioning: Operation<GetBucketVersioningCommandInput, GetBucketVersioningCommandOutput>;
    PutBucketNotificationConfiguration: Operation<
        PutBucketNotificationConfigurationCommandInput,
        PutBucketNotificationConfigurationCommandOutput
    >;
    GetBucketNotificationConfiguration: Operation<
        GetBucketNotificationConfigurationCommandInput,
        GetBucketNotificationConfigurationCommandOutput
    >;
}

interface BucketInput {
    readonly Bucket?: string;
}

/** The documents of a bucket that are stored and given back; who acts on them reads them from {@link Buckets}. */
export function documentOperations(
    { store, report }: TwinContext,
    { buckets, access, notifications }: { buckets: Buckets; access: Access; notifications: Notifications },
): DocumentOperations {
    async function put(
        input: BucketInput,
        caller: Caller,
        action: string,
        name: string,
        document?: object,
    ): Promise<object> {
        const bucket = authorized(input, caller, action);
        if (document === undefined) throw new AwsError("MalformedXML", `The request has no ${name} document.`);
        await store.commit(() => buckets.putDocument(buckets.require(bucket), name, document));
        return {};
    }

    function get<Document>(input: BucketInput, caller: Caller, action: string, name: string): Document | undefined {
        return buckets.document<Document>(authorized(input, caller, action), name);
    }

    async function remove(input: BucketInput, caller: Caller, action: string, name: string): Promise<object> {
        const bucket = authorized(input, caller, action);
        await store.commit(() => buckets.deleteDocument(bucket, name));
        return {};
    }

    function authorized({ Bucket }: BucketInput, caller: Caller, action: string): string {
        const bucket = buckets.require(Bucket);
        access.bucket(caller, action, bucket);
        return bucket;
    }

    return {
        PutBucketEncryption: (input, caller) =>
            put(input, caller, "s3:PutEncryptionConfiguration", "encryption", input.ServerSideEncryptionConfiguration),
        async GetBucketEncryption(input, caller) {
            const stored = get<ServerSideEncryptionConfiguration>(
                input,
                caller,
                "s3:GetEncryptionConfiguration",
                "encryption",
            );
            return { ServerSideEncryptionConfiguration: stored ?? { Rules: [defaultRule] } };
        },
        DeleteBucketEncryption: (input, caller) => remove(input, caller, "s3:PutEncryptionConfiguration", "encryption"),

        async PutBucketLifecycleConfiguration(input, caller) {
            authorized(input, caller, "s3:PutLifecycleConfiguration");
            const TransitionDefaultMinimumObjectSize =
                input.TransitionDefaultMinimumObjectSize ?? "all_storage_classes_128K";
            const Rules = checkedRules(input.LifecycleConfiguration?.Rules ?? []);
            const document = { Rules, TransitionDefaultMinimumObjectSize };
            await put(input, caller, "s3:PutLifecycleConfiguration", "lifecycle", document);
            const transitions = transitionRules(Rules);
            if (transitions.length > 0) {
                report({
                    level: "warning",
                    source: "s3",
                    message: `Bucket ${input.Bucket}: the local twin has one storage class, so it leaves out the transitions of the lifecycle rules ${transitions.join(", ")}.`,
                });
            }
            return { TransitionDefaultMinimumObjectSize };
        },
        GetBucketLifecycleConfiguration: async (input, caller) =>
            found(
                input,
                get(input, caller, "s3:GetLifecycleConfiguration", "lifecycle"),
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist",
            ),
        DeleteBucketLifecycle: (input, caller) => remove(input, caller, "s3:PutLifecycleConfiguration", "lifecycle"),

        PutBucketOwnershipControls: (input, caller) =>
            put(input, caller, "s3:PutBucketOwnershipControls", "ownership", input.OwnershipControls),
        GetBucketOwnershipControls: async (input, caller) => ({
            OwnershipControls: found(
                input,
                get(input, caller, "s3:GetBucketOwnershipControls", "ownership"),
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
            ),
        }),
        DeleteBucketOwnershipControls: (input, caller) =>
            remove(input, caller, "s3:PutBucketOwnershipControls", "ownership"),

        PutPublicAccessBlock: (input, caller) =>
            put(input, caller, "s3:PutBucketPublicAccessBlock", "publicAccess", input.PublicAccessBlockConfiguration),
        GetPublicAccessBlock: async (input, caller) => ({
            PublicAccessBlockConfiguration: found(
                input,
                get(input, caller, "s3:GetBucketPublicAccessBlock", "publicAccess"),
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
            ),
        }),
        DeletePublicAccessBlock: (input, caller) =>
            remove(input, caller, "s3:PutBucketPublicAccessBlock", "publicAccess"),

        PutBucketTagging: (input, caller) => put(input, caller, "s3:PutBucketTagging", "tagging", input.Tagging),
        GetBucketTagging: async (input, caller) =>
            found(
                input,
                get(input, caller, "s3:GetBucketTagging", "tagging"),
                "NoSuchTagSet",
                "The TagSet does not exist",
            ),
        DeleteBucketTagging: (input, caller) => remove(input, caller, "s3:PutBucketTagging", "tagging"),

        async PutBucketPolicy(input, caller) {
            const { Policy = "" } = input;
            try {
                parsePolicy(Policy, "resource");
            } catch (error) {
                const malformed = error instanceof AwsError && error.code === "MalformedPolicyDocument";
                throw malformed ? new AwsError("MalformedPolicy", error.message) : error;
            }
            return put(input, caller, "s3:PutBucketPolicy", "policy", { Policy });
        },
        GetBucketPolicy: async (input, caller) =>
            found(
                input,
                get(input, caller, "s3:GetBucketPolicy", "policy"),
                "NoSuchBucketPolicy",
                "The bucket policy does not exist",
            ),
        DeleteBucketPolicy: (input, caller) => remove(input, caller, "s3:DeleteBucketPolicy", "policy"),

        async PutBucketVersioning(input, caller) {
            const { Status, MFADelete } = input.VersioningConfiguration ?? {};
            if (Status !== "Enabled" && Status !== "Suspended") {
                throw new AwsError(
                    "IllegalVersioningConfigurationException",
                    "The Versioning element must be specified",
                );
            }
            if (MFADelete === "Enabled") throw notImplemented("deletion with multi-factor authentication");
            return put(input, caller, "s3:PutBucketVersioning", "versioning", { Status });
        },
        GetBucketVersioning: async (input, caller) =>
            get<GetBucketVersioningCommandOutput>(input, caller, "s3:GetBucketVersioning", "versioning") ?? {},

        async PutBucketNotificationConfiguration(input, caller) {
            const bucket = authorized(input, caller, "s3:PutBucketNotification");
            const checked = await notifications.checked(
                bucket,
                input.NotificationConfiguration ?? {},
                input.SkipDestinationValidation !== true,
            );
            return put(input, caller, "s3:PutBucketNotification", "notification", checked);
        },
        GetBucketNotificationConfiguration: async (input, caller) =>
            get<GetBucketNotificationConfigurationCommandOutput>(
                input,
                caller,
                "s3:GetBucketNotification",
                "notification",
            ) ?? {},
    };
}

const defaultRule = {
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const },
    BucketKeyEnabled: false,
};

/** How a bucket encrypts what is put without saying how. */
export function bucketEncryption(buckets: Pick<Buckets, "document">, bucket: string): StoredObject["encryption"] {
    const stored = buckets.document<ServerSideEncryptionConfiguration>(bucket, "encryption");
    const rule: ServerSideEncryptionByDefault | undefined = stored?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    return {
        algorithm: rule?.SSEAlgorithm ?? "AES256",
        keyArn: rule?.KMSMasterKeyID,
        bucketKey: stored?.Rules?.[0]?.BucketKeyEnabled,
    };
}

function found<Document>(
    { Bucket }: BucketInput,
    document: Document | undefined,
    code: string,
    message: string,
): Document {
    if (document === undefined) throw new AwsError(code, message, 404, { BucketName: Bucket });
    return document;
}
