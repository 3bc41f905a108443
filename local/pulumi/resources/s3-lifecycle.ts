import type { LifecycleRule as LifecycleRuleFound } from "@aws-sdk/client-s3";
import { root } from "../../aws/service";
import { flag, listOf, mapOf, number, object, oneOf, recordedOnly, required, text } from "../provider/shape";
import { bucketSetting } from "./s3-setting";
import { tagList } from "./tags";

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

/** When objects, versions and unfinished uploads of a bucket go. */
export const lifecycle = bucketSetting({
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
                      Tags: tagList(and.tags),
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
