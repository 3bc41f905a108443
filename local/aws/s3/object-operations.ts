import { createHash } from "node:crypto";
import type {
    CopyObjectCommandInput,
    CopyObjectCommandOutput,
    DeletedObject,
    DeleteObjectCommandInput,
    DeleteObjectCommandOutput,
    DeleteObjectsCommandInput,
    DeleteObjectsCommandOutput,
    GetObjectCommandInput,
    GetObjectCommandOutput,
    HeadObjectCommandInput,
    HeadObjectCommandOutput,
    ObjectIdentifier,
    PutObjectCommandInput,
    PutObjectCommandOutput,
} from "@aws-sdk/client-s3";
import { AwsError, type Caller, type Operation } from "../service";
import type { StoredBody } from "./bodies";
import { checksumMembers, verifyChecksums } from "./checksums";
import { checkCopy, checkDelete, checkWrite } from "./conditions";
import { copiedVersion, copySource } from "./copy-source";
import { malformedXml, notImplemented } from "./errors";
import { checkLimits } from "./limits";
import type { NewObject, ObjectStore } from "./object-store";
import { checkedKey, encryptionHeaders, objectEncryption, objectHeaders, refuseUnsupported } from "./properties";
import { checkVersionId, findObject, versionAction } from "./reading";
import { headerTags } from "./tagging";
import type { StoredObject } from "./versions";

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
    const { buckets, bodies, access } = objects;

    async function remove(
        bucket: string,
        { Key, VersionId, ETag }: { Key?: string; VersionId?: string; ETag?: string },
        caller: Caller,
    ) {
        const key = checkedKey(Key);
        access.object(caller, versionAction("s3:DeleteObject", VersionId), bucket, key);
        if (VersionId !== undefined) {
            checkVersionId(VersionId);
            if (ETag !== undefined) throw notImplemented("conditional deletion of a version");
            return objects.removeVersion(bucket, key, VersionId, caller);
        }
        return objects.remove(bucket, key, caller, (current) => checkDelete(ETag, current));
    }

    return {
        async PutObject(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            refuseUnsupported(input);
            checkLimits(input);
            access.object(caller, "s3:PutObject", bucket, key);
            const body = Buffer.from(input.Body ?? "");
            const tags = headerTags(input.Tagging);
            if (Object.keys(tags).length > 0) access.object(caller, "s3:PutObjectTagging", bucket, key);
            const encryption = objectEncryption(buckets, bucket, input);
            access.encryptionKey(caller, "kms:GenerateDataKey", encryption);
            const object: Omit<NewObject, "body"> = {
                bucket,
                key,
                size: body.length,
                etag: `"${createHash("md5").update(body).digest("hex")}"`,
                headers: objectHeaders(input),
                metadata: input.Metadata ?? {},
                tags,
                checksums: verifyChecksums(input, body),
                encryption,
            };
            const stored: StoredBody = await bodies.write(body);
            const version = await objects.commit({ ...object, body: stored }, "ObjectCreated:Put", caller, (current) =>
                checkWrite(input, current),
            );
            return {
                ETag: object.etag,
                ...checksumMembers(object.checksums),
                VersionId: writtenVersion(version),
                ...encryptionHeaders(object),
            };
        },

        async GetObject(input, caller) {
            const found = findObject(objects, input, caller);
            const bytes = bodies.read(found.object.body);
            const { range } = found;
            return { ...found.output, Body: range === undefined ? bytes : bytes.subarray(range.start, range.end + 1) };
        },

        async HeadObject(input, caller) {
            const { object, output } = findObject(objects, input, caller);
            // What cannot be read should not look as if it could.
            bodies.check(object.body);
            return output;
        },

        async DeleteObject(input, caller) {
            const bucket = buckets.require(input.Bucket);
            refuseUnsupported(input);
            const { version, isMarker } = await remove(bucket, { ...input, ETag: input.IfMatch }, caller);
            return { VersionId: version, DeleteMarker: isMarker ? true : undefined };
        },

        async DeleteObjects({ Bucket, Delete }, caller) {
            const bucket = buckets.require(Bucket);
            const keys = Delete?.Objects ?? [];
            if (keys.length === 0 || keys.length > 1000) {
                throw malformedXml();
            }
            const outcomes = await Promise.all(
                keys.map(async (entry) => {
                    try {
                        refuseUnsupported(entry);
                        const { version, isMarker } = await remove(bucket, entry, caller);
                        return { deleted: deletedEntry(entry, version, isMarker) };
                    } catch (error) {
                        if (!(error instanceof AwsError)) throw error;
                        const { Key, VersionId } = entry;
                        return { failed: { Key, VersionId, Code: error.code, Message: error.message } };
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
            checkLimits(input);
            const from = copySource(input.CopySource ?? "");
            access.object(caller, "s3:PutObject", bucket, key);
            const source = copiedVersion(objects, from, caller);
            checkCopy(input, source);
            access.encryptionKey(caller, "kms:Decrypt", source.encryption);
            const encryption = objectEncryption(buckets, bucket, input);
            access.encryptionKey(caller, "kms:GenerateDataKey", encryption);
            const replace = input.MetadataDirective === "REPLACE";
            const changes = replace || input.ServerSideEncryption !== undefined || input.StorageClass !== undefined;
            if (from.bucket === bucket && from.key === key && from.version === undefined && !changes) {
                throw new AwsError(
                    "InvalidRequest",
                    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
                );
            }
            const object: NewObject = {
                ...source,
                bucket,
                key,
                headers: replace ? objectHeaders(input) : copiedHeaders(source, input.StorageClass),
                metadata: replace ? (input.Metadata ?? {}) : source.metadata,
                tags: input.TaggingDirective === "REPLACE" ? headerTags(input.Tagging) : source.tags,
                encryption,
                body: await bodies.copy(source.body),
            };
            const version = await objects.commit(object, "ObjectCreated:Copy", caller, (current) =>
                checkWrite(input, current),
            );
            return {
                CopyObjectResult: {
                    ETag: object.etag,
                    LastModified: new Date(version.modified),
                    ...checksumMembers(object.checksums),
                },
                CopySourceVersionId: objects.shownVersion(source),
                VersionId: writtenVersion(version),
                ...encryptionHeaders(object),
            };
        },
    };
}

/** A copy's headers are those of its source, but it gets the storage class of the request, or the standard one. */
function copiedHeaders({ headers }: StoredObject, requested = "STANDARD"): Record<string, string> {
    const { StorageClass: _, ...others } = headers;
    return requested === "STANDARD" ? others : { ...others, StorageClass: requested };
}

/** An entry of DeleteObjects' answer. A marker is told of differently when it was made than when it was removed. */
function deletedEntry(
    { Key, VersionId }: ObjectIdentifier,
    version: string | undefined,
    isMarker: boolean,
): DeletedObject {
    if (!isMarker) return { Key, VersionId };
    return { Key, VersionId, DeleteMarker: true, DeleteMarkerVersionId: version };
}

/** The id of a version that was just written: told only where it is a new one. */
export function writtenVersion({ version }: StoredObject): string | undefined {
    return version === "null" ? undefined : version;
}
