import { AwsError } from "../../service";
import type { LaneDependencies } from "./lane";
import { type StoredMapping, streamName } from "./mapping";
import { createShardLanes, type ShardLanes } from "./shard-lanes";

/** The mappings that read at present. */
export interface Readings {
    /** Begins to read for a new mapping, from where its checkpoints are. */
    open(mapping: StoredMapping): void;
    /**
     * Takes up what the store now says about a mapping, once the invocations under its earlier settings have ended:
     * there are never two readers of a shard.
     */
    restart(uuid: string): Promise<void>;
    /** Is a change still to take effect? */
    changing(uuid: string): boolean;
    lastResult(uuid: string): string;
    idle(): boolean;
    /** What is unread or unfinished, for a person. */
    busy(): string[];
    close(): Promise<void>;
}

export function createReadings(dependencies: Omit<LaneDependencies, "onResult" | "onEnd">): Readings {
    const { context, store } = dependencies;
    const readings = new Map<string, ShardLanes & { readonly what: string }>();
    const changes = new Map<string, Promise<void>>();
    const results = new Map<string, string>();
    let closed = false;

    function open(mapping: StoredMapping): void {
        const { uuid, settings } = mapping;
        store.shareAmong(uuid, settings.parallelizationFactor);
        const onResult = (result: string) => results.set(uuid, result);
        const what = `${mapping.functionName}, with records of ${streamName("GetRecords", mapping.streamArn)}`;
        readings.set(uuid, { ...createShardLanes(mapping, { ...dependencies, onResult }), what });
    }

    async function stop(uuid: string): Promise<void> {
        const reading = readings.get(uuid);
        readings.delete(uuid);
        await reading?.stop();
    }

    async function replace(uuid: string): Promise<void> {
        try {
            await stop(uuid);
            const mapping = store.find(uuid);
            if (mapping === undefined) results.delete(uuid);
            if (mapping?.settings.enabled !== true || closed) return;
            open(mapping);
        } catch (error) {
            const reason = error instanceof AwsError ? error.message : String(error);
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
        idle: () => changes.size === 0 && [...readings.values()].every((reading) => reading.idle()),
        busy: () => [
            ...[...changes.keys()].map((uuid) => `the mapping ${uuid}, which is being changed`),
            ...[...readings.values()]
                .filter((reading) => !reading.idle())
                .map(({ what, reasons }) => [what, reasons().join(", and ")].filter((part) => part !== "").join(": ")),
        ],
        async close() {
            closed = true;
            await Promise.all([...[...readings.keys()].map(stop), ...changes.values()]);
        },
    };
}
