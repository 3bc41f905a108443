import type { Shape, Structure } from "../../protocol/shape";

// What Lambda's API model says about the operations of mappings. What is said of Kinesis alone is in mapping.ts.

const arn =
    "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
const destination: Structure = structure({
    Destination: { type: "string", max: 350, pattern: `$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|${arn}` },
});
const unsupported: Shape = { type: "unsupported" };

const settings: Readonly<Record<string, Shape>> = {
    FunctionName: { type: "string", min: 1, max: 256 },
    Enabled: { type: "boolean" },
    BatchSize: { type: "integer", min: 1, max: 10_000 },
    FilterCriteria: structure({
        Filters: { type: "list", member: structure({ Pattern: { type: "string", max: 4_096 } }) },
    }),
    MaximumBatchingWindowInSeconds: { type: "integer", min: 0, max: 300 },
    ParallelizationFactor: { type: "integer", min: 1, max: 10 },
    DestinationConfig: structure({ OnSuccess: destination, OnFailure: destination }),
    MaximumRecordAgeInSeconds: { type: "integer", min: -1, max: 604_800 },
    BisectBatchOnFunctionError: { type: "boolean" },
    MaximumRetryAttempts: { type: "integer", min: -1, max: 10_000 },
    TumblingWindowInSeconds: { type: "integer", min: 0, max: 900 },
    FunctionResponseTypes: {
        type: "list",
        max: 1,
        member: { type: "string", values: ["ReportBatchItemFailures"] },
    },
    KMSKeyArn: unsupported,
    MetricsConfig: structure({
        Metrics: {
            type: "list",
            max: 3,
            member: { type: "string", values: ["EventCount", "ErrorCount", "KafkaMetrics"] },
        },
    }),
    LoggingConfig: unsupported,
    ScalingConfig: unsupported,
    SourceAccessConfigurations: unsupported,
    AmazonManagedKafkaEventSourceConfig: unsupported,
    SelfManagedKafkaEventSourceConfig: unsupported,
    DocumentDBEventSourceConfig: unsupported,
    ProvisionedPollerConfig: unsupported,
};

export const createEventSourceMapping: Structure = structure(
    {
        ...settings,
        EventSourceArn: { type: "string", max: 10_000, pattern: arn },
        StartingPosition: { type: "string", values: ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"] },
        StartingPositionTimestamp: { type: "timestamp" },
        Tags: { type: "map", key: { type: "string" }, value: { type: "string" } },
        Topics: unsupported,
        Queues: unsupported,
        SelfManagedEventSource: unsupported,
    },
    ["FunctionName"],
);

export const updateEventSourceMapping: Structure = structure(settings);

function structure(members: Readonly<Record<string, Shape>>, required: readonly string[] = []): Structure {
    return { type: "structure", members, required };
}
