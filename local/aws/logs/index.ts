import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import type { AwsService } from "../service";
import { embeddedMetrics } from "./embedded-metrics";
import { type EventOperations, eventOperations } from "./event-operations";
import { createLogEvents, type LogEvent } from "./events";
import { type GroupOperations, groupOperations } from "./group-operations";
import { createLogGroups } from "./groups";
import { type MetricFilterOperations, metricFilterOperations } from "./metric-filter-operations";
import { openMetricFilters } from "./metric-filters";

export type { LogEvent } from "./events";

export interface LogsOperations extends GroupOperations, EventOperations, MetricFilterOperations {}

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
    const { store, clock } = context;
    const groups = createLogGroups(context);
    const events = createLogEvents(context);
    const metricFilters = openMetricFilters(context);
    const listeners = new Set<LogListener>();
    const malformed = new Set<string>();

    async function append(group: string, stream: string, batch: readonly LogEvent[]): Promise<void> {
        await store.commit(() => {
            if (groups.find(group) === undefined) groups.put({ name: group, created: clock.now(), tags: {} });
            if (!groups.hasStream(group, stream)) groups.addStream(group, stream);
            events.append(group, stream, batch);
        });
        metricFilters.apply(context.services().cloudwatch, group, batch);
        takeMetrics(group, batch);
        for (const listener of listeners) listener(group, stream, batch);
    }

    /** Makes metrics of the lines that are in the embedded metric format. */
    function takeMetrics(group: string, batch: readonly LogEvent[]): void {
        const { cloudwatch } = context.services();
        for (const { message } of batch) {
            const found = embeddedMetrics(message);
            if (found === undefined) continue;
            // Whoever wrote the line has the machine's time, which a clock that was moved is ahead of.
            const ahead = clock.now() - Date.now();
            const shift = ahead > 1_000 ? ahead : 0;
            const samples = found.samples.map((sample) => ({ ...sample, time: sample.time + shift }));
            const timely = samples.filter(
                ({ time }) => time >= clock.now() - 14 * day && time <= clock.now() + 7_200_000,
            );
            cloudwatch.record(timely);
            const problems = [...found.problems];
            if (timely.length < samples.length) {
                problems.push("Timestamp is more than two weeks before or two hours after the present");
            }
            if (problems.length > 0) tellMalformed(group, problems);
        }
    }

    /** Once a group, lest a function with a mistake fills the terminal; the metric counts them all, as AWS's does. */
    function tellMalformed(group: string, problems: readonly string[]): void {
        const dimensions = [["LogGroupName", group]] as const;
        const measurement = { name: "EMFValidationErrors", unit: "Count", value: problems.length } as const;
        context.services().cloudwatch.measure("AWS/Logs", dimensions, [measurement]);
        if (malformed.has(group)) return;
        malformed.add(group);
        const message = `A line of ${group} makes no metric, though it is in the embedded metric format: ${problems.join("; ")}. It stays in the log.`;
        context.report({ level: "warning", source: "logs", message });
    }

    function expire(): void {
        try {
            for (const { name, retentionDays } of groups.all()) {
                if (retentionDays === undefined) continue;
                store.transaction(() => events.remove(name, clock.now() - retentionDays * day));
            }
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            context.report({ level: "error", source: "logs", message: `Expired log events stay: ${reason}` });
        }
    }
    expire();
    const stopExpiring = clock.every(expiryIntervalMilliseconds, expire);
    const operations = {
        ...groupOperations({ context, groups, events, metricFilters }),
        ...eventOperations({ context, groups, events, append }),
        ...metricFilterOperations(context, groups, metricFilters),
    };

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
            stopExpiring();
        },
    };
}
