import { randomBytes } from "node:crypto";
import type { EncryptionType, StreamMode } from "@aws-sdk/client-kinesis";
import { AwsError, account, region } from "../service";
import type { Store } from "../store";
import { evenShards, type Shard } from "./shards";

/** What a stream was created with, and what was changed since. */
export interface StreamSettings {
    readonly mode: StreamMode;
    readonly retentionHours: number;
    readonly encryption: EncryptionType;
    readonly keyId?: string;
    /** Data and partition key together, in bytes. */
    readonly recordLimit: number;
    readonly tags: Readonly<Record<string, string>>;
}

export interface Stream extends StreamSettings {
    /** Never used again, so that what refers to a deleted stream does not reach one of the same name. */
    readonly id: number;
    readonly name: string;
    readonly arn: string;
    readonly streamId: string;
    readonly created: Date;
    readonly shards: readonly Shard[];
}

export interface Streams {
    /** In order of names. */
    all(): Stream[];
    find(name: string): Stream | undefined;
    byId(id: number): Stream | undefined;
    create(name: string, shardCount: number, settings: StreamSettings): void;
    change(stream: Stream, changes: Partial<StreamSettings>): void;
    /** Deletes a stream, and in the same transaction what `also` deletes. */
    remove(stream: Stream, also: () => void): void;
}

interface Row {
    readonly streamId: string;
    readonly created: number;
    readonly shardCount: number;
    readonly settings: StreamSettings;
}

/** The streams in the store, and a copy in memory: every request asks for one. */
export function createStreams(store: Store): Streams {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS kinesis_streams (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL
    ) STRICT`);
    const insert = database.prepare("INSERT INTO kinesis_streams (name, definition) VALUES (?, ?)");
    const update = database.prepare("UPDATE kinesis_streams SET definition = ? WHERE id = ?");
    const erase = database.prepare("DELETE FROM kinesis_streams WHERE id = ?");
    const byName = new Map<string, Stream>();
    const byId = new Map<number, Stream>();
    for (const row of database.prepare("SELECT id, name, definition FROM kinesis_streams").all()) {
        remember(toStream(Number(row.id), String(row.name), JSON.parse(String(row.definition)) as Row));
    }

    function remember(stream: Stream): void {
        byName.set(stream.name, stream);
        byId.set(stream.id, stream);
    }

    return {
        all: () => [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        find: (name) => byName.get(name),
        byId: (id) => byId.get(id),
        // Not in a group commit: table and copy change in the same turn, so that no call sees one without the other.
        create(name, shardCount, settings) {
            if (byName.has(name)) throw alreadyExists(name);
            const streamId = randomBytes(12).toString("hex");
            const row: Row = { streamId, created: Date.now(), shardCount, settings };
            const { lastInsertRowid } = store.transaction(() => insert.run(name, JSON.stringify(row)));
            remember(toStream(Number(lastInsertRowid), name, row));
        },
        change(stream, changes) {
            const changed = { ...stream, ...changes };
            const row: Row = {
                streamId: stream.streamId,
                created: stream.created.getTime(),
                shardCount: stream.shards.length,
                settings: {
                    mode: changed.mode,
                    retentionHours: changed.retentionHours,
                    encryption: changed.encryption,
                    keyId: changed.keyId,
                    recordLimit: changed.recordLimit,
                    tags: changed.tags,
                },
            };
            store.transaction(() => update.run(JSON.stringify(row), stream.id));
            remember(changed);
        },
        remove(stream, also) {
            store.transaction(() => {
                erase.run(stream.id);
                also();
            });
            byName.delete(stream.name);
            byId.delete(stream.id);
        },
    };
}

export function streamArn(name: string): string {
    return `arn:aws:kinesis:${region}:${account}:stream/${name}`;
}

function alreadyExists(name: string): AwsError {
    return new AwsError("ResourceInUseException", `Stream ${name} under account ${account} already exists.`);
}

function toStream(id: number, name: string, { streamId, created, shardCount, settings }: Row): Stream {
    const date = new Date(created);
    return {
        ...settings,
        id,
        name,
        arn: streamArn(name),
        streamId,
        created: date,
        shards: evenShards(shardCount, date),
    };
}
