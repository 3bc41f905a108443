import type { DatabaseSync } from "node:sqlite";
import { packRecords } from "./record-batch";

/** Turns the rows of an earlier version's home, a record each, into batches of one. They keep their positions. */
export function packEarlierRecords(database: DatabaseSync): void {
    const earlier = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'kinesis_records'");
    if (earlier.get() === undefined) return;
    const rows = database.prepare("SELECT position, stream, shard, arrival, partition_key, data FROM kinesis_records");
    const insert = database.prepare(
        "INSERT INTO kinesis_batches (last, first, stream, shard, arrival, records) VALUES (?, ?, ?, ?, ?, ?)",
    );
    for (const { position, stream, shard, arrival, partition_key, data } of rows.iterate()) {
        const packed = packRecords([{ partitionKey: String(partition_key), data: data as Uint8Array }]);
        insert.run(Number(position), Number(position), Number(stream), Number(shard), Number(arrival), packed);
    }
    database.exec("DROP TABLE kinesis_records");
}
