import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import type { GetObjectCommandInput, GetObjectCommandOutput, HeadObjectCommandInput } from "@aws-sdk/client-s3";
import { AwsError, type Caller } from "../service";
import { checksumMembers } from "./checksums";
import { type ByteRange, byteRange, checkRead } from "./conditions";
import { notImplemented, S3Error } from "./errors";
import type { ObjectStore } from "./object-store";
import { encryptionHeaders, refuseUnsupported, responseHeaders } from "./properties";
import type { StoredObject } from "./versions";

/** An object as a request may see it: the version, and the part of its bytes that was asked for. */
export interface ReadObject {
    readonly object: StoredObject;
    readonly range: ByteRange | undefined;
    readonly output: Omit<GetObjectCommandOutput, "Body" | "$metadata">;
}

/** Finds an object for GetObject and HeadObject: permission, conditions, range. */
export function findObject(
    objects: ObjectStore,
    input: GetObjectCommandInput | HeadObjectCommandInput,
    caller: Caller,
): ReadObject {
    refuseUnsupported(input);
    if (input.PartNumber !== undefined) throw notImplemented("reading one part of an object");
    const object = readableVersion(objects, input, caller, "s3:GetObject");
    checkRead(input, object);
    objects.access.encryptionKey(caller, "kms:Decrypt", object.encryption);
    const range = byteRange(input.Range, object.size);
    const length = range === undefined ? object.size : range.end - range.start + 1;
    const tags = Object.keys(object.tags).length;
    return {
        object,
        range,
        output: {
            ...object.headers,
            Expires: object.headers.Expires === undefined ? undefined : new Date(object.headers.Expires),
            ...responseHeaders(input),
            AcceptRanges: "bytes",
            ContentLength: length,
            ContentRange: range && `bytes ${range.start}-${range.end}/${object.size}`,
            ETag: object.etag,
            LastModified: new Date(object.modified),
            Metadata: object.metadata,
            TagCount: tags === 0 ? undefined : tags,
            VersionId: objects.shownVersion(object),
            ...encryptionHeaders(object),
            // The checksum is of the whole object.
            ...(input.ChecksumMode === "ENABLED" && range === undefined ? checksumMembers(object.checksums) : {}),
        },
    };
}

/**
 * The version of an object that a request names, else the newest one, if the caller may read it.
 * @param action what to do with the newest one; what is done with a version has a permission of its own.
 * @throws AwsError `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker
 */
export function readableVersion(
    { buckets, versions, access, shownVersion }: ObjectStore,
    { Bucket, Key = "", VersionId }: { readonly Bucket?: string; readonly Key?: string; readonly VersionId?: string },
    caller: Caller,
    action: string,
): StoredObject {
    const bucket = buckets.require(Bucket);
    access.object(caller, versionAction(action, VersionId), bucket, Key);
    if (VersionId !== undefined) checkVersionId(VersionId);
    const found = VersionId === undefined ? versions.latest(bucket, Key) : versions.find(bucket, Key, VersionId);
    if (found?.kind === "object") return found;
    if (found === undefined) {
        const missing = access.missing(caller, bucket, Key);
        if (VersionId === undefined || missing.code !== "NoSuchKey") throw missing;
        throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404, { Key, VersionId });
    }
    const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": shownVersion(found) ?? "null" };
    if (VersionId !== undefined) {
        const modified = { "last-modified": new Date(found.modified).toUTCString(), allow: "DELETE" };
        const members = { Method: "GET", ResourceType: "DeleteMarker" };
        const message = "The specified method is not allowed against this resource.";
        throw new S3Error("MethodNotAllowed", message, 405, { ...headers, ...modified }, members);
    }
    const { code, message, status, members } = access.missing(caller, bucket, Key);
    throw new S3Error(code, message, status, headers, members);
}

/** `s3:GetObject` is of the newest version; of another one it is `s3:GetObjectVersion`, and so on. */
export function versionAction(action: string, version: string | undefined): string {
    return version === undefined ? action : action.replace(/Object/, "ObjectVersion");
}

/** @throws AwsError `InvalidArgument` for what cannot be the id of a version. */
export function checkVersionId(version: string): void {
    if (version === "null" || /^[\w.-]{32}$/.test(version)) return;
    throw new AwsError("InvalidArgument", "Invalid version id specified", 400, {
        ArgumentName: "versionId",
        ArgumentValue: version,
    });
}

/** An object's bytes for a response; a file is read as it is sent. */
export function objectContent({ bodies }: ObjectStore, { object, range }: ReadObject): Buffer | Readable {
    // Opened at once: the object may be replaced, and its file deleted, while it is being sent.
    const fd = bodies.open(object.body);
    if (fd !== undefined) return createReadStream("", { ...range, fd });
    const bytes = bodies.read(object.body);
    return range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
}
