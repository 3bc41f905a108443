// The settings of a bucket, each a resource of its own: one of a kind for a bucket.

import type { LifecycleRule as LifecycleRuleFound } from "@aws-sdk/client-s3";
import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { type ResourceType, resourceType } from "../provider/resource-type";
import {
    type ArgumentsOf,
    document,
    flag,
    listOf,
    type Members,
    mapOf,
    number,
    object,
    oneOf,
    recordedOnly,
    required,
    text,
} from "../provider/shape";

type S3 = Services["s3"];

interface Setting<M extends Members> {
    readonly type: string;
    readonly arguments: M;
    put(s3: S3, inputs: ArgumentsOf<M & BucketOnly>): Promise<unknown>;
    /** The setting as it is, undefined when the bucket has none. */
    get(s3: S3, Bucket: string): Promise<Readonly<Record<string, unknown>> | undefined>;
    remove(s3: S3, Bucket: string): Promise<unknown>;
}

const missing = [
    "NoSuchBucket",
    "NoSuchPublicAccessBlockConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
];

const bucketOnly = { bucket: required(text) };
type BucketOnly = typeof bucketOnly;

/** A setting belongs to its bucket: the bucket's name is its id, and going to another bucket replaces it. */
function bucketSetting<const M extends Members>({ type, arguments: own, put, get, remove }: Setting<M>): ResourceType {
    const members: Members = { ...own, ...bucketOnly };
    const typed = (inputs: ArgumentsOf<Members>) => inputs as ArgumentsOf<M & BucketOnly>;
    return resourceType({
        type,
        arguments: members,
        replacedBy: ["bucket"],
        identity: ["bucket"],
        async create(inputs, { services: { s3 } }) {
            await put(s3, typed(inputs));
            return { id: String(inputs.bucket), outputs: {} };
        },
        async read(id, { services: { s3 } }) {
            const found = await foundOrUndefined(missing, () => get(s3, id));
            return found && { bucket: id, ...found };
        },
        async update(_, inputs, { services: { s3 } }) {
            await put(s3, typed(inputs));
            return {};
        },
        async delete({ id }, { services: { s3 } }) {
            await unlessMissing(["NoSuchBucket"], () => remove(s3, id));
        },
    });
}

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

const notified = { id: text, events: required(listOf(text)), filterPrefix: text, filterSuffix: text };

const notification = bucketSetting({
    type: "aws:s3/bucketNotification:BucketNotification",
    arguments: {
        eventbridge: flag,
        lambdaFunctions: listOf(object({ ...notified, lambdaFunctionArn: required(text) })),
        queues: listOf(object({ ...notified, queueArn: required(text) })),
        topics: listOf(object({ ...notified, topicArn: required(text) })),
    },
    put: (s3, { bucket: Bucket, eventbridge, lambdaFunctions, queues, topics }) =>
        s3.operations.PutBucketNotificationConfiguration(
            {
                Bucket,
                NotificationConfiguration: {
                    LambdaFunctionConfigurations: lambdaFunctions?.map((target) => ({
                        ...notificationInput(target),
                        LambdaFunctionArn: target.lambdaFunctionArn,
                    })),
                    QueueConfigurations: queues?.map((target) => ({
                        ...notificationInput(target),
                        QueueArn: target.queueArn,
                    })),
                    TopicConfigurations: topics?.map((target) => ({
                        ...notificationInput(target),
                        TopicArn: target.topicArn,
                    })),
                    ...(eventbridge === true ? { EventBridgeConfiguration: {} } : {}),
                },
            },
            root,
        ),
    async get(s3, Bucket) {
        const found = await s3.operations.GetBucketNotificationConfiguration({ Bucket }, root);
        const { LambdaFunctionConfigurations = [] } = found;
        if (LambdaFunctionConfigurations.length === 0) return undefined;
        const lambdaFunctions = LambdaFunctionConfigurations.map((target) => ({
            id: target.Id,
            lambdaFunctionArn: target.LambdaFunctionArn,
            events: target.Events,
            ...filterOf(target.Filter?.Key?.FilterRules ?? []),
        }));
        return { lambdaFunctions };
    },
    remove: (s3, Bucket) =>
        s3.operations.PutBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }, root),
});

function notificationInput(target: ArgumentsOf<typeof notified>) {
    return {
        Id: target.id,
        // The service knows which events there are, and refuses others.
        Events: [...target.events] as never[],
        ...filter(target),
    };
}

function filter({ filterPrefix, filterSuffix }: { readonly filterPrefix?: string; readonly filterSuffix?: string }) {
    const FilterRules = [
        ...(filterPrefix === undefined ? [] : [{ Name: "prefix" as const, Value: filterPrefix }]),
        ...(filterSuffix === undefined ? [] : [{ Name: "suffix" as const, Value: filterSuffix }]),
    ];
    return FilterRules.length === 0 ? {} : { Filter: { Key: { FilterRules } } };
}

function filterOf(rules: readonly { readonly Name?: string; readonly Value?: string }[]) {
    const value = (name: string) => rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value;
    return { filterPrefix: value("prefix"), filterSuffix: value("suffix") };
}

const tag = { key: required(text), value: required(text) };
const sizes = { objectSizeGreaterThan: number, objectSizeLessThan: number };

const lifecycleRule = object({
    id: required(text),
    status: required(oneOf("Enabled", "Disabled")),
    prefix: text,
    filter: object({
        prefix: text,
        tag: object(tag),
        ...sizes,
        and: object({ prefix: text, tags: mapOf(text), ...sizes }),
    }),
    expiration: object({ days: number, date: text, expiredObjectDeleteMarker: flag }),
    noncurrentVersionExpiration: object({ noncurrentDays: number, newerNoncurrentVersions: number }),
    abortIncompleteMultipartUpload: object({ daysAfterInitiation: number }),
    transitions: recordedOnly(
        listOf(object({ days: number, date: text, storageClass: required(text) })),
        "the twin has one storage class",
    ),
    noncurrentVersionTransitions: recordedOnly(
        listOf(object({ noncurrentDays: number, newerNoncurrentVersions: number, storageClass: required(text) })),
        "the twin has one storage class",
    ),
});

type LifecycleRule = typeof lifecycleRule extends { readonly example?: infer T } ? NonNullable<T> : never;

const lifecycle = bucketSetting({
    type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    arguments: { rules: required(listOf(lifecycleRule)), transitionDefaultMinimumObjectSize: text },
    put: (s3, { bucket: Bucket, rules }) =>
        s3.operations.PutBucketLifecycleConfiguration(
            { Bucket, LifecycleConfiguration: { Rules: rules.map(lifecycleRuleInput) } },
            root,
        ),
    async get(s3, Bucket) {
        const { Rules } = await s3.operations.GetBucketLifecycleConfiguration({ Bucket }, root);
        return { rules: Rules?.map(lifecycleRuleOf) };
    },
    remove: (s3, Bucket) => s3.operations.DeleteBucketLifecycle({ Bucket }, root),
});

function lifecycleRuleInput(rule: LifecycleRule) {
    const { expiration, noncurrentVersionExpiration: noncurrent, abortIncompleteMultipartUpload: abort } = rule;
    return {
        ID: rule.id,
        Status: rule.status,
        ...(rule.prefix === undefined ? { Filter: lifecycleFilter(rule.filter ?? {}) } : { Prefix: rule.prefix }),
        ...(expiration === undefined
            ? {}
            : {
                  Expiration: {
                      Days: expiration.days,
                      Date: expiration.date === undefined ? undefined : new Date(expiration.date),
                      ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
                  },
              }),
        ...(noncurrent === undefined
            ? {}
            : {
                  NoncurrentVersionExpiration: {
                      NoncurrentDays: noncurrent.noncurrentDays,
                      NewerNoncurrentVersions: noncurrent.newerNoncurrentVersions,
                  },
              }),
        ...(abort === undefined
            ? {}
            : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort.daysAfterInitiation } }),
    };
}

function lifecycleRuleOf(rule: LifecycleRuleFound) {
    const { Filter: found, Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = rule;
    const sizes = (of: { ObjectSizeGreaterThan?: number; ObjectSizeLessThan?: number } | undefined) => ({
        objectSizeGreaterThan: of?.ObjectSizeGreaterThan,
        objectSizeLessThan: of?.ObjectSizeLessThan,
    });
    return {
        id: rule.ID,
        status: rule.Status,
        prefix: rule.Prefix,
        filter: found && {
            prefix: found.Prefix,
            tag: found.Tag && { key: found.Tag.Key, value: found.Tag.Value },
            ...sizes(found),
            and: found.And && {
                prefix: found.And.Prefix,
                tags: found.And.Tags && Object.fromEntries(found.And.Tags.map(({ Key, Value }) => [Key, Value])),
                ...sizes(found.And),
            },
        },
        expiration: Expiration && {
            days: Expiration.Days,
            date: Expiration.Date,
            expiredObjectDeleteMarker: Expiration.ExpiredObjectDeleteMarker,
        },
        noncurrentVersionExpiration: NoncurrentVersionExpiration && {
            noncurrentDays: NoncurrentVersionExpiration.NoncurrentDays,
            newerNoncurrentVersions: NoncurrentVersionExpiration.NewerNoncurrentVersions,
        },
        abortIncompleteMultipartUpload: AbortIncompleteMultipartUpload && {
            daysAfterInitiation: AbortIncompleteMultipartUpload.DaysAfterInitiation,
        },
    };
}

function lifecycleFilter(filter: NonNullable<LifecycleRule["filter"]>) {
    const { and, tag: only } = filter;
    return {
        ...(filter.prefix === undefined ? {} : { Prefix: filter.prefix }),
        ...(only === undefined ? {} : { Tag: { Key: only.key, Value: only.value } }),
        ...bounds(filter),
        ...(and === undefined
            ? {}
            : {
                  And: {
                      Prefix: and.prefix,
                      Tags: Object.entries(and.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
                      ...bounds(and),
                  },
              }),
    };
}

function bounds(of: { readonly objectSizeGreaterThan?: number; readonly objectSizeLessThan?: number }) {
    return {
        ...(of.objectSizeGreaterThan === undefined ? {} : { ObjectSizeGreaterThan: of.objectSizeGreaterThan }),
        ...(of.objectSizeLessThan === undefined ? {} : { ObjectSizeLessThan: of.objectSizeLessThan }),
    };
}

export const bucketSettings: readonly ResourceType[] = [
    publicAccessBlock,
    encryption,
    versioning,
    ownership,
    policy,
    notification,
    lifecycle,
];
