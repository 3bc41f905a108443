import { readFile } from "node:fs/promises";
import { partition, root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { type ResourceType, resourceType } from "../provider/resource-type";
import { type ArgumentsOf, asset, chosen, flag, mapOf, recordedOnly, required, text } from "../provider/shape";
import type { Properties } from "../values";
import * as values from "../values";
import { deleteVersions } from "./s3-versions";
import { tagMap } from "./tags";

const notEncrypted = "the twin's store is not encrypted";

const objectArguments = {
    bucket: required(text),
    key: text,
    content: text,
    contentBase64: text,
    source: asset,
    sourceHash: text,
    etag: chosen(text),
    contentType: text,
    contentEncoding: text,
    contentDisposition: text,
    contentLanguage: text,
    cacheControl: text,
    metadata: mapOf(text),
    forceDestroy: flag,
    serverSideEncryption: recordedOnly(text, notEncrypted),
    kmsKeyId: recordedOnly(text, notEncrypted),
    bucketKeyEnabled: recordedOnly(flag, notEncrypted),
    tags: mapOf(text),
};

type ObjectArguments = ArgumentsOf<typeof objectArguments>;

function objectType(type: string): ResourceType {
    return resourceType({
        type,
        arguments: objectArguments,
        replacedBy: ["bucket", "key"],
        naming: { property: "key", maximum: 1024, exact: true },
        identity: ["bucket", "key"],
        changedByUpdate: ["etag", "versionId"],
        assumed: { contentType: "application/octet-stream", metadata: {} },

        validate({ content, contentBase64, source }) {
            const given = [content, contentBase64, source].filter((each) => each !== undefined).length;
            const reason = "contradicts another one: give one of content, contentBase64 and source";
            return given > 1 ? [{ property: "content", reason }] : [];
        },

        async create(inputs, { services: { s3 } }) {
            return { id: `${inputs.bucket}/${inputs.key}`, outputs: await put(s3, inputs) };
        },
        async read(id, { services: { s3 } }) {
            const Bucket = id.slice(0, id.indexOf("/"));
            const Key = id.slice(Bucket.length + 1);
            const found = await foundOrUndefined(["NoSuchBucket", "NoSuchKey", "NotFound"], () =>
                s3.operations.HeadObject({ Bucket, Key }, root),
            );
            if (found === undefined) return undefined;
            return {
                bucket: Bucket,
                key: Key,
                contentType: found.ContentType,
                contentEncoding: found.ContentEncoding,
                contentDisposition: found.ContentDisposition,
                contentLanguage: found.ContentLanguage,
                cacheControl: found.CacheControl,
                metadata: found.Metadata,
                tags: tagMap((await s3.operations.GetObjectTagging({ Bucket, Key }, root)).TagSet),
                ...computed({ bucket: Bucket, key: Key }, found),
            };
        },
        update: (_, inputs, { services: { s3 } }) => put(s3, inputs),
        async delete({ inputs }, { services: { s3 } }) {
            await unlessMissing(["NoSuchBucket"], () => deleteVersions(s3, inputs.bucket, inputs.key));
        },
    });
}

async function put(s3: Services["s3"], inputs: ObjectArguments) {
    const tagging = new URLSearchParams(inputs.tags).toString();
    const made = await s3.operations.PutObject(
        {
            Bucket: inputs.bucket,
            Key: inputs.key,
            Body: await body(inputs),
            ContentType: inputs.contentType,
            ContentEncoding: inputs.contentEncoding,
            ContentDisposition: inputs.contentDisposition,
            ContentLanguage: inputs.contentLanguage,
            CacheControl: inputs.cacheControl,
            Metadata: inputs.metadata === undefined ? undefined : { ...inputs.metadata },
            ...(tagging === "" ? {} : { Tagging: tagging }),
        },
        root,
    );
    return computed(inputs, made);
}

function computed({ bucket, key }: { bucket: string; key?: string }, made: { ETag?: string; VersionId?: string }) {
    return {
        arn: `arn:${partition}:s3:::${bucket}/${key}`,
        etag: made.ETag?.replaceAll('"', ""),
        versionId: made.VersionId,
    };
}

async function body({ content, contentBase64, source }: ObjectArguments): Promise<Buffer> {
    if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
    return source === undefined ? Buffer.from(content ?? "") : assetContent(source);
}

async function assetContent(source: Properties): Promise<Buffer> {
    const path = values.text(source.path);
    return path === undefined ? Buffer.from(values.text(source.text) ?? "") : readFile(path);
}

export const bucketObject = objectType("aws:s3/bucketObject:BucketObject");
export const bucketObjectV2 = objectType("aws:s3/bucketObjectv2:BucketObjectv2");
