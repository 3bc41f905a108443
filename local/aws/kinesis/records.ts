import type { Clock } from "../clock";
import type { Store } from "../store";
import type { Moment } from "./resharding";
import { type Shard, shardFor } from "./shards";
import { type Stream, trimHorizon } from "./streams";
import type { Throughput } from "./throughput";

export interface NewRecord {
    readonly partitionKey: string;
    readonly explicitHashKey?: string;
    readonly data: Uint8Array;
}

export interface StoredRecord {
    readonly sequenceNumber: string;
    readonly partitionKey: string;
    readonly data: Buffer;
    readonly arrival: Date;
}

/** What became of a new record. */
export interface Placement {
    readonly shard: Shard;
    /** Undefined when the shard had no throughput left for it. */
    readonly sequenceNumber: string | undefined;
}

/** Records from an index on, which are all there is or as many as fit. */
export interface Page {
    readonly records: StoredRecord[];
    /** Where the next page begins. */
    readonly next: number;
    /** How far the page's last record is behind the present; 0 when no newer one is there. */
    readonly millisecondsBehind: number;
    /** Of the records' data. */
    readonly bytes: number;
    /** The shard is closed, and this is all. */
    readonly ended: boolean;
}

export interface Records {
    /** Stores records, in their order. To be called in a transaction. */
    append(stream: Stream, records: readonly NewRecord[]): Placement[];
    /** Takes an index for the closing and opening of shards. To be called in a transaction. */
    moment(stream: Stream): Moment;
    read(stream: Stream, shard: Shard, from: number, limits: { records: number; bytes: number }): Page;
    /** The index that the next record will have. */
    next(): number;
    /** The index of the first record that arrived at a time or later. */
    since(stream: Stream, shard: Shard, time: Date): number;
    /** Deletes a stream's records. To be called in a transaction. */
    remove(stream: Stream): void;
    /** Deletes what is older than the stream's retention. */
    trim(stream: Stream): void;
}

/** The records of all streams: one table, in the order in which they came. */
export function createRecords(store: Store, clock: Clock, throughput: Throughput): Records {
    const { database } = store;
    database.exec(`
        CREATE TABLE IF NOT EXISTS kinesis_records (
            position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, shard INTEGER NOT NULL, arrival INTEGER NOT NULL,
            partition_key TEXT NOT NULL, data BLOB NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS kinesis_records_by_shard ON kinesis_records (stream, shard, position, arrival);
        CREATE TABLE IF NOT EXISTS kinesis_next_position (only INTEGER PRIMARY KEY CHECK (only = 1), position INTEGER NOT NULL) STRICT;
    `);
    const insert = database.prepare(
        "INSERT INTO kinesis_records (position, stream, shard, arrival, partition_key, data) VALUES (?, ?, ?, ?, ?, ?)",
    );
    const select = database.prepare(
        `SELECT position, arrival, partition_key, data FROM kinesis_records
         WHERE stream = ? AND shard = ? AND position >= ? AND arrival >= ? ORDER BY position LIMIT ?`,
    );
    const following = database.prepare(
        "SELECT position FROM kinesis_records WHERE stream = ? AND shard = ? AND position >= ? AND arrival >= ? ORDER BY position LIMIT 1",
    );
    const keepPosition = database.prepare("INSERT OR REPLACE INTO kinesis_next_position VALUES (1, ?)");
    const erase = database.prepare("DELETE FROM kinesis_records WHERE stream = ?");
    const eraseBefore = database.prepare("DELETE FROM kinesis_records WHERE stream = ? AND shard = ? AND position < ?");

    const newest = database
        .prepare("SELECT position, arrival FROM kinesis_records ORDER BY position DESC LIMIT 1")
        .get();
    const kept = database.prepare("SELECT position FROM kinesis_next_position").get();
    // Sequence numbers grow even when the newest records were deleted, and arrival times never go back with the clock.
    let nextPosition = Math.max(Number(newest?.position ?? 0) + 1, Number(kept?.position ?? 1));
    let lastArrival = Number(newest?.arrival ?? 0);

    const horizon = ({ retentionHours }: Stream) => trimHorizon(retentionHours, clock);

    function since(stream: Stream, shard: Shard, time: number): number {
        const found = following.get(stream.id, shard.number, 0, time);
        return found === undefined ? nextPosition : Number(found.position);
    }

    return {
        append(stream, records) {
            lastArrival = Math.max(lastArrival, clock.now());
            return records.map(({ partitionKey, explicitHashKey, data }) => {
                const shard = shardFor(stream.open, partitionKey, explicitHashKey);
                const bytes = data.length + Buffer.byteLength(partitionKey);
                if (!throughput.write(stream, shard, bytes)) return { shard, sequenceNumber: undefined };
                const position = nextPosition++;
                insert.run(position, stream.id, shard.number, lastArrival, partitionKey, data);
                return { shard, sequenceNumber: shard.sequenceNumber(position) };
            });
        },
        moment(stream) {
            lastArrival = Math.max(lastArrival, clock.now(), ...stream.open.map(({ created }) => created));
            const index = nextPosition++;
            keepPosition.run(nextPosition);
            return { time: lastArrival, index };
        },
        read(stream, shard, from, limits) {
            const records: StoredRecord[] = [];
            const oldest = horizon(stream);
            let next = from;
            let bytes = 0;
            let arrival = 0;
            for (const row of select.iterate(stream.id, shard.number, from, oldest, limits.records)) {
                const data = row.data as Uint8Array;
                if (bytes + data.length > limits.bytes && records.length > 0) break;
                bytes += data.length;
                const position = Number(row.position);
                arrival = Number(row.arrival);
                records.push({
                    sequenceNumber: shard.sequenceNumber(position),
                    partitionKey: String(row.partition_key),
                    data: Buffer.from(data.buffer, data.byteOffset, data.length),
                    arrival: new Date(arrival),
                });
                next = position + 1;
            }
            const more = records.length > 0 && following.get(stream.id, shard.number, next, oldest) !== undefined;
            return {
                records,
                next,
                bytes,
                millisecondsBehind: more ? Math.max(0, clock.now() - arrival) : 0,
                ended: shard.closed !== undefined && !more,
            };
        },
        next: () => nextPosition,
        since: (stream, shard, time) => since(stream, shard, time.getTime()),
        remove(stream) {
            keepPosition.run(nextPosition);
            erase.run(stream.id);
        },
        trim(stream) {
            for (const shard of stream.shards) {
                const oldest = since(stream, shard, horizon(stream));
                if (since(stream, shard, 0) === oldest) continue;
                store.transaction(() => {
                    keepPosition.run(nextPosition);
                    eraseBefore.run(stream.id, shard.number, oldest);
                });
            }
        },
    };
}
