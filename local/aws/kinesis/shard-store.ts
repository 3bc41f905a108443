import type { DatabaseSync } from "node:sqlite";
import type { ShardState } from "./shards";

/** The shards of all streams in the store. They go with their stream. */
export interface ShardStore {
    /** In the order of their numbers. */
    of(stream: number): readonly ShardState[];
    put(stream: number, shards: readonly ShardState[]): void;
    remove(stream: number, shards: readonly ShardState[]): void;
}

export function createShardStore(database: DatabaseSync): ShardStore {
    database.exec(`CREATE TABLE IF NOT EXISTS kinesis_shards (
        stream INTEGER NOT NULL REFERENCES kinesis_streams (id) ON DELETE CASCADE, number INTEGER NOT NULL,
        state TEXT NOT NULL, PRIMARY KEY (stream, number)
    ) STRICT`);
    const select = database.prepare("SELECT state FROM kinesis_shards WHERE stream = ? ORDER BY number");
    const upsert = database.prepare("INSERT OR REPLACE INTO kinesis_shards VALUES (?, ?, ?)");
    const erase = database.prepare("DELETE FROM kinesis_shards WHERE stream = ? AND number = ?");
    return {
        of: (stream) => select.all(stream).map(({ state }) => JSON.parse(String(state)) as ShardState),
        put(stream, shards) {
            for (const { number, firstHash, lastHash, created, start, parents, closed } of shards) {
                const state: ShardState = { number, firstHash, lastHash, created, start, parents, closed };
                upsert.run(stream, number, JSON.stringify(state));
            }
        },
        remove(stream, shards) {
            for (const { number } of shards) erase.run(stream, number);
        },
    };
}
