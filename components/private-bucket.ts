import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { newResource } from "./new-resource";
import { type Transform, transformed } from "./transform";

export interface PrivateBucketOptions {
    readonly parent: pulumi.Resource;
    /** Days after which objects are deleted, all or by what their keys begin with; undefined keeps them. */
    readonly expireAfterDays?: number | Readonly<Record<string, number>>;
    /** Keeps earlier versions of objects for so many days; undefined keeps no versions. */
    readonly keepVersionsDays?: number;
    /** Of the prefixes in `expireAfterDays`, those whose objects are written again and again: versions go after a day. */
    readonly rewritten?: readonly string[];
    /** ARN of a KMS key. @default a key of S3's */
    readonly encryption?: pulumi.Input<string>;
    readonly transform?: Transform<aws.s3.BucketArgs>;
}

/** A bucket and what makes it private: encrypted, closed to the public, expiring. */
export interface PrivateBucket {
    readonly bucket: aws.s3.Bucket;
    /** Depend on these before objects are written. */
    readonly settings: readonly pulumi.Resource[];
}

/** Creates a bucket that is encrypted, closed to the public, and forgets what is old. */
export function privateBucket(name: string, options: PrivateBucketOptions): PrivateBucket {
    const { parent, expireAfterDays, keepVersionsDays, rewritten = [], encryption: key } = options;
    const child = { parent };
    const bucket = newResource(aws.s3.Bucket, name, transformed({}, options.transform), child);
    const encryption = newResource(
        aws.s3.BucketServerSideEncryptionConfiguration,
        `${name}-encryption`,
        {
            bucket: bucket.bucket,
            rules: [
                key === undefined
                    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
                    : {
                          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key },
                          // One request to KMS for many objects.
                          bucketKeyEnabled: true,
                      },
            ],
        },
        child,
    );
    const publicAccess = newResource(
        aws.s3.BucketPublicAccessBlock,
        `${name}-public-access`,
        {
            bucket: bucket.bucket,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        },
        child,
    );
    const settings: pulumi.Resource[] = [encryption, publicAccess];
    let versioning: aws.s3.BucketVersioning | undefined;
    if (keepVersionsDays !== undefined) {
        versioning = newResource(
            aws.s3.BucketVersioning,
            `${name}-versioning`,
            { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
            child,
        );
        settings.push(versioning);
    }
    const lifecycle = newResource(
        aws.s3.BucketLifecycleConfiguration,
        `${name}-lifecycle`,
        {
            bucket: bucket.bucket,
            rules: [
                {
                    id: "expire",
                    status: "Enabled",
                    filter: {},
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
                    ...(typeof expireAfterDays === "number" ? { expiration: { days: expireAfterDays } } : {}),
                    ...(keepVersionsDays === undefined
                        ? {}
                        : { noncurrentVersionExpiration: { noncurrentDays: keepVersionsDays } }),
                },
                ...(typeof expireAfterDays === "object" ? Object.entries(expireAfterDays) : []).map(
                    ([prefix, days]) => ({
                        id: `expire-${prefix.replace(/\/$/, "")}`,
                        status: "Enabled",
                        filter: { prefix },
                        expiration: { days },
                        ...(rewritten.includes(prefix) ? { noncurrentVersionExpiration: { noncurrentDays: 1 } } : {}),
                    }),
                ),
            ],
        },
        // Rules for earlier versions need versioning to be on.
        { parent, dependsOn: versioning === undefined ? [] : [versioning] },
    );
    settings.push(lifecycle);
    return { bucket, settings };
}
