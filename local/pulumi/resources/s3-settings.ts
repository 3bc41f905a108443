// The settings of a bucket.

import { root } from "../../aws/service";
import type { ResourceType } from "../provider/resource-type";
import { document, flag, listOf, object, oneOf, required, text } from "../provider/shape";
import { lifecycle } from "./s3-lifecycle";
import { notification } from "./s3-notification";
import { bucketSetting } from "./s3-setting";

const publicAccessBlock = bucketSetting({
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    arguments: {
        blockPublicAcls: flag,
        blockPublicPolicy: flag,
        ignorePublicAcls: flag,
        restrictPublicBuckets: flag,
    },
    put: (s3, inputs) =>
        s3.operations.PutPublicAccessBlock(
            {
                Bucket: inputs.bucket,
                PublicAccessBlockConfiguration: {
                    BlockPublicAcls: inputs.blockPublicAcls ?? false,
                    BlockPublicPolicy: inputs.blockPublicPolicy ?? false,
                    IgnorePublicAcls: inputs.ignorePublicAcls ?? false,
                    RestrictPublicBuckets: inputs.restrictPublicBuckets ?? false,
                },
            },
            root,
        ),
    async get(s3, Bucket) {
        const found = await s3.operations.GetPublicAccessBlock({ Bucket }, root);
        const block = found.PublicAccessBlockConfiguration;
        return {
            blockPublicAcls: block?.BlockPublicAcls,
            blockPublicPolicy: block?.BlockPublicPolicy,
            ignorePublicAcls: block?.IgnorePublicAcls,
            restrictPublicBuckets: block?.RestrictPublicBuckets,
        };
    },
    remove: (s3, Bucket) => s3.operations.DeletePublicAccessBlock({ Bucket }, root),
});

const encryption = bucketSetting({
    type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    arguments: {
        rules: required(
            listOf(
                object({
                    applyServerSideEncryptionByDefault: object({
                        sseAlgorithm: required(oneOf("AES256", "aws:kms", "aws:kms:dsse")),
                        kmsMasterKeyId: text,
                    }),
                    bucketKeyEnabled: flag,
                }),
            ),
        ),
    },
    put: (s3, inputs) =>
        s3.operations.PutBucketEncryption(
            {
                Bucket: inputs.bucket,
                ServerSideEncryptionConfiguration: {
                    Rules: inputs.rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
                        BucketKeyEnabled: bucketKeyEnabled,
                        ...(byDefault === undefined
                            ? {}
                            : {
                                  ApplyServerSideEncryptionByDefault: {
                                      SSEAlgorithm: byDefault.sseAlgorithm,
                                      KMSMasterKeyID: byDefault.kmsMasterKeyId,
                                  },
                              }),
                    })),
                },
            },
            root,
        ),
    async get(s3, Bucket) {
        const found = await s3.operations.GetBucketEncryption({ Bucket }, root);
        const rules = found.ServerSideEncryptionConfiguration?.Rules?.map((rule) => ({
            applyServerSideEncryptionByDefault: {
                sseAlgorithm: rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
                kmsMasterKeyId: rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
            },
            bucketKeyEnabled: rule.BucketKeyEnabled,
        }));
        return { rules };
    },
    remove: (s3, Bucket) => s3.operations.DeleteBucketEncryption({ Bucket }, root),
});

const versioning = bucketSetting({
    type: "aws:s3/bucketVersioning:BucketVersioning",
    arguments: {
        versioningConfiguration: required(object({ status: required(oneOf("Enabled", "Suspended", "Disabled")) })),
    },
    async put(s3, { bucket: Bucket, versioningConfiguration: { status } }) {
        // "Disabled" is the provider's word for a bucket that never had versioning.
        if (status === "Disabled") return;
        await s3.operations.PutBucketVersioning({ Bucket, VersioningConfiguration: { Status: status } }, root);
    },
    async get(s3, Bucket) {
        const { Status = "Disabled" } = await s3.operations.GetBucketVersioning({ Bucket }, root);
        return { versioningConfiguration: { status: Status } };
    },
    remove: (s3, Bucket) =>
        s3.operations.PutBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Suspended" } }, root),
});

const ownership = bucketSetting({
    type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    arguments: {
        rule: required(
            object({
                objectOwnership: required(oneOf("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")),
            }),
        ),
    },
    put: (s3, { bucket: Bucket, rule: { objectOwnership } }) =>
        s3.operations.PutBucketOwnershipControls(
            { Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: objectOwnership }] } },
            root,
        ),
    async get(s3, Bucket) {
        const { OwnershipControls } = await s3.operations.GetBucketOwnershipControls({ Bucket }, root);
        return { rule: { objectOwnership: OwnershipControls?.Rules?.[0]?.ObjectOwnership } };
    },
    remove: (s3, Bucket) => s3.operations.DeleteBucketOwnershipControls({ Bucket }, root),
});

const policy = bucketSetting({
    type: "aws:s3/bucketPolicy:BucketPolicy",
    arguments: { policy: required(document) },
    put: (s3, { bucket: Bucket, policy: Policy }) =>
        s3.operations.PutBucketPolicy(
            { Bucket, Policy: typeof Policy === "string" ? Policy : JSON.stringify(Policy) },
            root,
        ),
    async get(s3, Bucket) {
        const { Policy } = await s3.operations.GetBucketPolicy({ Bucket }, root);
        return { policy: Policy };
    },
    remove: (s3, Bucket) => s3.operations.DeleteBucketPolicy({ Bucket }, root),
});

export const bucketSettings: readonly ResourceType[] = [
    publicAccessBlock,
    encryption,
    versioning,
    ownership,
    policy,
    notification,
    lifecycle,
];
