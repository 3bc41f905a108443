import { createHash } from "node:crypto";
import type {
    CopyObjectCommandInput,
    CopyObjectCommandOutput,
    DeleteObjectCommandInput,
    DeleteObjectCommandOutput,
    DeleteObjectsCommandInput,
    DeleteObjectsCommandOutput,
    GetObjectCommandInput,
    GetObjectCommandOutput,
    HeadObjectCommandInput,
    HeadObjectCommandOutput,
    PutObjectCommandInput,
    PutObjectCommandOutput,
} from "@aws-sdk/client-s3";
import { AwsError, type Operation } from "../service";
import type { StoredBody } from "./bodies";
import { verifyChecksums } from "./checksums";
import { checkRead, checkWrite } from "./conditions";
import type { ObjectStore } from "./object-store";
import {
    checkedKey,
    encryptionHeaders,
    objectEncryption,
    objectHeaders,
    objectTags,
    refuseUnsupported,
} from "./properties";
import { findObject } from "./reading";
import type { StoredObject } from "./rows";

export type PutObjectInput = Omit<PutObjectCommandInput, "Body"> & { Body?: Uint8Array | string };
export type GetObjectOutput = Omit<GetObjectCommandOutput, "Body"> & { Body: Buffer };

export interface ObjectOperations {
    PutObject: Operation<PutObjectInput, PutObjectCommandOutput>;
    GetObject: Operation<GetObjectCommandInput, GetObjectOutput>;
    HeadObject: Operation<HeadObjectCommandInput, HeadObjectCommandOutput>;
    DeleteObject: Operation<DeleteObjectCommandInput, DeleteObjectCommandOutput>;
    DeleteObjects: Operation<DeleteObjectsCommandInput, DeleteObjectsCommandOutput>;
    CopyObject: Operation<CopyObjectCommandInput, CopyObjectCommandOutput>;
}

export function objectOperations(objects: ObjectStore): ObjectOperations {
    const { buckets, rows, bodies, access } = objects;

    return {
        async PutObject(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            refuseUnsupported(input);
            access.object(caller, "s3:PutObject", bucket, key);
            const body = Buffer.from(input.Body ?? "");
            const tags = objectTags(input.Tagging);
            if (Object.keys(tags).length > 0) access.object(caller, "s3:PutObjectTagging", bucket, key);
            const encryption = objectEncryption(buckets, bucket, input);
            access.encryptionKey(caller, "kms:GenerateDataKey", encryption);
            const object: Omit<StoredObject, "body"> = {
                bucket,
                key,
                size: body.length,
                etag: `"${createHash("md5").update(body).digest("hex")}"`,
                modified: Date.now(),
                headers: objectHeaders(input),
                metadata: input.Metadata ?? {},
                tags,
                checksums: verifyChecksums(input, body),
                encryption,
            };
            const stored: StoredBody = await bodies.write(body);
            await objects.commit({ ...object, body: stored }, "ObjectCreated:Put", caller, (current) =>
                checkWrite(input, current),
            );
            return { ETag: object.etag, ...object.checksums, ...encryptionHeaders(object) };
        },

        async GetObject(input, caller) {
            const found = findObject(objects, input, caller);
            const bytes = bodies.read(found.object.body);
            const { range } = found;
            return { ...found.output, Body: range === undefined ? bytes : bytes.subarray(range.start, range.end + 1) };
        },

        HeadObject: async (input, caller) => findObject(objects, input, caller).output,

        async DeleteObject(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            refuseUnsupported(input);
            access.object(caller, "s3:DeleteObject", bucket, key);
            await objects.remove(bucket, key, caller);
            return {};
        },

        async DeleteObjects({ Bucket, Delete }, caller) {
            const bucket = buckets.require(Bucket);
            const keys = Delete?.Objects ?? [];
            if (keys.length === 0 || keys.length > 1000) {
                throw new AwsError("MalformedXML", `1 to 1000 objects can be deleted at once, not ${keys.length}.`);
            }
            const outcomes = await Promise.all(
                keys.map(async (entry) => {
                    try {
                        refuseUnsupported(entry);
                        const key = checkedKey(entry.Key);
                        access.object(caller, "s3:DeleteObject", bucket, key);
                        await objects.remove(bucket, key, caller);
                        return { deleted: { Key: key } };
                    } catch (error) {
                        if (!(error instanceof AwsError)) throw error;
                        return { failed: { Key: entry.Key, Code: error.code, Message: error.message } };
                    }
                }),
            );
            const deleted = outcomes.flatMap((outcome) => outcome.deleted ?? []);
            return {
                Deleted: Delete?.Quiet === true ? undefined : deleted,
                Errors: outcomes.flatMap((outcome) => outcome.failed ?? []),
            };
        },

        async CopyObject(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            refuseUnsupported(input);
            const from = copySource(input.CopySource ?? "");
            buckets.require(from.bucket);
            access.object(caller, "s3:GetObject", from.bucket, from.key);
            access.object(caller, "s3:PutObject", bucket, key);
            const source = rows.get(from.bucket, from.key);
            if (source === undefined) throw access.missing(caller, from.bucket, from.key);
            checkRead(
                {
                    IfMatch: input.CopySourceIfMatch,
                    IfNoneMatch: input.CopySourceIfNoneMatch,
                    IfModifiedSince: input.CopySourceIfModifiedSince,
                    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
                },
                source,
            );
            access.encryptionKey(caller, "kms:Decrypt", source.encryption);
            const encryption = objectEncryption(buckets, bucket, input);
            access.encryptionKey(caller, "kms:GenerateDataKey", encryption);
            const replace = input.MetadataDirective === "REPLACE";
            if (from.bucket === bucket && from.key === key && !replace && input.ServerSideEncryption === undefined) {
                throw new AwsError(
                    "InvalidRequest",
                    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
                );
            }
            const object: StoredObject = {
                ...source,
                bucket,
                key,
                modified: Date.now(),
                headers: replace ? objectHeaders(input) : source.headers,
                metadata: replace ? (input.Metadata ?? {}) : source.metadata,
                tags: input.TaggingDirective === "REPLACE" ? objectTags(input.Tagging) : source.tags,
                encryption,
                body: await bodies.copy(source.body),
            };
            await objects.commit(object, "ObjectCreated:Copy", caller, (current) => checkWrite(input, current));
            return {
                CopyObjectResult: {
                    ETag: object.etag,
                    LastModified: new Date(object.modified),
                    ...object.checksums,
                },
                ...encryptionHeaders(object),
            };
        },
    };
}

function copySource(source: string): { bucket: string; key: string } {
    const [path = "", version] = source.split("?versionId=");
    if (version !== undefined) refuseUnsupported({ VersionId: version });
    let decoded: string;
    try {
        decoded = decodeURIComponent(path).replace(/^\//, "");
    } catch {
        throw new AwsError("InvalidArgument", "The copy source is not percent-encoded UTF-8.");
    }
    const slash = decoded.indexOf("/");
    if (slash <= 0 || slash === decoded.length - 1) {
        throw new AwsError("InvalidArgument", `Invalid copy source: '${source}'. It is BUCKET/KEY, percent-encoded.`);
    }
    return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
}
