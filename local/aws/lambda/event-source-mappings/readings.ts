import { type Lane, type LaneDependencies, startLane } from "./lane";
import { type StoredMapping, streamName } from "./mapping";

/** The mappings that read at present. */
export interface Readings {
    /** Begins to read for a mapping, from where its checkpoints are. */
    open(mapping: StoredMapping, shardIds: readonly string[]): void;
    /**
     * Takes up what the store now says about a mapping, once the invocations under its earlier settings have ended:
     * there are never two readers of a shard.
     */
    restart(uuid: string): Promise<void>;
    /** Is a change still to take effect? */
    changing(uuid: string): boolean;
    lastResult(uuid: string): string;
    idle(): boolean;
    close(): Promise<void>;
}

interface Reading {
    readonly lanes: readonly Lane[];
    unsubscribe(): void;
}

export function createReadings(
    dependencies: Omit<LaneDependencies, "onResult">,
    shardsOf: (streamArn: string) => Promise<readonly string[]>,
): Readings {
    const { context, store } = dependencies;
    const readings = new Map<string, Reading>();
    const changes = new Map<string, Promise<void>>();
    const results = new Map<string, string>();
    let closed = false;

    function open(mapping: StoredMapping, shardIds: readonly string[]): void {
        const { uuid, streamArn, settings } = mapping;
        const onResult = (result: string) => results.set(uuid, result);
        const lanes = shardIds.flatMap((shardId) =>
            Array.from({ length: settings.parallelizationFactor }, (_, lane) =>
                startLane(mapping, { uuid, shardId, lane }, { ...dependencies, onResult }),
            ),
        );
        const { kinesis } = context.services();
        const unsubscribe = kinesis.onRecords(streamName("GetRecords", streamArn), (withRecords) => {
            for (const lane of lanes) if (withRecords.includes(lane.shardId)) lane.wake();
        });
        readings.set(uuid, { lanes, unsubscribe });
    }

    async function stop(uuid: string): Promise<void> {
        const reading = readings.get(uuid);
        readings.delete(uuid);
        reading?.unsubscribe();
        await Promise.all(reading?.lanes.map((lane) => lane.stop()) ?? []);
    }

    async function replace(uuid: string): Promise<void> {
        try {
            await stop(uuid);
            const mapping = store.find(uuid);
            if (mapping === undefined) results.delete(uuid);
            if (mapping?.settings.enabled !== true || closed) return;
            const shardIds = await shardsOf(mapping.streamArn);
            if (!closed) open(mapping, shardIds);
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            results.set(uuid, `PROBLEM: ${reason}`);
            const message = `The event source mapping ${uuid} does not read: ${reason}`;
            context.report({ level: "error", source: "lambda", message });
        }
    }

    return {
        open,
        async restart(uuid) {
            const earlier = changes.get(uuid);
            const change = earlier === undefined ? replace(uuid) : earlier.then(() => replace(uuid));
            changes.set(uuid, change);
            await change;
            if (changes.get(uuid) === change) changes.delete(uuid);
        },
        changing: (uuid) => changes.has(uuid),
        lastResult: (uuid) => results.get(uuid) ?? "No records processed",
        idle: () =>
            changes.size === 0 && [...readings.values()].every(({ lanes }) => lanes.every((lane) => lane.idle())),
        async close() {
            closed = true;
            await Promise.all([...[...readings.keys()].map(stop), ...changes.values()]);
        },
    };
}
