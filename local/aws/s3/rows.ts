import type { DatabaseSync } from "node:sqlite";
import type { StoredBody } from "./bodies";
import type { Checksums } from "./checksums";

/** What S3 knows about an object besides its bytes. */
export interface ObjectProperties {
    /** Headers that come back as they were sent: members of the SDK's shapes, such as `ContentType`. */
    readonly headers: Readonly<Record<string, string>>;
    /** User metadata, names in lower case. */
    readonly metadata: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
    readonly checksums: Checksums;
    readonly encryption: { readonly algorithm: string; readonly keyArn?: string };
}

export interface StoredObject extends ObjectProperties {
    readonly bucket: string;
    readonly key: string;
    readonly size: number;
    /** Quoted, as in the header. */
    readonly etag: string;
    /** Milliseconds since the epoch. */
    readonly modified: number;
    readonly body: StoredBody;
}

export interface ObjectRows {
    get(bucket: string, key: string): StoredObject | undefined;
    /** Replaces the row of this bucket and key. */
    put(object: StoredObject): void;
    delete(bucket: string, key: string): void;
    /** In the order of the keys' UTF-8 bytes. */
    list(bucket: string, from: { prefix: string; after: string }): Iterable<ListedObject>;
    isEmpty(bucket: string): boolean;
    files(): string[];
}

export type ListedObject = Pick<StoredObject, "key" | "size" | "etag" | "modified">;

interface Row {
    bucket: string;
    key: string;
    size: number;
    etag: string;
    modified: number;
    properties: string;
    inline: Uint8Array | null;
    file: string | null;
}

export function objectRows(database: DatabaseSync): ObjectRows {
    database.exec(`CREATE TABLE IF NOT EXISTS s3_objects (
        bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
        properties TEXT NOT NULL, inline BLOB, file TEXT, PRIMARY KEY (bucket, key)
    ) STRICT`);
    const get = database.prepare("SELECT * FROM s3_objects WHERE bucket = ? AND key = ?");
    const put = database.prepare(
        "INSERT OR REPLACE INTO s3_objects (bucket, key, size, etag, modified, properties, inline, file) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    const remove = database.prepare("DELETE FROM s3_objects WHERE bucket = ? AND key = ?");
    const any = database.prepare("SELECT 1 FROM s3_objects WHERE bucket = ? LIMIT 1");
    const files = database.prepare("SELECT file FROM s3_objects WHERE file IS NOT NULL");
    return {
        get(bucket, key) {
            const row = get.get(bucket, key) as unknown as Row | undefined;
            if (row === undefined) return undefined;
            const { properties, inline, file, size, etag, modified } = row;
            const body: StoredBody = file === null ? { inline: inline ?? new Uint8Array() } : { file };
            return { ...(JSON.parse(properties) as ObjectProperties), bucket, key, size, etag, modified, body };
        },
        put({ bucket, key, size, etag, modified, body, headers, metadata, tags, checksums, encryption }) {
            const properties: ObjectProperties = { headers, metadata, tags, checksums, encryption };
            const inline = "inline" in body ? body.inline : null;
            const file = "file" in body ? body.file : null;
            put.run(bucket, key, size, etag, modified, JSON.stringify(properties), inline, file);
        },
        delete: (bucket, key) => void remove.run(bucket, key),
        *list(bucket, { prefix, after }) {
            // A statement of its own: others may list while this one is being read.
            const rows = database
                .prepare(
                    "SELECT key, size, etag, modified FROM s3_objects WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key",
                )
                .iterate(bucket, prefix, after) as unknown as Iterable<ListedObject>;
            for (const row of rows) {
                if (!row.key.startsWith(prefix)) return;
                yield row;
            }
        },
        isEmpty: (bucket) => any.get(bucket) === undefined,
        files: () => (files.all() as unknown as { file: string }[]).map(({ file }) => file),
    };
}
