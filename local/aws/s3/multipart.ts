import { createHash, randomBytes } from "node:crypto";
import type {
    AbortMultipartUploadCommandInput,
    AbortMultipartUploadCommandOutput,
    CompleteMultipartUploadCommandInput,
    CompleteMultipartUploadCommandOutput,
    CreateMultipartUploadCommandInput,
    CreateMultipartUploadCommandOutput,
    UploadPartCommandInput,
    UploadPartCommandOutput,
    UploadPartCopyCommandInput,
    UploadPartCopyCommandOutput,
} from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import { type Checksums, checksumMembers, verifyChecksums } from "./checksums";
import { checkedParts, checkObjectSize, chosenParts } from "./chosen-parts";
import { byteRange, checkCopy, checkWrite } from "./conditions";
import { copiedVersion, copySource } from "./copy-source";
import { checkLimits } from "./limits";
import { writtenVersion } from "./object-operations";
import type { NewObject, ObjectStore } from "./object-store";
import { checkedKey, encryptionHeaders, objectEncryption, objectHeaders, refuseUnsupported } from "./properties";
import { headerTags } from "./tagging";
import { declaredChecksum, joinedChecksum, partChecksums } from "./upload-checksums";
import type { Part, Upload, Uploads } from "./uploads";
import type { ObjectProperties } from "./versions";

export type UploadPartInput = Omit<UploadPartCommandInput, "Body"> & { Body?: Uint8Array | string };

export interface MultipartOperations {
    CreateMultipartUpload: Operation<CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput>;
    UploadPart: Operation<UploadPartInput, UploadPartCommandOutput>;
    UploadPartCopy: Operation<UploadPartCopyCommandInput, UploadPartCopyCommandOutput>;
    CompleteMultipartUpload: Operation<CompleteMultipartUploadCommandInput, CompleteMultipartUploadCommandOutput>;
    AbortMultipartUpload: Operation<AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput>;
}

export function multipartOperations(
    { store, clock, address }: Pick<TwinContext, "store" | "clock" | "address">,
    objects: ObjectStore,
    uploads: Uploads,
): MultipartOperations {
    const { buckets, bodies, access } = objects;

    /** The upload that a request names, if its caller may go on with it. */
    function permitted(
        input: { readonly Bucket?: string; readonly Key?: string; readonly UploadId?: string },
        caller: Caller,
        action: string,
    ) {
        const bucket = buckets.require(input.Bucket);
        const key = checkedKey(input.Key);
        access.object(caller, action, bucket, key);
        return uploads.require(bucket, key, input.UploadId);
    }

    async function putPart(
        { id, bucket, key, checksum }: Upload,
        number: number,
        content: Buffer,
        sent: Checksums = {},
    ): Promise<Part> {
        const checksums = partChecksums(checksum, sent, content);
        const etag = `"${createHash("md5").update(content).digest("hex")}"`;
        const body = await bodies.write(content);
        const part = { number, size: content.length, etag, checksums, modified: clock.now(), body };
        let replaced: Part | undefined;
        try {
            await store.commit(() => {
                uploads.require(bucket, key, id);
                replaced = uploads.parts(id).find((other) => other.number === number);
                uploads.putPart(id, part);
            });
        } catch (error) {
            bodies.remove(body);
            throw error;
        }
        if (replaced !== undefined) bodies.remove(replaced.body);
        return part;
    }

    return {
        async CreateMultipartUpload(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            refuseUnsupported(input);
            checkLimits(input);
            access.object(caller, "s3:PutObject", bucket, key);
            const checksum = declaredChecksum(input);
            const encryption = objectEncryption(buckets, bucket, input);
            access.encryptionKey(caller, "kms:GenerateDataKey", encryption);
            const id = randomBytes(48).toString("base64url");
            const properties: ObjectProperties = {
                headers: objectHeaders(input),
                metadata: input.Metadata ?? {},
                tags: headerTags(input.Tagging),
                // Known when all parts are.
                checksums: {},
                encryption,
            };
            await store.commit(() => uploads.create({ id, bucket, key, properties, checksum, initiated: clock.now() }));
            return {
                Bucket: bucket,
                Key: key,
                UploadId: id,
                ChecksumAlgorithm: checksum?.algorithm,
                ChecksumType: checksum?.type,
                ...encryptionHeaders({ encryption }),
            };
        },

        async UploadPart(input, caller) {
            const upload = permitted(input, caller, "s3:PutObject");
            const number = checkedPartNumber(input.PartNumber);
            const content = Buffer.from(input.Body ?? "");
            const checksums = verifyChecksums(input, content);
            const { etag } = await putPart(upload, number, content, checksums);
            return { ETag: etag, ...checksums, ...encryptionHeaders(upload.properties) };
        },

        async UploadPartCopy(input, caller) {
            refuseUnsupported(input);
            const upload = permitted(input, caller, "s3:PutObject");
            const number = checkedPartNumber(input.PartNumber);
            const source = copiedVersion(objects, copySource(input.CopySource ?? ""), caller);
            checkCopy(input, source);
            access.encryptionKey(caller, "kms:Decrypt", source.encryption);
            const range = copiedRange(input.CopySourceRange, source.size);
            const content = bodies.read(source.body).subarray(range.start, range.end + 1);
            const part = await putPart(upload, number, content);
            return {
                CopyPartResult: { ...part.checksums, ETag: part.etag, LastModified: new Date(part.modified) },
                CopySourceVersionId: objects.shownVersion(source),
                ...encryptionHeaders(upload.properties),
            };
        },

        async CompleteMultipartUpload(input, caller) {
            const { id, bucket, key, properties, checksum } = permitted(input, caller, "s3:PutObject");
            const stored = uploads.parts(id);
            const chosen = input.MultipartUpload?.Parts ?? [];
            const parts = checkedParts(checksum, chosen, chosenParts(chosen, stored), bodies);
            const digest = createHash("md5");
            for (const { etag } of parts) digest.update(Buffer.from(etag.replaceAll('"', ""), "hex"));
            const etag = `"${digest.digest("hex")}-${parts.length}"`;
            const size = parts.reduce((sum, part) => sum + part.size, 0);
            checkObjectSize(input.MpuObjectSize, size);
            const sum = joinedChecksum(checksum, input);
            const files = parts.map((part) => part.body);
            const body = await bodies.join(files, sum.add).catch((error: unknown) => {
                // Aborted, or a part replaced, while it was being read: that is what the caller should hear.
                uploads.require(bucket, key, id);
                chosenParts(chosen, uploads.parts(id));
                throw error;
            });
            const object: NewObject = { ...properties, bucket, key, size, etag, checksums: sum.checksums(), body };
            const version = await objects.commit(object, "ObjectCreated:CompleteMultipartUpload", caller, (current) => {
                sum.verify();
                uploads.require(bucket, key, id);
                checkWrite(input, current);
                uploads.delete(id);
            });
            for (const part of stored) bodies.remove(part.body);
            return {
                Bucket: bucket,
                Key: key,
                ETag: etag,
                ...checksumMembers(object.checksums),
                Location: `${address()}/${bucket}/${encodeURI(key)}`,
                VersionId: writtenVersion(version),
                ...encryptionHeaders(object),
            };
        },

        async AbortMultipartUpload(input, caller) {
            const { id } = permitted(input, caller, "s3:AbortMultipartUpload");
            await discardUpload(store, objects, uploads, id);
            return {};
        },
    };
}

/** Forgets an upload and its parts. */
export async function discardUpload(
    store: TwinContext["store"],
    { bodies }: Pick<ObjectStore, "bodies">,
    uploads: Uploads,
    id: string,
): Promise<void> {
    const parts = await store.commit(() => {
        const parts = uploads.parts(id);
        uploads.delete(id);
        return parts;
    });
    for (const { body } of parts) bodies.remove(body);
}

function checkedPartNumber(number: number | undefined): number {
    if (number !== undefined && Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
    throw new AwsError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive", 400, {
        ArgumentName: "partNumber",
        ArgumentValue: number,
    });
}

function copiedRange(header: string | undefined, size: number) {
    if (header === undefined) return { start: 0, end: size - 1 };
    const range = byteRange(header, size);
    const last = Number(/^bytes=\d+-(\d+)$/.exec(header)?.[1]);
    if (range !== undefined && last < size) return range;
    throw new AwsError(
        "InvalidArgument",
        `The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy; the source has ${size} bytes.`,
        400,
        { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header },
    );
}
