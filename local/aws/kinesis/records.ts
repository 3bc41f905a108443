import type { Clock } from "../clock";
import type { Store } from "../store";
import { packEarlierRecords } from "./earlier-records";
import { packRecords, unpackRecords } from "./record-batch";
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

/** The records of all streams: one table of batches, in the order in which they came. */
export function createRecords(store: Store, clock: Clock, throughput: Throughput): Records {
    const { database } = store;
    database.exec(`
        CREATE TABLE IF NOT EXISTS kinesis_batches (
            last INTEGER PRIMARY KEY, first INTEGER NOT NULL, stream INTEGER NOT NULL, shard INTEGER NOT NULL,
            arrival INTEGER NOT NULL, records BLOB NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS kinesis_batches_by_shard ON kinesis_batches (stream, shard, last, arrival, first);
        CREATE TABLE IF NOT EXISTS kinesis_next_position (only INTEGER PRIMARY KEY CHECK (only = 1), position INTEGER NOT NULL) STRICT;
    `);
    store.transaction(() => packEarlierRecords(database));
    const insert = database.prepare(
        "INSERT INTO kinesis_batches (last, first, stream, shard, arrival, records) VALUES (?, ?, ?, ?, ?, ?)",
    );
    const select = database.prepare(
        `SELECT last, first, arrival, records FROM kinesis_batches
         WHERE stream = ? AND shard = ? AND last >= ? AND arrival >= ? ORDER BY last LIMIT ?`,
    );
    const following = database.prepare(
        "SELECT first FROM kinesis_batches WHERE stream = ? AND shard = ? AND last >= ? AND arrival >= ? ORDER BY last LIMIT 1",
    );
    const setPosition = database.prepare("INSERT OR REPLACE INTO kinesis_next_position VALUES (1, ?)");
    const erase = database.prepare("DELETE FROM kinesis_batches WHERE stream = ?");
    const eraseBefore = database.prepare("DELETE FROM kinesis_batches WHERE stream = ? AND shard = ? AND last < ?");

    const present = database.prepare(
        `SELECT max(
            coalesce((SELECT last + 1 FROM kinesis_batches ORDER BY last DESC LIMIT 1), 1),
            coalesce((SELECT position FROM kinesis_next_position), 1)
        ) AS next, (SELECT arrival FROM kinesis_batches ORDER BY last DESC LIMIT 1) AS arrival`,
    );

    /** Asked of the store each time: what is remembered beside it would outlive a transaction that is undone. */
    function next(): number {
        return Number(present.get()?.next);
    }

    /** The next position, and the time of what takes it: no earlier than those before it, or than its shards are. */
    function placeAndTime(shards: Iterable<Shard>) {
        const { next, arrival } = present.get() ?? {};
        const created = [...shards].reduce((latest, shard) => Math.max(latest, shard.created), 0);
        return { next: Number(next), time: Math.max(Number(arrival), clock.now(), created) };
    }

    /** Sequence numbers grow even when the newest records are deleted. */
    function keepPosition(): void {
        setPosition.run(next());
    }

    const horizon = ({ retentionHours }: Stream) => trimHorizon(retentionHours, clock);

    function since(stream: Stream, shard: Shard, time: number): number {
        const found = following.get(stream.id, shard.number, 0, time);
        return found === undefined ? next() : Number(found.first);
    }

    /** Records from a position on that arrived at a time or later, so many at most. */
    function* stored(stream: Stream, shard: Shard, from: number, since: number, limit: number) {
        let left = limit;
        for (const row of select.iterate(stream.id, shard.number, from, since, limit)) {
            const first = Number(row.first);
            const arrival = new Date(Number(row.arrival));
            let position = Math.max(from, first);
            for (const record of unpackRecords(asBuffer(row.records as Uint8Array), position - first)) {
                if (left-- === 0) return;
                yield { position: position++, arrival, ...record };
            }
        }
    }

    /** By the shards that take them; the records that find no throughput left are not among them. */
    function place(stream: Stream, records: readonly NewRecord[]) {
        const batches = new Map<Shard, { first: number; records: NewRecord[] }>();
        const placed = records.map((record) => {
            const shard = shardFor(stream.open, record.partitionKey, record.explicitHashKey);
            const bytes = record.data.length + Buffer.byteLength(record.partitionKey);
            if (!throughput.write(stream, shard, bytes)) return { shard };
            const batch = batches.get(shard) ?? { first: 0, records: [] };
            batches.set(shard, batch);
            return { shard, batch, index: batch.records.push(record) - 1 };
        });
        return { batches, placed };
    }

    return {
        append(stream, records) {
            const { batches, placed } = place(stream, records);
            let { next, time } = placeAndTime(batches.keys());
            for (const [shard, batch] of batches) {
                batch.first = next;
                next += batch.records.length;
                insert.run(next - 1, batch.first, stream.id, shard.number, time, packRecords(batch.records));
            }
            return placed.map(({ shard, batch, index }) => ({
                shard,
                sequenceNumber: batch === undefined ? undefined : shard.sequenceNumber(batch.first + index),
            }));
        },
        moment(stream) {
            const { next, time } = placeAndTime(stream.open);
            setPosition.run(next + 1);
            return { time, index: next };
        },
        read(stream, shard, from, limits) {
            const records: StoredRecord[] = [];
            const oldest = horizon(stream);
            let next = from;
            let bytes = 0;
            for (const { position, ...record } of stored(stream, shard, from, oldest, limits.records)) {
                if (bytes + record.data.length > limits.bytes && records.length > 0) break;
                bytes += record.data.length;
                records.push({ sequenceNumber: shard.sequenceNumber(position), ...record });
                next = position + 1;
            }
            const last = records.at(-1);
            const more = last !== undefined && following.get(stream.id, shard.number, next, oldest) !== undefined;
            return {
                records,
                next,
                bytes,
                millisecondsBehind: more ? Math.max(0, clock.now() - last.arrival.getTime()) : 0,
                ended: shard.closed !== undefined && !more,
            };
        },
        next,
        since: (stream, shard, time) => since(stream, shard, time.getTime()),
        remove(stream) {
            keepPosition();
            erase.run(stream.id);
        },
        trim(stream) {
            for (const shard of stream.shards) {
                const oldest = since(stream, shard, horizon(stream));
                if (since(stream, shard, 0) === oldest) continue;
                store.transaction(() => {
                    keepPosition();
                    eraseBefore.run(stream.id, shard.number, oldest);
                });
            }
        },
    };
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
    return Buffer.from(buffer, byteOffset, length);
}
