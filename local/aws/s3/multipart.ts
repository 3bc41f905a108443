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
import { verifyChecksums } from "./checksums";
import { byteRange, checkCopy, checkWrite } from "./conditions";
import { copiedVersion, copySource } from "./copy-source";
import { malformedXml } from "./errors";
import { checkLimits } from "./limits";
import { writtenVersion } from "./object-operations";
import type { NewObject, ObjectStore } from "./object-store";
import { checkedKey, encryptionHeaders, objectEncryption, objectHeaders, refuseUnsupported } from "./properties";
import { headerTags } from "./tagging";
import type { Part, Uploads } from "./uploads";
import type { ObjectProperties } from "./versions";

export type UploadPartInput = Omit<UploadPartCommandInput, "Body"> & { Body?: Uint8Array | string };

export interface MultipartOperations {
    CreateMultipartUpload: Operation<CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput>;
    UploadPart: Operation<UploadPartInput, UploadPartCommandOutput>;
    UploadPartCopy: Operation<UploadPartCopyCommandInput, UploadPartCopyCommandOutput>;
    CompleteMultipartUpload: Operation<CompleteMultipartUploadCommandInput, CompleteMultipartUploadCommandOutput>;
    AbortMultipartUpload: Operation<AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput>;
}

/** Every part but the last has at least this size, in bytes. */
const smallestPart = 5 * 1024 * 1024;

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

    async function putPart(id: string, bucket: string, key: string, number: number, content: Buffer): Promise<Part> {
        const etag = `"${createHash("md5").update(content).digest("hex")}"`;
        const body = await bodies.write(content);
        const part = { number, size: content.length, etag, modified: clock.now(), body };
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
            const encryption = objectEncryption(buckets, bucket, input);
            access.encryptionKey(caller, "kms:GenerateDataKey", encryption);
            const id = randomBytes(48).toString("base64url");
            const properties: ObjectProperties = {
                headers: objectHeaders(input),
                metadata: input.Metadata ?? {},
                tags: headerTags(input.Tagging),
                // AWS has checksums of checksums for such objects; the twin verifies each part and keeps none.
                checksums: {},
                encryption,
            };
            await store.commit(() => uploads.create({ id, bucket, key, properties, initiated: clock.now() }));
            return { Bucket: bucket, Key: key, UploadId: id, ...encryptionHeaders({ encryption }) };
        },

        async UploadPart(input, caller) {
            const { id, bucket, key, properties } = permitted(input, caller, "s3:PutObject");
            const number = checkedPartNumber(input.PartNumber);
            const content = Buffer.from(input.Body ?? "");
            const checksums = verifyChecksums(input, content);
            const { etag } = await putPart(id, bucket, key, number, content);
            return { ETag: etag, ...checksums, ...encryptionHeaders(properties) };
        },

        async UploadPartCopy(input, caller) {
            refuseUnsupported(input);
            const { id, bucket, key, properties } = permitted(input, caller, "s3:PutObject");
            const number = checkedPartNumber(input.PartNumber);
            const source = copiedVersion(objects, copySource(input.CopySource ?? ""), caller);
            checkCopy(input, source);
            access.encryptionKey(caller, "kms:Decrypt", source.encryption);
            const range = copiedRange(input.CopySourceRange, source.size);
            const part = await putPart(
                id,
                bucket,
                key,
                number,
                bodies.read(source.body).subarray(range.start, range.end + 1),
            );
            return {
                CopyPartResult: { ETag: part.etag, LastModified: new Date(part.modified) },
                CopySourceVersionId: objects.shownVersion(source),
                ...encryptionHeaders(properties),
            };
        },

        async CompleteMultipartUpload(input, caller) {
            const { id, bucket, key, properties } = permitted(input, caller, "s3:PutObject");
            const stored = uploads.parts(id);
            const chosen = input.MultipartUpload?.Parts ?? [];
            const parts = chosenParts(chosen, stored);
            const digest = createHash("md5");
            for (const { etag } of parts) digest.update(Buffer.from(etag.replaceAll('"', ""), "hex"));
            const etag = `"${digest.digest("hex")}-${parts.length}"`;
            const size = parts.reduce((sum, part) => sum + part.size, 0);
            const body = await bodies.join(parts.map((part) => part.body)).catch((error: unknown) => {
                // Aborted, or a part replaced, while it was being read: that is what the caller should hear.
                uploads.require(bucket, key, id);
                chosenParts(chosen, uploads.parts(id));
                throw error;
            });
            const object: NewObject = { ...properties, bucket, key, size, etag, body };
            const version = await objects.commit(object, "ObjectCreated:CompleteMultipartUpload", caller, (current) => {
                uploads.require(bucket, key, id);
                checkWrite(input, current);
                uploads.delete(id);
            });
            for (const part of stored) bodies.remove(part.body);
            return {
                Bucket: bucket,
                Key: key,
                ETag: etag,
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

function chosenParts(chosen: readonly { PartNumber?: number; ETag?: string }[], stored: readonly Part[]): Part[] {
    if (chosen.length === 0) throw malformedXml();
    const numbers = chosen.map(({ PartNumber = 0 }) => PartNumber);
    if (numbers.some((number, index) => number <= (numbers[index - 1] ?? 0))) {
        throw new AwsError(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
        );
    }
    return chosen.map(({ PartNumber = 0, ETag = "" }, index) => {
        const part = stored.find(({ number }) => number === PartNumber);
        if (part === undefined || part.etag.replaceAll('"', "") !== ETag.replaceAll('"', "")) {
            throw new AwsError(
                "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
                400,
                { PartNumber, ETag: ETag.replaceAll('"', "") },
            );
        }
        if (part.size < smallestPart && index < chosen.length - 1) {
            throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400, {
                ETag: ETag.replaceAll('"', ""),
                MinSizeAllowed: smallestPart,
                PartNumber,
                ProposedSize: part.size,
            });
        }
        return part;
    });
}
