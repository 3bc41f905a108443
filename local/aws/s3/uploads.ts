import { addColumn } from "../added-column";
import type { TwinContext } from "../context";
import { AwsError } from "../service";
import type { StoredBody } from "./bodies";
import type { Checksums } from "./checksums";
import type { UploadChecksum } from "./upload-checksums";
import type { ObjectProperties } from "./versions";

/** A multipart upload that was begun and neither completed nor aborted. */
export interface Upload {
    readonly id: string;
    readonly bucket: string;
    readonly key: string;
    readonly properties: ObjectProperties;
    /** What was said about the object's checksum when it was begun. */
    readonly checksum: UploadChecksum | undefined;
    /** Milliseconds since the epoch. */
    readonly initiated: number;
}

export interface Part {
    readonly number: number;
    readonly size: number;
    readonly etag: string;
    readonly checksums: Checksums;
    /** Milliseconds since the epoch. */
    readonly modified: number;
    readonly body: StoredBody;
}

export interface Uploads {
    /** @throws AwsError `NoSuchUpload` */
    require(bucket: string, key: string, id: string | undefined): Upload;
    create(upload: Upload): void;
    delete(id: string): void;
    parts(id: string): Part[];
    putPart(id: string, part: Part): void;
    /** In the order of keys, of one key the oldest first. */
    list(bucket: string, prefix: string): Upload[];
    files(): string[];
}

interface UploadRow extends Omit<Upload, "properties" | "checksum"> {
    readonly properties: string;
    readonly checksum: string | null;
}

interface PartRow extends Omit<Part, "body" | "checksums"> {
    readonly checksums: string;
    readonly inline: Uint8Array | null;
    readonly file: string | null;
}

export function openUploads({ store: { database }, clock }: Pick<TwinContext, "store" | "clock">): Uploads {
    database.exec(`
        CREATE TABLE IF NOT EXISTS s3_uploads (
            id TEXT PRIMARY KEY, bucket TEXT NOT NULL REFERENCES s3_buckets (name) ON DELETE CASCADE,
            key TEXT NOT NULL, properties TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS s3_parts (
            upload TEXT NOT NULL REFERENCES s3_uploads (id) ON DELETE CASCADE, number INTEGER NOT NULL,
            size INTEGER NOT NULL, etag TEXT NOT NULL, inline BLOB, file TEXT, PRIMARY KEY (upload, number)
        ) STRICT`);
    // A home of an earlier version does not know when uploads were begun: for them that is now.
    const since = `INTEGER NOT NULL DEFAULT ${clock.now()}`;
    addColumn(database, "s3_uploads", "initiated", since);
    addColumn(database, "s3_parts", "modified", since);
    addColumn(database, "s3_uploads", "checksum", "TEXT");
    addColumn(database, "s3_parts", "checksums", "TEXT NOT NULL DEFAULT '{}'");
    const get = database.prepare("SELECT * FROM s3_uploads WHERE id = ?");
    const create = database.prepare(
        "INSERT INTO s3_uploads (id, bucket, key, properties, initiated, checksum) VALUES (?, ?, ?, ?, ?, ?)",
    );
    const remove = database.prepare("DELETE FROM s3_uploads WHERE id = ?");
    const parts = database.prepare("SELECT * FROM s3_parts WHERE upload = ? ORDER BY number");
    const put = database.prepare(
        "INSERT OR REPLACE INTO s3_parts (upload, number, size, etag, checksums, modified, inline, file) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    const list = database.prepare("SELECT * FROM s3_uploads WHERE bucket = ? ORDER BY key, initiated, id");
    const files = database.prepare("SELECT file FROM s3_parts WHERE file IS NOT NULL");

    const upload = (row: UploadRow): Upload => ({
        ...row,
        properties: JSON.parse(row.properties) as ObjectProperties,
        checksum: row.checksum === null ? undefined : (JSON.parse(row.checksum) as UploadChecksum),
    });

    return {
        require(bucket, key, id) {
            const row = get.get(id ?? "") as unknown as UploadRow | undefined;
            if (row !== undefined && row.bucket === bucket && row.key === key) return upload(row);
            throw new AwsError(
                "NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
                404,
                { UploadId: id ?? "" },
            );
        },
        create({ id, bucket, key, properties, initiated, checksum }) {
            const declared = checksum === undefined ? null : JSON.stringify(checksum);
            create.run(id, bucket, key, JSON.stringify(properties), initiated, declared);
        },
        delete: (id) => void remove.run(id),
        parts: (id) =>
            (parts.all(id) as unknown as PartRow[]).map(
                ({ number, size, etag, checksums, modified, inline, file }) => ({
                    number,
                    size,
                    etag,
                    checksums: JSON.parse(checksums) as Checksums,
                    modified,
                    body: file === null ? { inline: inline ?? new Uint8Array() } : { file, size },
                }),
            ),
        putPart(id, { number, size, etag, checksums, modified, body }) {
            const inline = "inline" in body ? body.inline : null;
            const file = "file" in body ? body.file : null;
            put.run(id, number, size, etag, JSON.stringify(checksums), modified, inline, file);
        },
        list: (bucket, prefix) =>
            (list.all(bucket) as unknown as UploadRow[]).filter(({ key }) => key.startsWith(prefix)).map(upload),
        files: () => (files.all() as unknown as { file: string }[]).map(({ file }) => file),
    };
}
