import { createHash } from "node:crypto";
import { createReadStream, openSync } from "node:fs";
import type { Readable } from "node:stream";
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
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import type { Access } from "./access";
import type { Bodies, StoredBody } from "./bodies";
import type { Buckets } from "./buckets";
import { verifyChecksums } from "./checksums";
import { type ByteRange, byteRange, checkRead, checkWrite } from "./conditions";
import type { Notifications, ObjectEvent } from "./notifications";
import { objectEncryption, objectHeaders, objectTags, refuseUnsupported } from "./properties";
import type { ObjectRows, StoredObject } from "./rows";

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

/** What the operations on objects share. */
export interface ObjectStore {
    readonly buckets: Buckets;
    readonly rows: ObjectRows;
    readonly bodies: Bodies;
    readonly access: Access;
    /** Makes an object exist, with its notifications, at once or not at all; resolves once it is on disk. */
    commit(
        object: StoredObject,
        event: ObjectEvent,
        caller: Caller,
        check?: (current?: StoredObject) => void,
    ): Promise<void>;
    remove(bucket: string, key: string, caller: Caller): Promise<void>;
}

export function createObjectStore(
    { store }: TwinContext,
    parts: Pick<ObjectStore, "buckets" | "rows" | "bodies" | "access"> & { notifications: Notifications },
): ObjectStore {
    const { buckets, rows, bodies, access, notifications } = parts;
    return {
        buckets,
        rows,
        bodies,
        access,
        async commit(object, event, caller, check) {
            let replaced: StoredObject | undefined;
            try {
                await store.commit(() => {
                    buckets.require(object.bucket);
                    replaced = rows.get(object.bucket, object.key);
                    check?.(replaced);
                    rows.put(object);
                    notifications.publish(event, object, caller);
                });
            } catch (error) {
                bodies.remove(object.body);
                throw error;
            }
            if (replaced !== undefined) bodies.remove(replaced.body);
        },
        async remove(bucket, key, caller) {
            let removed: StoredObject | undefined;
            await store.commit(() => {
                removed = rows.get(bucket, key);
                if (removed === undefined) return;
                rows.delete(bucket, key);
                notifications.publish("ObjectRemoved:Delete", removed, caller);
            });
            if (removed !== undefined) bodies.remove(removed.body);
        },
    };
}

/** An object as a request may see it: its row, and the part of its bytes that was asked for. */
export interface ReadObject {
    readonly object: StoredObject;
    readonly range: ByteRange | undefined;
    readonly output: Omit<GetObjectCommandOutput, "Body" | "$metadata">;
}

/** Finds an object for GetObject and HeadObject: permission, conditions, range. */
export function findObject(
    { buckets, rows, access }: ObjectStore,
    input: GetObjectCommandInput | HeadObjectCommandInput,
    caller: Caller,
): ReadObject {
    const bucket = buckets.require(input.Bucket);
    const key = input.Key ?? "";
    refuseUnsupported(input);
    access.object(caller, "s3:GetObject", bucket, key);
    const object = rows.get(bucket, key);
    if (object === undefined) throw access.missing(caller, bucket, key);
    checkRead(input, object);
    access.encryptionKey(caller, "kms:Decrypt", object.encryption);
    const range = byteRange(input.Range, object.size);
    const length = range === undefined ? object.size : range.end - range.start + 1;
    const tags = Object.keys(object.tags).length;
    return {
        object,
        range,
        output: {
            ...object.headers,
            AcceptRanges: "bytes",
            ContentLength: length,
            ContentRange: range && `bytes ${range.start}-${range.end}/${object.size}`,
            ETag: object.etag,
            LastModified: new Date(object.modified),
            Metadata: object.metadata,
            TagCount: tags === 0 ? undefined : tags,
            ...encryptionHeaders(object),
            // The checksum is of the whole object.
            ...(input.ChecksumMode === "ENABLED" && range === undefined ? object.checksums : {}),
        },
    };
}

/** An object's bytes for a response; a file is read as it is sent. */
export function objectContent({ bodies }: ObjectStore, { object, range }: ReadObject): Buffer | Readable {
    const file = bodies.path(object.body);
    // Opened at once: the object may be replaced, and its file deleted, while it is being sent.
    if (file !== undefined) return createReadStream(file, { ...range, fd: openSync(file, "r") });
    const bytes = bodies.read(object.body);
    return range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
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

/** @throws AwsError when a key is empty or longer than S3 takes. */
export function checkedKey(key: string | undefined): string {
    if (key === undefined || key === "") throw new AwsError("InvalidArgument", "The object key is empty.");
    const length = Buffer.byteLength(key);
    if (length > 1024) {
        throw new AwsError("KeyTooLongError", `Your key is too long: ${length} bytes; the maximum is 1024.`, 400, {
            Size: length,
            MaxSizeAllowed: 1024,
        });
    }
    return key;
}

export function encryptionHeaders({ encryption }: Pick<StoredObject, "encryption">) {
    return {
        ServerSideEncryption: encryption.algorithm as NonNullable<PutObjectCommandInput["ServerSideEncryption"]>,
        SSEKMSKeyId: encryption.keyArn,
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
