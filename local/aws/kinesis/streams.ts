import { randomBytes } from "node:crypto";
import type { EncryptionType, StreamMode } from "@aws-sdk/client-kinesis";
import type { Clock } from "../clock";
import { AwsError, account, region } from "../service";
import type { Store } from "../store";
import { createShardStore } from "./shard-store";
import { evenShards, openShards, type Shard, type ShardState, toShard } from "./shards";

/** What a stream was created with, and what was changed since. */
export interface StreamSettings {
    readonly mode: StreamMode;
    readonly retentionHours: number;
    readonly encryption: EncryptionType;
    readonly keyId?: string;
    /** Data and partition key together, in bytes. */
    readonly recordLimit: number;
    readonly tags: Readonly<Record<string, string>>;
    /** When it was scaled, and when its mode was changed, within the last 24 hours. Milliseconds since 1970. */
    readonly scaled?: readonly number[];
    readonly modeChanged?: readonly number[];
}

export interface Stream extends StreamSettings {
    /** Never used again, so that what refers to a deleted stream does not reach one of the same name. */
    readonly id: number;
    readonly name: string;
    readonly arn: string;
    readonly streamId: string;
    readonly created: Date;
    /** In the order of their numbers. */
    readonly shards: readonly Shard[];
    /** Those that take records, in the order of their hash keys. */
    readonly open: readonly Shard[];
}

export interface Streams {
    /** In order of names. */
    all(): Stream[];
    find(name: string): Stream | undefined;
    byId(id: number): Stream | undefined;
    create(name: string, shardCount: number, settings: StreamSettings): void;
    change(stream: Stream, changes: Partial<StreamSettings>): void;
    /**
     * Closes and opens shards: `work` gets those of now and returns those of then. One transaction with what `work`
     * stores and with the changes.
     */
    reshard(
        stream: Stream,
        work: (shards: readonly Shard[]) => readonly ShardState[],
        changes?: Partial<StreamSettings>,
    ): void;
    /** Forgets closed shards whose records have all expired. Were there any? */
    forgetExpired(stream: Stream): boolean;
    /** Deletes a stream, and in the same transaction what `also` deletes. */
    remove(stream: Stream, also: () => void): void;
}

interface Row {
    readonly streamId: string;
    readonly created: number;
    /** Of a stream that was made before shards were stored. */
    readonly shardCount?: number;
    readonly settings: StreamSettings;
}

/** The streams in the store, and a copy in memory: every request asks for one. */
export function createStreams(store: Store, clock: Clock): Streams {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS kinesis_streams (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL
    ) STRICT`);
    const insert = database.prepare("INSERT INTO kinesis_streams (name, definition) VALUES (?, ?)");
    const update = database.prepare("UPDATE kinesis_streams SET definition = ? WHERE id = ?");
    const erase = database.prepare("DELETE FROM kinesis_streams WHERE id = ?");
    const shardStore = createShardStore(database);
    const byName = new Map<string, Stream>();
    const byId = new Map<number, Stream>();
    for (const { id, name, definition } of database.prepare("SELECT id, name, definition FROM kinesis_streams").all()) {
        const row = JSON.parse(String(definition)) as Row;
        const { shardCount, created } = row;
        const shards =
            shardCount === undefined ? shardStore.of(Number(id)) : firstShards(Number(id), shardCount, created);
        remember(toStream(Number(id), String(name), row, shards));
    }

    function firstShards(id: number, count: number, created: number): readonly ShardState[] {
        const shards = evenShards(count, created);
        shardStore.put(id, shards);
        return shards;
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
            const row: Row = { streamId: newStreamId(), created: clock.now(), settings };
            const stream = store.transaction(() => {
                const id = Number(insert.run(name, JSON.stringify(row)).lastInsertRowid);
                return toStream(id, name, row, firstShards(id, shardCount, row.created));
            });
            remember(stream);
        },
        change(stream, changes) {
            const changed = { ...stream, ...changes };
            store.transaction(() => update.run(JSON.stringify(toRow(changed)), stream.id));
            remember(changed);
        },
        reshard(stream, work, changes = {}) {
            const known = new Set<ShardState>(stream.shards);
            const changed = store.transaction(() => {
                const states = work(stream.shards);
                shardStore.put(
                    stream.id,
                    states.filter((state) => !known.has(state)),
                );
                const then = { ...stream, ...changes, ...shardsOf(states) };
                update.run(JSON.stringify(toRow(then)), stream.id);
                return then;
            });
            remember(changed);
        },
        forgetExpired(stream) {
            const kept = unexpiredShards(stream, clock);
            if (kept.length === stream.shards.length) return false;
            const expired = stream.shards.filter((shard) => !kept.includes(shard));
            store.transaction(() => shardStore.remove(stream.id, expired));
            remember({ ...stream, shards: kept });
            return true;
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

/** The shards that may still hold records, or get some. */
export function unexpiredShards({ shards, retentionHours }: Stream, clock: Clock): readonly Shard[] {
    const oldest = trimHorizon(retentionHours, clock);
    return shards.filter(({ closed }) => closed === undefined || closed.time >= oldest);
}

/** Records that came before this time, in milliseconds since 1970, have expired. */
export function trimHorizon(retentionHours: number, clock: Clock): number {
    return clock.now() - retentionHours * 3_600_000;
}

export function streamArn(name: string): string {
    return `arn:aws:kinesis:${region}:${account}:stream/${name}`;
}

function newStreamId(): string {
    const digits = randomBytes(12).toString("hex");
    return `${digits.slice(0, 20)}-${digits.slice(20, 23)}`;
}

function alreadyExists(name: string): AwsError {
    return new AwsError("ResourceInUseException", `Stream ${name} under account ${account} already exists.`);
}

function toStream(
    id: number,
    name: string,
    { streamId, created, settings }: Row,
    shards: readonly ShardState[],
): Stream {
    return { ...settings, id, name, arn: streamArn(name), streamId, created: new Date(created), ...shardsOf(shards) };
}

function toRow(stream: Stream): Row {
    const { mode, retentionHours, encryption, keyId, recordLimit, tags, scaled, modeChanged } = stream;
    return {
        streamId: stream.streamId,
        created: stream.created.getTime(),
        settings: { mode, retentionHours, encryption, keyId, recordLimit, tags, scaled, modeChanged },
    };
}

function shardsOf(states: readonly ShardState[]): Pick<Stream, "shards" | "open"> {
    const shards = states.map(toShard);
    return { shards, open: openShards(shards) };
}
