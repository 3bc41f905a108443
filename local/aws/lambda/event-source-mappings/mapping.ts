import type { EventSourceMappingConfiguration, UpdateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { account, partition, region } from "../../service";
import { functionArn, invalidParameter, unsupported } from "../names";
import { filterProblems } from "./filter";

/** What can be changed about a mapping, with Lambda's defaults filled in. */
export interface MappingSettings {
    readonly enabled: boolean;
    /** Records of one invocation at most. */
    readonly batchSize: number;
    /** Seconds to wait for a full batch. */
    readonly batchingWindow: number;
    /** Invocations at a time for one shard. */
    readonly parallelizationFactor: number;
    /** -1 is without end. */
    readonly maximumRetryAttempts: number;
    /** Seconds; -1 is without end. */
    readonly maximumRecordAge: number;
    /** Seconds of a tumbling window; 0 is without. */
    readonly tumblingWindow: number;
    readonly bisect: boolean;
    readonly reportsBatchItemFailures: boolean;
    /** ARN of a bucket, queue or topic. */
    readonly onFailure: string | undefined;
    /** Patterns, of which a record must fit one; none lets all through. */
    readonly filters: readonly string[];
    /** What happens to events is counted in CloudWatch. */
    readonly countsEvents: boolean;
}

export interface StoredMapping {
    readonly uuid: string;
    readonly functionName: string;
    readonly streamArn: string;
    readonly startingPosition: "TRIM_HORIZON" | "LATEST" | "AT_TIMESTAMP";
    /** Milliseconds since 1970. */
    readonly startingTimestamp: number | undefined;
    /** Milliseconds since 1970. */
    readonly lastModified: number;
    readonly settings: MappingSettings;
    readonly tags: Readonly<Record<string, string>>;
}

export const defaultSettings: MappingSettings = {
    enabled: true,
    batchSize: 100,
    batchingWindow: 0,
    parallelizationFactor: 1,
    maximumRetryAttempts: -1,
    maximumRecordAge: -1,
    tumblingWindow: 0,
    bisect: false,
    reportsBatchItemFailures: false,
    onFailure: undefined,
    filters: [],
    countsEvents: false,
};

/** Seconds that records may be kept from the function at least, where there is an end to it. */
const leastRecordAge = 60;

type SettingsInput = Omit<UpdateEventSourceMappingRequest, "UUID" | "FunctionName">;

/**
 * What a request sets, with the rest filled in.
 * @throws AwsError InvalidParameterValueException that names all problems.
 */
export function mappingSettings(
    input: SettingsInput,
    current: MappingSettings = defaultSettings,
    others: readonly string[] = [],
): MappingSettings {
    const result: MappingSettings = {
        enabled: input.Enabled ?? current.enabled,
        batchSize: input.BatchSize ?? current.batchSize,
        batchingWindow: input.MaximumBatchingWindowInSeconds ?? current.batchingWindow,
        parallelizationFactor: input.ParallelizationFactor ?? current.parallelizationFactor,
        maximumRetryAttempts: input.MaximumRetryAttempts ?? current.maximumRetryAttempts,
        maximumRecordAge: input.MaximumRecordAgeInSeconds ?? current.maximumRecordAge,
        tumblingWindow: input.TumblingWindowInSeconds ?? current.tumblingWindow,
        bisect: input.BisectBatchOnFunctionError ?? current.bisect,
        reportsBatchItemFailures:
            input.FunctionResponseTypes === undefined
                ? current.reportsBatchItemFailures
                : input.FunctionResponseTypes.includes("ReportBatchItemFailures"),
        onFailure:
            input.DestinationConfig === undefined
                ? current.onFailure
                : input.DestinationConfig.OnFailure?.Destination || undefined,
        filters:
            input.FilterCriteria === undefined
                ? current.filters
                : (input.FilterCriteria.Filters ?? []).map(({ Pattern }) => Pattern ?? ""),
        countsEvents:
            input.MetricsConfig === undefined
                ? current.countsEvents
                : input.MetricsConfig.Metrics?.includes("EventCount") === true,
    };
    const problems = [...others, ...problemsOf(result)];
    if (input.DestinationConfig?.OnSuccess?.Destination !== undefined) {
        problems.unshift("Unsupported DestinationConfig parameter for given event source mapping type.");
    }
    if (input.MetricsConfig?.Metrics?.some((metric) => metric !== "EventCount") === true) {
        problems.push("MetricsConfig of a mapping of a Kinesis stream can have EventCount only.");
    }
    if (problems.length > 0) throw invalidParameter(problems.join(" "));
    return result;
}

function problemsOf({ maximumRecordAge, parallelizationFactor, tumblingWindow, filters }: MappingSettings): string[] {
    const problems = filterProblems(filters);
    if (maximumRecordAge >= 0 && maximumRecordAge < leastRecordAge) {
        problems.push(
            `MaximumRecordAgeInSeconds is ${maximumRecordAge}; it must be from ${leastRecordAge} to 604800, or -1 for no end.`,
        );
    }
    if (tumblingWindow > 0 && parallelizationFactor > 1) {
        problems.push(
            `TumblingWindowInSeconds is ${tumblingWindow} and ParallelizationFactor ${parallelizationFactor}: a tumbling window needs a ParallelizationFactor of 1.`,
        );
    }
    return problems;
}

/** The name of a stream of this account. @throws AwsError NotImplemented for other event sources. */
export function streamName(operation: string, eventSourceArn: string | undefined): string {
    const prefix = `arn:${partition}:kinesis:${region}:${account}:stream/`;
    if (eventSourceArn === undefined) {
        throw invalidParameter(
            "Unrecognized event source. EventSourceArn is missing: give the ARN of a Kinesis stream.",
        );
    }
    if (!eventSourceArn.startsWith(prefix)) {
        throw unsupported(operation, `EventSourceArn ${eventSourceArn}; it reads Kinesis streams, ${prefix}NAME`);
    }
    return eventSourceArn.slice(prefix.length);
}

export function mappingArn(uuid: string): string {
    return `arn:${partition}:lambda:${region}:${account}:event-source-mapping:${uuid}`;
}

/** The mapping as GetEventSourceMapping describes it. */
export function describe(
    mapping: StoredMapping,
    state: string,
    lastProcessingResult: string,
): EventSourceMappingConfiguration {
    const { settings } = mapping;
    return {
        UUID: mapping.uuid,
        EventSourceMappingArn: mappingArn(mapping.uuid),
        EventSourceArn: mapping.streamArn,
        FunctionArn: functionArn(mapping.functionName),
        BatchSize: settings.batchSize,
        BisectBatchOnFunctionError: settings.bisect,
        DestinationConfig: {
            OnFailure: settings.onFailure === undefined ? {} : { Destination: settings.onFailure },
        },
        ...(settings.filters.length > 0
            ? { FilterCriteria: { Filters: settings.filters.map((Pattern) => ({ Pattern })) } }
            : {}),
        FunctionResponseTypes: settings.reportsBatchItemFailures ? ["ReportBatchItemFailures"] : [],
        LastModified: new Date(mapping.lastModified),
        LastProcessingResult: lastProcessingResult,
        ...(settings.countsEvents ? { MetricsConfig: { Metrics: ["EventCount" as const] } } : {}),
        MaximumBatchingWindowInSeconds: settings.batchingWindow,
        MaximumRecordAgeInSeconds: settings.maximumRecordAge,
        MaximumRetryAttempts: settings.maximumRetryAttempts,
        ParallelizationFactor: settings.parallelizationFactor,
        StartingPosition: mapping.startingPosition,
        ...(mapping.startingTimestamp === undefined
            ? {}
            : { StartingPositionTimestamp: new Date(mapping.startingTimestamp) }),
        State: state,
        StateTransitionReason: "User action",
        TumblingWindowInSeconds: settings.tumblingWindow,
    };
}
