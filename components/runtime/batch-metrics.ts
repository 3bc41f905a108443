import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { lazy } from "./lazy";

/** What became of one batch. Counts of records, unless said otherwise. */
export interface BatchCounts {
    readonly records: number;
    /** Records made for the next stream. */
    readonly results: number;
    readonly rejected: number;
    /** Returned to Lambda, to be tried again. */
    readonly retried: number;
    /** How often the next stream did not take a record. */
    readonly failedPuts: number;
    /** Time in the user's callback, in milliseconds. */
    readonly handlerMilliseconds: number;
    /** Since the oldest record of the batch came to the stream; undefined where Lambda does not say when that was. */
    readonly oldestMilliseconds?: number;
    /** Whether this is the function's first batch since it started. */
    readonly coldStart: boolean;
}

/**
 * Writes the metrics of a batch: one line in CloudWatch's embedded metric format, from which CloudWatch makes metrics by
 * `service` (the pipeline) and `stage`. No other dimension: each combination of values is a metric that is paid for.
 */
export function batchMetrics(pipeline: string, stage: string) {
    const sink = lazy(
        () => new Metrics({ namespace: "sortline", serviceName: pipeline, defaultDimensions: { stage } }),
    );
    return (counts: BatchCounts, requestId: string | undefined): void => {
        const metrics = sink()
            .addMetric("Records", MetricUnit.Count, counts.records)
            .addMetric("Results", MetricUnit.Count, counts.results)
            .addMetric("Rejected", MetricUnit.Count, counts.rejected)
            .addMetric("Retried", MetricUnit.Count, counts.retried)
            .addMetric("FailedPuts", MetricUnit.Count, counts.failedPuts)
            .addMetric("HandlerDuration", MetricUnit.Milliseconds, counts.handlerMilliseconds);
        if (counts.oldestMilliseconds !== undefined) {
            metrics.addMetric("OldestRecordAge", MetricUnit.Milliseconds, counts.oldestMilliseconds);
        }
        if (counts.coldStart) metrics.addMetric("ColdStart", MetricUnit.Count, 1);
        // Found in the log, never a dimension.
        if (requestId !== undefined) metrics.addMetadata("requestId", requestId);
        metrics.publishStoredMetrics();
    };
}
