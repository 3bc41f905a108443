import type { TwinContext } from "../context";
import type { AwsService } from "../service";
import { type AlarmOperations, alarmOperations } from "./alarms/alarm-operations";
import { openAlarmStore } from "./alarms/alarm-store";
import { createEvaluator } from "./alarms/evaluator";
import { type TagOperations, tagOperations } from "./alarms/tags";
import type { Dimension, Sample } from "./metric";
import { type MetricOperations, metricOperations } from "./metric-operations";
import { openMetricStore } from "./metric-store";
import { cloudWatchProtocol } from "./protocol";

export { canSetOff } from "./alarms/new-alarm";
export { type Dimension, hasControlCharacter, isDimensionValue, type Sample, sortedDimensions, units } from "./metric";

/** One measurement of a service of the twin, in one of its metrics. */
export interface Measurement {
    readonly name: string;
    readonly unit: "Count" | "Bytes" | "Milliseconds" | "Microseconds" | "Seconds" | "None";
    readonly value: number;
    /** How often it occurred. @default 1 */
    readonly count?: number;
}

export type CloudWatchOperations = MetricOperations & AlarmOperations & TagOperations;

/** Amazon CloudWatch: metrics, and alarms on them. */
export interface CloudWatch extends AwsService {
    readonly operations: CloudWatchOperations;
    /** Takes samples from the twin's own logs; they are on disk some seconds later. */
    record(samples: readonly Sample[]): void;
    /**
     * Takes what a service of the twin measured just now. Cheap: it is added up in memory and on disk some seconds later.
     * @param dimensions in order of names
     */
    measure(namespace: string, dimensions: readonly Dimension[], measurements: readonly Measurement[]): void;
    close(): Promise<void>;
}

const historyKept = 30 * 86_400_000;
const hour = 3_600_000;

export function createCloudWatch(context: TwinContext): CloudWatch {
    const { store, clock, report } = context;
    const metrics = openMetricStore(context);
    const alarms = openAlarmStore(store);
    const evaluator = createEvaluator(context, metrics, alarms);
    const operations: CloudWatchOperations = {
        ...metricOperations(context, metrics),
        ...alarmOperations(context, alarms, evaluator),
        ...tagOperations(context, alarms),
    };
    const stopForgetting = clock.every(hour, () => {
        try {
            store.transaction(() => alarms.forget(clock.now() - historyKept));
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            report({ level: "error", source: "cloudwatch", message: `Old history of alarms stays: ${reason}` });
        }
    });

    return {
        ...cloudWatchProtocol(operations),
        operations,
        record(samples) {
            for (const sample of samples) metrics.record(sample);
        },
        measure(namespace, dimensions, measurements) {
            const time = clock.now();
            for (const { name, unit, value, count = 1 } of measurements) {
                metrics.record({ namespace, name, dimensions, unit, time, value: { values: [[value, count]] } });
            }
        },
        async close() {
            stopForgetting();
            evaluator.close();
            metrics.close();
        },
    };
}
