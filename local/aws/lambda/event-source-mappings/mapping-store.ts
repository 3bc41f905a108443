import { AwsError } from "../../service";
import type { Store } from "../../store";
import { defaultSettings, type StoredMapping } from "./mapping";
import type { TumblingWindow } from "./tumbling-window";

/** One reader of a shard; there are several when the mapping is parallelised. */
export interface ShardLane {
    readonly uuid: string;
    readonly shardId: string;
    /** From 0, below the parallelisation factor. */
    readonly lane: number;
}

/** Mappings, and how far each has read each shard. */
export interface MappingStore {
    find(uuid: string): StoredMapping | undefined;
    /** @throws AwsError ResourceNotFoundException */
    get(uuid: string): StoredMapping;
    list(): StoredMapping[];
    /** The mapping that already maps the same stream to the same function. */
    sameAs(mapping: StoredMapping): StoredMapping | undefined;
    /**
     * Adds a mapping that begins at these positions, by shard. Resolves once it is on disk, with undefined; with the one
     * that is there, and nothing added, where another request was faster.
     */
    add(mapping: StoredMapping, positions: ReadonlyMap<string, string>): Promise<StoredMapping | undefined>;
    put(mapping: StoredMapping): Promise<void>;
    /** Stores what `change` makes of the tags as they are then. @throws AwsError ResourceNotFoundException */
    retag(uuid: string, change: (tags: StoredMapping["tags"]) => StoredMapping["tags"]): Promise<void>;
    remove(uuid: string): Promise<void>;
    /** The sequence number up to which everything is done; undefined of a shard that was not begun. */
    checkpoint(lane: ShardLane): string | undefined;
    /** The window that is open in a lane's shard. */
    window(lane: ShardLane): TumblingWindow | undefined;
    /** Resolves once both are on disk, together; an undefined sequence number leaves that as it is. */
    setProgress(
        lane: ShardLane,
        progress: { readonly sequenceNumber: string | undefined; readonly window: TumblingWindow | undefined },
    ): Promise<void>;
    /**
     * Gives each lane of a shard that was not begun the same checkpoint. All have one from then on, so that after another
     * start none goes by how far others are.
     */
    begin(uuid: string, shardId: string, lanes: number, sequenceNumber: string): void;
    /**
     * Says how many lanes a shard has. Where it had another number, other keys share a lane now, and each lane begins where
     * the slowest was. To be called while none reads.
     */
    shareAmong(uuid: string, lanes: number): void;
}

export function createMappingStore(store: Store): MappingStore {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS lambda_mappings (uuid TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS lambda_checkpoints (
        mapping TEXT NOT NULL REFERENCES lambda_mappings (uuid) ON DELETE CASCADE, shard TEXT NOT NULL,
        lane INTEGER NOT NULL, sequence_number TEXT NOT NULL, PRIMARY KEY (mapping, shard, lane)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS lambda_windows (
        mapping TEXT NOT NULL REFERENCES lambda_mappings (uuid) ON DELETE CASCADE, shard TEXT NOT NULL,
        lane INTEGER NOT NULL, window TEXT NOT NULL, PRIMARY KEY (mapping, shard, lane)
    ) STRICT`);
    const one = database.prepare("SELECT record FROM lambda_mappings WHERE uuid = ?");
    const all = database.prepare("SELECT record FROM lambda_mappings ORDER BY uuid");
    const upsert = database.prepare(
        "INSERT INTO lambda_mappings VALUES (?, ?) ON CONFLICT (uuid) DO UPDATE SET record = excluded.record",
    );
    const erase = database.prepare("DELETE FROM lambda_mappings WHERE uuid = ?");
    const ofLane = database.prepare(
        "SELECT sequence_number FROM lambda_checkpoints WHERE mapping = ? AND shard = ? AND lane = ?",
    );
    const shardsOf = database.prepare(
        "SELECT shard, count(*) AS lanes, min(sequence_number) AS slowest FROM lambda_checkpoints WHERE mapping = ? GROUP BY shard",
    );
    const forget = database.prepare("DELETE FROM lambda_checkpoints WHERE mapping = ? AND shard = ?");
    // A mapping that was deleted meanwhile gets no checkpoint.
    const setLane = database.prepare(
        "INSERT OR REPLACE INTO lambda_checkpoints SELECT uuid, ?, ?, ? FROM lambda_mappings WHERE uuid = ?",
    );

    const windowOf = database.prepare("SELECT window FROM lambda_windows WHERE mapping = ? AND shard = ? AND lane = ?");
    const setWindow = database.prepare(
        "INSERT OR REPLACE INTO lambda_windows SELECT uuid, ?, ?, ? FROM lambda_mappings WHERE uuid = ?",
    );
    const endWindow = database.prepare("DELETE FROM lambda_windows WHERE mapping = ? AND shard = ? AND lane = ?");

    function setAll(uuid: string, shardId: string, lanes: number, sequenceNumber: string): void {
        for (let lane = 0; lane < lanes; lane++) setLane.run(shardId, lane, sequenceNumber, uuid);
    }

    function find(uuid: string): StoredMapping | undefined {
        const row = one.get(uuid);
        return row === undefined ? undefined : toMapping(row.record);
    }

    function get(uuid: string): StoredMapping {
        const found = find(uuid);
        if (found !== undefined) return found;
        throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, {
            Type: "User",
        });
    }

    const list = () => all.all().map((row) => toMapping(row.record));

    function sameAs({ streamArn, functionName }: StoredMapping): StoredMapping | undefined {
        return list().find((other) => other.streamArn === streamArn && other.functionName === functionName);
    }

    return {
        find,
        sameAs,
        add: (mapping, positions) =>
            store.commit(() => {
                const same = sameAs(mapping);
                if (same !== undefined) return same;
                upsert.run(mapping.uuid, JSON.stringify(mapping));
                for (const [shardId, sequenceNumber] of positions) {
                    setLane.run(shardId, 0, sequenceNumber, mapping.uuid);
                }
                return undefined;
            }),
        get,
        list,
        async put(mapping) {
            await store.commit(() => upsert.run(mapping.uuid, JSON.stringify(mapping)));
        },
        async retag(uuid, change) {
            await store.commit(() => {
                const mapping = get(uuid);
                upsert.run(uuid, JSON.stringify({ ...mapping, tags: change(mapping.tags) }));
            });
        },
        async remove(uuid) {
            await store.commit(() => erase.run(uuid));
        },
        checkpoint({ uuid, shardId, lane }) {
            const row = ofLane.get(uuid, shardId, lane);
            return row === undefined ? undefined : String(row.sequence_number);
        },
        window({ uuid, shardId, lane }) {
            const row = windowOf.get(uuid, shardId, lane);
            return row === undefined ? undefined : (JSON.parse(String(row.window)) as TumblingWindow);
        },
        async setProgress({ uuid, shardId, lane }, { sequenceNumber, window }) {
            await store.commit(() => {
                if (sequenceNumber !== undefined) setLane.run(shardId, lane, sequenceNumber, uuid);
                if (window === undefined) endWindow.run(uuid, shardId, lane);
                else setWindow.run(shardId, lane, JSON.stringify(window), uuid);
            });
        },
        begin(uuid, shardId, lanes, sequenceNumber) {
            if (ofLane.get(uuid, shardId, 0) !== undefined) return;
            store.transaction(() => setAll(uuid, shardId, lanes, sequenceNumber));
        },
        shareAmong(uuid, lanes) {
            const others = shardsOf.all(uuid).filter((row) => Number(row.lanes) !== lanes);
            if (others.length === 0) return;
            store.transaction(() => {
                for (const { shard, slowest } of others) {
                    forget.run(uuid, String(shard));
                    // Sequence numbers are of one length: the smallest text is the smallest number.
                    setAll(uuid, String(shard), lanes, String(slowest));
                }
            });
        },
    };
}

/** One that was stored by an earlier version has the defaults of what it could not set. */
function toMapping(record: unknown): StoredMapping {
    const mapping = JSON.parse(String(record)) as StoredMapping;
    return { ...mapping, settings: { ...defaultSettings, ...mapping.settings } };
}
