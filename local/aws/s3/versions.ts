import type { DatabaseSync } from "node:sqlite";
import type { ChecksumAlgorithm, ChecksumType } from "@aws-sdk/client-s3";
import type { StoredBody } from "./bodies";
import { algorithmsOf, type ObjectChecksums } from "./checksums";

/** What S3 knows about an object besides its bytes. */
export interface ObjectProperties {
    /** Headers that come back as they were sent: members of the SDK's shapes, such as `ContentType`. */
    readonly headers: Readonly<Record<string, string>>;
    /** User metadata, names in lower case. */
    readonly metadata: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
    readonly checksums: ObjectChecksums;
    readonly encryption: { readonly algorithm: string; readonly keyArn?: string; readonly bucketKey?: boolean };
}

interface VersionOfKey {
    readonly bucket: string;
    readonly key: string;
    /** `null` for what was put while the bucket had no versioning. */
    readonly version: string;
    /** Milliseconds since the epoch. */
    readonly modified: number;
}

export interface StoredObject extends ObjectProperties, VersionOfKey {
    readonly kind: "object";
    readonly size: number;
    /** Quoted, as in the header. */
    readonly etag: string;
    readonly body: StoredBody;
}

/** The version by which an object in a versioned bucket counts as deleted. */
export interface DeleteMarker extends VersionOfKey {
    readonly kind: "marker";
}

export type StoredVersion = StoredObject | DeleteMarker;

export interface ListedObject extends Pick<StoredObject, "key" | "size" | "etag" | "modified"> {
    readonly storageClass: string;
    readonly checksumAlgorithms: readonly ChecksumAlgorithm[];
    readonly checksumType: ChecksumType;
}

export interface ListedVersion extends ListedObject, Pick<StoredObject, "version"> {
    readonly kind: StoredVersion["kind"];
    readonly latest: boolean;
    /** When a newer version came, milliseconds since the epoch. */
    readonly superseded: number | undefined;
    readonly tags: Readonly<Record<string, string>>;
}

/** The versions of all objects. A bucket without versioning has one of each, `null`. */
export interface ObjectVersions {
    /** The newest version of a key, be it an object or a delete marker. */
    latest(bucket: string, key: string): StoredVersion | undefined;
    find(bucket: string, key: string, version: string): StoredVersion | undefined;
    /** Makes this the newest version. */
    add(version: StoredVersion): void;
    /** Takes a version away for good; where it was the newest, the one before it is that now. */
    delete(version: Pick<StoredVersion, "bucket" | "key" | "version">): void;
    putTags(object: StoredObject, tags: ObjectProperties["tags"]): void;
    /** The objects that are there, in the order of the keys' UTF-8 bytes. */
    objects(bucket: string, from: { prefix: string; after: string }): Iterable<ListedObject>;
    /** In the same order, of a key the newest first; after a key, or after one version of it. */
    all(bucket: string, from: { prefix: string; after: string; afterVersion?: string }): Iterable<ListedVersion>;
    isEmpty(bucket: string): boolean;
    files(): string[];
}

interface Row {
    readonly bucket: string;
    readonly key: string;
    readonly version: string;
    readonly marker: 0 | 1;
    readonly latest: 0 | 1;
    readonly superseded: number | null;
    readonly size: number;
    readonly etag: string;
    readonly modified: number;
    readonly properties: string;
    readonly inline: Uint8Array | null;
    readonly file: string | null;
}

interface ListedRow extends Row {
    readonly storageClass: string;
    readonly tags: string | null;
    readonly checksums: string | null;
}

export function openObjectVersions(database: DatabaseSync): ObjectVersions {
    database.exec(`
        CREATE TABLE IF NOT EXISTS s3_versions (
            id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL,
            marker INTEGER NOT NULL, latest INTEGER NOT NULL DEFAULT 1, superseded INTEGER,
            size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, properties TEXT NOT NULL,
            inline BLOB, file TEXT, UNIQUE (bucket, key, version)
        ) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS s3_latest_versions ON s3_versions (bucket, key) WHERE latest = 1`);
    takeOverUnversioned(database);
    const latest = database.prepare("SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND latest = 1");
    const find = database.prepare("SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND version = ?");
    const supersede = database.prepare(
        "UPDATE s3_versions SET latest = 0, superseded = ? WHERE bucket = ? AND key = ? AND latest = 1",
    );
    const insert = database.prepare(`INSERT INTO s3_versions
        (bucket, key, version, marker, size, etag, modified, properties, inline, file)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    const remove = database.prepare("DELETE FROM s3_versions WHERE bucket = ? AND key = ? AND version = ?");
    const promote = database.prepare(`UPDATE s3_versions SET latest = 1, superseded = NULL WHERE id =
        (SELECT id FROM s3_versions WHERE bucket = :bucket AND key = :key ORDER BY id DESC LIMIT 1)`);
    const describe = database.prepare(
        "UPDATE s3_versions SET properties = ? WHERE bucket = ? AND key = ? AND version = ?",
    );
    const any = database.prepare("SELECT 1 FROM s3_versions WHERE bucket = ? LIMIT 1");
    const files = database.prepare("SELECT file FROM s3_versions WHERE file IS NOT NULL");

    /** A statement of its own each time: others may list while this one is being read. */
    function rows(sql: string, parameters: Record<string, string>): Iterable<ListedRow> {
        return database.prepare(sql).iterate(parameters) as unknown as Iterable<ListedRow>;
    }

    return {
        latest: (bucket, key) => stored(latest.get(bucket, key)),
        find: (bucket, key, version) => stored(find.get(bucket, key, version)),
        add(version) {
            const { bucket, key, modified } = version;
            supersede.run(modified, bucket, key);
            if (version.kind === "marker") {
                insert.run(bucket, key, version.version, 1, 0, "", modified, "{}", null, null);
                return;
            }
            const { size, etag, body } = version;
            const inline = "inline" in body ? body.inline : null;
            const file = "file" in body ? body.file : null;
            const properties = JSON.stringify(propertiesOf(version));
            insert.run(bucket, key, version.version, 0, size, etag, modified, properties, inline, file);
        },
        delete({ bucket, key, version }) {
            remove.run(bucket, key, version);
            promote.run({ bucket, key });
        },
        putTags(object, tags) {
            const { bucket, key, version } = object;
            describe.run(JSON.stringify({ ...propertiesOf(object), tags }), bucket, key, version);
        },
        *objects(bucket, { prefix, after }) {
            const found = rows(
                `SELECT key, size, etag, modified, ${listedProperties} FROM s3_versions INDEXED BY s3_latest_versions
                WHERE bucket = :bucket AND key >= :prefix AND key > :after AND latest = 1 AND marker = 0 ORDER BY key`,
                { bucket, prefix, after },
            );
            for (const row of found) {
                if (!row.key.startsWith(prefix)) return;
                yield listed(row);
            }
        },
        *all(bucket, { prefix, after, afterVersion = "" }) {
            const found = rows(
                `SELECT key, version, marker, latest, superseded, size, etag, modified, ${listedProperties},
                properties -> '$.tags' AS tags FROM s3_versions
                WHERE bucket = :bucket AND key >= :prefix AND (key > :after OR (key = :after AND id < (
                    SELECT id FROM s3_versions WHERE bucket = :bucket AND key = :after AND version = :afterVersion)))
                ORDER BY key, id DESC`,
                { bucket, prefix, after, afterVersion },
            );
            for (const row of found) {
                if (!row.key.startsWith(prefix)) return;
                yield {
                    ...listed(row),
                    kind: row.marker === 1 ? "marker" : "object",
                    version: row.version,
                    latest: row.latest === 1,
                    superseded: row.superseded ?? undefined,
                    tags: JSON.parse(row.tags ?? "{}") as Record<string, string>,
                };
            }
        },
        isEmpty: (bucket) => any.get(bucket) === undefined,
        files: () => (files.all() as unknown as { file: string }[]).map(({ file }) => file),
    };
}

function propertiesOf({ headers, metadata, tags, checksums, encryption }: ObjectProperties): ObjectProperties {
    return { headers, metadata, tags, checksums, encryption };
}

function stored(found: unknown): StoredVersion | undefined {
    if (found === undefined) return undefined;
    const { bucket, key, version, marker, size, etag, modified, properties, inline, file } = found as Row;
    const identity = { bucket, key, version, modified };
    if (marker === 1) return { kind: "marker", ...identity };
    const body: StoredBody = file === null ? { inline: inline ?? new Uint8Array() } : { file, size };
    return { kind: "object", ...(JSON.parse(properties) as ObjectProperties), ...identity, size, etag, body };
}

const listedProperties = `coalesce(properties ->> '$.headers.StorageClass', 'STANDARD') AS storageClass,
    properties -> '$.checksums' AS checksums`;

function listed({ key, size, etag, modified, storageClass, checksums }: ListedRow): ListedObject {
    const kept = JSON.parse(checksums ?? "{}") as ObjectChecksums;
    const { ChecksumType: checksumType = "FULL_OBJECT" } = kept;
    return { key, size, etag, modified, storageClass, checksumAlgorithms: algorithmsOf(kept), checksumType };
}

/** A home of an earlier version keeps objects without versions. */
function takeOverUnversioned(database: DatabaseSync): void {
    if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 's3_objects'").get() === undefined) return;
    database.exec(`BEGIN;
        INSERT INTO s3_versions (bucket, key, version, marker, size, etag, modified, properties, inline, file)
            SELECT bucket, key, 'null', 0, size, etag, modified, properties, inline, file FROM s3_objects;
        DROP TABLE s3_objects;
        COMMIT`);
}
