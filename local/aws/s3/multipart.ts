import { createHash, randomUUID } from "node:crypto";
import type {
    AbortMultipartUploadCommandInput,
    AbortMultipartUploadCommandOutput,
    CompleteMultipartUploadCommandInput,
    CompleteMultipartUploadCommandOutput,
    CreateMultipartUploadCommandInput,
    CreateMultipartUploadCommandOutput,
    UploadPartCommandInput,
    UploadPartCommandOutput,
} from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { AwsError, type Operation } from "../service";
import type { StoredBody } from "./bodies";
import { verifyChecksums } from "./checksums";
import { checkWrite } from "./conditions";
import type { ObjectStore } from "./object-store";
import {
    checkedKey,
    encryptionHeaders,
    objectEncryption,
    objectHeaders,
    objectTags,
    refuseUnsupported,
} from "./properties";
import type { ObjectProperties } from "./rows";

export type UploadPartInput = Omit<UploadPartCommandInput, "Body"> & { Body?: Uint8Array | string };

export interface MultipartOperations {
    CreateMultipartUpload: Operation<CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput>;
    UploadPart: Operation<UploadPartInput, UploadPartCommandOutput>;
    CompleteMultipartUpload: Operation<CompleteMultipartUploadCommandInput, CompleteMultipartUploadCommandOutput>;
    AbortMultipartUpload: Operation<AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput>;
}

interface Upload {
    readonly id: string;
    readonly bucket: string;
    readonly key: string;
    readonly properties: ObjectProperties;
}

interface Part {
    readonly number: number;
    readonly size: number;
    readonly etag: string;
    readonly body: StoredBody;
}

/** Every part but the last has at least this size, in bytes. */
const smallestPart = 5 * 1024 * 1024;

export function multipartOperations(
    { store }: TwinContext,
    objects: ObjectStore,
): { operations: MultipartOperations; files(): string[] } {
    const { buckets, bodies, access } = objects;
    const uploads = uploadRows(store.database);

    function requireUpload(bucket: string, key: string, id: string | undefined): Upload {
        const upload = uploads.get(id ?? "");
        if (upload !== undefined && upload.bucket === bucket && upload.key === key) return upload;
        throw new AwsError(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
            404,
            { UploadId: id ?? "" },
        );
    }

    async function discard(id: string): Promise<void> {
        const parts = uploads.parts(id);
        await store.commit(() => uploads.delete(id));
        for (const { body } of parts) bodies.remove(body);
    }

    const operations: MultipartOperations = {
        async CreateMultipartUpload(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            refuseUnsupported(input);
            access.object(caller, "s3:PutObject", bucket, key);
            const encryption = objectEncryption(buckets, bucket, input);
            access.encryptionKey(caller, "kms:GenerateDataKey", encryption);
            const id = randomUUID();
            const properties: ObjectProperties = {
                headers: objectHeaders(input),
                metadata: input.Metadata ?? {},
                tags: objectTags(input.Tagging),
                // AWS has checksums of checksums for such objects; the twin verifies each part and keeps none.
                checksums: {},
                encryption,
            };
            await store.commit(() => uploads.create({ id, bucket, key, properties }));
            return { Bucket: bucket, Key: key, UploadId: id, ...encryptionHeaders({ encryption }) };
        },

        async UploadPart(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            access.object(caller, "s3:PutObject", bucket, key);
            const { id } = requireUpload(bucket, key, input.UploadId);
            const number = input.PartNumber ?? 0;
            if (!Number.isInteger(number) || number < 1 || number > 10_000) {
                throw new AwsError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
            }
            const content = Buffer.from(input.Body ?? "");
            const checksums = verifyChecksums(input, content);
            const etag = `"${createHash("md5").update(content).digest("hex")}"`;
            const body = await bodies.write(content);
            let replaced: Part | undefined;
            try {
                await store.commit(() => {
                    requireUpload(bucket, key, id);
                    replaced = uploads.parts(id).find((part) => part.number === number);
                    uploads.putPart(id, { number, size: content.length, etag, body });
                });
            } catch (error) {
                bodies.remove(body);
                throw error;
            }
            if (replaced !== undefined) bodies.remove(replaced.body);
            return { ETag: etag, ...checksums };
        },

        async CompleteMultipartUpload(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            access.object(caller, "s3:PutObject", bucket, key);
            const { id, properties } = requireUpload(bucket, key, input.UploadId);
            const parts = chosenParts(input.MultipartUpload?.Parts ?? [], uploads.parts(id));
            const digest = createHash("md5");
            for (const { etag } of parts) digest.update(Buffer.from(etag.replaceAll('"', ""), "hex"));
            const etag = `"${digest.digest("hex")}-${parts.length}"`;
            const size = parts.reduce((sum, part) => sum + part.size, 0);
            const body = await bodies.join(parts.map((part) => part.body));
            const object = { ...properties, bucket, key, size, etag, modified: Date.now(), body };
            await objects.commit(object, "ObjectCreated:CompleteMultipartUpload", caller, (current) => {
                requireUpload(bucket, key, id);
                checkWrite(input, current);
            });
            await discard(id);
            return {
                Bucket: bucket,
                Key: key,
                ETag: etag,
                Location: `/${bucket}/${key}`,
                ...encryptionHeaders(object),
            };
        },

        async AbortMultipartUpload(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            access.object(caller, "s3:AbortMultipartUpload", bucket, key);
            await discard(requireUpload(bucket, key, input.UploadId).id);
            return {};
        },
    };
    return { operations, files: uploads.files };
}

function chosenParts(chosen: readonly { PartNumber?: number; ETag?: string }[], stored: readonly Part[]): Part[] {
    if (chosen.length === 0) throw new AwsError("MalformedXML", "The request names no parts.");
    let previous = 0;
    return chosen.map(({ PartNumber = 0, ETag = "" }, index) => {
        if (PartNumber <= previous) {
            throw new AwsError("InvalidPartOrder", "The list of parts was not in ascending order.");
        }
        previous = PartNumber;
        const part = stored.find(({ number }) => number === PartNumber);
        if (part === undefined || part.etag.replaceAll('"', "") !== ETag.replaceAll('"', "")) {
            throw new AwsError("InvalidPart", `Part ${PartNumber} was not uploaded, or has another entity tag.`);
        }
        if (part.size < smallestPart && index < chosen.length - 1) {
            throw new AwsError(
                "EntityTooSmall",
                `Part ${PartNumber} has ${part.size} bytes; every part but the last has at least ${smallestPart}.`,
            );
        }
        return part;
    });
}

function uploadRows(database: TwinContext["store"]["database"]) {
    database.exec(`
        CREATE TABLE IF NOT EXISTS s3_uploads (
            id TEXT PRIMARY KEY, bucket TEXT NOT NULL REFERENCES s3_buckets (name) ON DELETE CASCADE,
            key TEXT NOT NULL, properties TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS s3_parts (
            upload TEXT NOT NULL REFERENCES s3_uploads (id) ON DELETE CASCADE, number INTEGER NOT NULL,
            size INTEGER NOT NULL, etag TEXT NOT NULL, inline BLOB, file TEXT, PRIMARY KEY (upload, number)
        ) STRICT`);
    const get = database.prepare("SELECT * FROM s3_uploads WHERE id = ?");
    const create = database.prepare("INSERT INTO s3_uploads (id, bucket, key, properties) VALUES (?, ?, ?, ?)");
    const remove = database.prepare("DELETE FROM s3_uploads WHERE id = ?");
    const parts = database.prepare("SELECT * FROM s3_parts WHERE upload = ? ORDER BY number");
    const put = database.prepare(
        "INSERT OR REPLACE INTO s3_parts (upload, number, size, etag, inline, file) VALUES (?, ?, ?, ?, ?, ?)",
    );
    return {
        get(id: string): Upload | undefined {
            const row = get.get(id) as { id: string; bucket: string; key: string; properties: string } | undefined;
            return row && { ...row, properties: JSON.parse(row.properties) as ObjectProperties };
        },
        create: ({ id, bucket, key, properties }: Upload) =>
            void create.run(id, bucket, key, JSON.stringify(properties)),
        delete: (id: string) => void remove.run(id),
        parts: (id: string): Part[] =>
            (parts.all(id) as unknown as (Part & { inline: Uint8Array | null; file: string | null })[]).map(
                ({ number, size, etag, inline, file }) => ({
                    number,
                    size,
                    etag,
                    body: file === null ? { inline: inline ?? new Uint8Array() } : { file },
                }),
            ),
        putPart(id: string, { number, size, etag, body }: Part): void {
            const inline = "inline" in body ? body.inline : null;
            put.run(id, number, size, etag, inline, "file" in body ? body.file : null);
        },
        files: (): string[] =>
            (database.prepare("SELECT file FROM s3_parts WHERE file IS NOT NULL").all() as { file: string }[]).map(
                ({ file }) => file,
            ),
    };
}
