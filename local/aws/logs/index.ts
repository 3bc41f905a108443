import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import type { AwsService } from "../service";
import { createLogEvents, type LogEvent } from "./events";
import { createLogGroups } from "./groups";
import { type LogsOperations, logsOperations } from "./operations";

export type { LogEvent } from "./events";
export type { LogsOperations } from "./operations";

export type LogListener = (group: string, stream: string, events: readonly LogEvent[]) => void;

export interface Logs extends AwsService {
    readonly operations: LogsOperations;
    /**
     * Writes for the twin's own services; group and stream are made if need be. Events of one call are in order of time.
     * Resolves once they are on disk.
     */
    append(group: string, stream: string, events: readonly LogEvent[]): Promise<void>;
    /** Calls back with whatever is written, once it is on disk. Returns a function that ends this. */
    onEvents(listener: LogListener): () => void;
}

const expiryIntervalMilliseconds = 3_600_000;
const day = 86_400_000;

/** CloudWatch Logs, on the store. */
export function createLogs(context: TwinContext): Logs {
    const { store } = context;
    const groups = createLogGroups(store);
    const events = createLogEvents(store);
    const listeners = new Set<LogListener>();

    async function append(group: string, stream: string, batch: readonly LogEvent[]): Promise<void> {
        await store.commit(() => {
            if (groups.find(group) === undefined) groups.put({ name: group, created: Date.now(), tags: {} });
            if (!groups.hasStream(group, stream)) groups.addStream(group, stream);
            events.append(group, stream, batch);
        });
        for (const listener of listeners) listener(group, stream, batch);
    }

    function expire(): void {
        try {
            for (const { name, retentionDays } of groups.all()) {
                if (retentionDays === undefined) continue;
                store.transaction(() => events.remove(name, Date.now() - retentionDays * day));
            }
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            context.report({ level: "error", source: "logs", message: `Expired log events stay: ${reason}` });
        }
    }
    expire();
    const expiring = setInterval(expire, expiryIntervalMilliseconds).unref();
    const operations = logsOperations({ context, groups, events, append });

    return {
        ...jsonService({
            signingNames: ["logs"],
            targetPrefixes: ["Logs_20140328"],
            contentType: "application/x-amz-json-1.1",
            operations,
        }),
        operations,
        append,
        onEvents(listener) {
            listeners.add(listener);
            return () => {
                listeners.delete(listener);
            };
        },
        async close() {
            clearInterval(expiring);
        },
    };
}
