import { type FileHandle, open } from "node:fs/promises";
import type { CompletedPart } from "@aws-sdk/client-s3";
import type { S3 } from "../s3";
import { type Caller, root } from "../service";

/** Bytes of a part: Node reads no file of 2 GiB at once, and of such parts S3 takes 640 GB. */
export const PART_BYTES = 64 * 1024 * 1024;

/** The object that an upload makes. */
export interface UploadTarget {
    readonly Bucket: string;
    readonly Key: string;
    readonly ServerSideEncryption?: "aws:kms";
    readonly SSEKMSKeyId?: string;
}

export interface UploadOptions {
    readonly operations: S3["operations"];
    readonly caller: Caller;
    readonly partBytes: number;
}

/** Makes an object of a file, as large as the file is when this begins: in parts where it has more bytes than one. */
export async function uploadObject(file: string, target: UploadTarget, options: UploadOptions): Promise<void> {
    const { operations, caller, partBytes } = options;
    const handle = await open(file);
    try {
        const { size } = await handle.stat();
        if (size > partBytes) await uploadInParts(handle, size, target, options);
        else await operations.PutObject({ ...target, Body: await readPart(handle, 0, size) }, caller);
    } finally {
        await handle.close();
    }
}

async function uploadInParts(
    handle: FileHandle,
    size: number,
    target: UploadTarget,
    { operations, caller, partBytes }: UploadOptions,
): Promise<void> {
    // This checksum is native code, where that which S3 takes by default holds up all requests meanwhile.
    const checksum = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" } as const;
    const { UploadId } = await operations.CreateMultipartUpload({ ...target, ...checksum }, caller);
    const upload = { Bucket: target.Bucket, Key: target.Key, UploadId };
    try {
        const Parts: CompletedPart[] = [];
        for (let position = 0; position < size; position += partBytes) {
            const Body = await readPart(handle, position, Math.min(partBytes, size - position));
            const PartNumber = Parts.length + 1;
            const { ETag } = await operations.UploadPart({ ...upload, PartNumber, Body }, caller);
            Parts.push({ PartNumber, ETag });
        }
        await operations.CompleteMultipartUpload({ ...upload, MultipartUpload: { Parts } }, caller);
    } catch (error) {
        // As the bucket's owner: a job's role need not be allowed to, and gigabytes would be left behind.
        await operations.AbortMultipartUpload(upload, root).catch(() => undefined);
        throw error;
    }
}

async function readPart(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
    const part = Buffer.allocUnsafe(bytes);
    let filled = 0;
    while (filled < bytes) {
        const { bytesRead } = await handle.read(part, filled, bytes - filled, position + filled);
        // The file became shorter meanwhile.
        if (bytesRead === 0) break;
        filled += bytesRead;
    }
    return part.subarray(0, filled);
}
