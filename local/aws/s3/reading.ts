import { createReadStream, openSync } from "node:fs";
import type { Readable } from "node:stream";
import type { GetObjectCommandInput, GetObjectCommandOutput, HeadObjectCommandInput } from "@aws-sdk/client-s3";
import type { Caller } from "../service";
import { type ByteRange, byteRange, checkRead } from "./conditions";
import type { ObjectStore } from "./object-store";
import { encryptionHeaders, refuseUnsupported } from "./properties";
import type { StoredObject } from "./rows";

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
