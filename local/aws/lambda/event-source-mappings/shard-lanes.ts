import type { ReadableShard } from "../../kinesis";
import { AwsError } from "../../service";
import { type Lane, type LaneDependencies, startLane } from "./lane";
import { turns } from "./lineage";
import { type StoredMapping, streamName } from "./mapping";
import type { ShardLane } from "./mapping-store";
import { polling } from "./polling";
import { nextRecord } from "./shard-reader";

/** The lanes of one mapping, which follow the shards of its stream as these are closed and opened. */
export interface ShardLanes {
    /** All that is in the shards has been dealt with. */
    idle(): boolean;
    /** Why what is left is not handled at once, for a person: as many as there are. */
    reasons(): readonly string[];
    /** Resolves when the invocations in progress have ended. What they have done is kept. */
    stop(): Promise<void>;
}

/** The lanes of a shard that is being read, and what to call when it got records. */
interface Running {
    readonly lanes: readonly Lane[];
    readonly recordsCame: () => void;
    /** Lanes that have not come to the end of the shard. */
    left: number;
}

/** Milliseconds before another try when the store could not be read or written. */
const secondTry = 1_000;

export function createShardLanes(mapping: StoredMapping, dependencies: Omit<LaneDependencies, "onEnd">): ShardLanes {
    const { context, store, onResult } = dependencies;
    const { kinesis } = context.services();
    const { uuid, streamArn, settings } = mapping;
    const name = streamName("GetRecords", streamArn);
    const running = new Map<string, Running>();
    /** Closed shards in which nothing is left. */
    const done = new Set<string>();
    let waiting: readonly ReadableShard[] = [];
    let stopped = false;

    function lanesOf(shardId: string): readonly ShardLane[] {
        return Array.from({ length: settings.parallelizationFactor }, (_, lane) => ({ uuid, shardId, lane }));
    }

    /** Sees to it that the shards whose turn it is are read. Where that fails, it is tried again: nothing else would. */
    function follow(): void {
        if (stopped) return;
        try {
            takeTurns();
        } catch (error) {
            tell(error instanceof Error ? error.message : String(error));
            context.clock.at(context.clock.now() + secondTry, follow);
        }
    }

    /** Begins to read the shards whose turn it is, and ends with those that are no longer there. */
    function takeTurns(): void {
        const shards = new Map(listed().map((shard) => [shard.id, shard]));
        const turn = turns([...shards.values()], (id) => !running.has(id) && isDone(id, shards.get(id)));
        waiting = turn.waiting;
        const ready = turn.ready.map(({ id }) => id).filter((id) => !running.has(id));
        // Of many shards at once, each transaction would wait for the disk.
        if (ready.length > 0) context.store.transaction(() => ready.forEach(begin));
        ready.forEach(start);
        for (const id of running.keys()) if (!shards.has(id)) void end(id);
    }

    function listed(): readonly ReadableShard[] {
        try {
            return kinesis.shards(name);
        } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            tell(error.message);
            return [];
        }
    }

    function tell(reason: string): void {
        onResult(`PROBLEM: ${reason}`);
        const message = `The mapping of ${streamArn} to ${mapping.functionName} waits: ${reason}`;
        context.report({ level: "warning", source: "lambda", message });
    }

    /** Has nothing, for it is closed and read to its end, or has expired. */
    function isDone(id: string, shard: ReadableShard | undefined): boolean {
        if (shard?.closed !== true) return shard === undefined;
        if (!done.has(id) && lanesOf(id).every(nothingLeft)) done.add(id);
        return done.has(id);
    }

    function nothingLeft(at: ShardLane): boolean {
        return store.window(at) === undefined && nextRecord(kinesis, mapping, at, store.checkpoint(at)) === undefined;
    }

    function begin(shardId: string): void {
        store.begin(uuid, shardId, settings.parallelizationFactor, kinesis.position(name, shardId, "TRIM_HORIZON"));
    }

    function start(shardId: string): void {
        const onEnd = () => {
            shard.left--;
            if (shard.left > 0 || running.get(shardId) !== shard) return;
            running.delete(shardId);
            follow();
        };
        const lanes = lanesOf(shardId).map((at) => startLane(mapping, at, { ...dependencies, onEnd }));
        const recordsCame = polling(context, () => {
            for (const lane of lanes) lane.wake();
        });
        const shard: Running = { lanes, recordsCame, left: lanes.length };
        running.set(shardId, shard);
    }

    /** Until its invocations have ended, a shard that is gone keeps its children waiting. */
    async function end(shardId: string): Promise<void> {
        const shard = running.get(shardId);
        await Promise.all(shard?.lanes.map((lane) => lane.stop()) ?? []);
        if (running.get(shardId) !== shard) return;
        running.delete(shardId);
        follow();
    }

    const unsubscribe = [
        kinesis.onRecords(name, (shardIds) => {
            for (const id of shardIds) running.get(id)?.recordsCame();
        }),
        kinesis.onShards(name, () => {
            // A stream of the same name may have come in its place.
            done.clear();
            follow();
            for (const { lanes } of running.values()) for (const lane of lanes) lane.wake();
        }),
    ];
    follow();

    return {
        idle: () =>
            waiting.length === 0 && [...running.values()].every(({ lanes }) => lanes.every((lane) => lane.idle())),
        reasons() {
            const lanes = [...running.values()].flatMap((shard) => shard.lanes).filter((lane) => !lane.idle());
            return [...new Set(lanes.map((lane) => lane.reason()))].filter((reason) => reason !== undefined);
        },
        async stop() {
            stopped = true;
            for (const end of unsubscribe) end();
            await Promise.all([...running.values()].flatMap(({ lanes }) => lanes.map((lane) => lane.stop())));
        },
    };
}
