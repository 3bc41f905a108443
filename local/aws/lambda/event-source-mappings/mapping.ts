import type {
    CreateEventSourceMappingRequest,
    EventSourceMappingConfiguration,
    UpdateEventSourceMappingRequest,
} from "@aws-sdk/client-lambda";
import { account, partition, region } from "../../service";
import { functionArn, invalidParameter, unsupported } from "../names";
import { checkFilter } from "./filter";

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
    readonly bisect: boolean;
    readonly reportsBatchItemFailures: boolean;
    /** ARN of a bucket or queue. */
    readonly onFailure: string | undefined;
    /** Patterns, of which a record must fit one; none lets all through. */
    readonly filters: readonly string[];
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

const defaults: MappingSettings = {
    enabled: true,
    batchSize: 100,
    batchingWindow: 0,
    parallelizationFactor: 1,
    maximumRetryAttempts: -1,
    maximumRecordAge: -1,
    bisect: false,
    reportsBatchItemFailures: false,
    onFailure: undefined,
    filters: [],
};

type SettingsInput = Omit<UpdateEventSourceMappingRequest, "UUID" | "FunctionName"> &
    Pick<CreateEventSourceMappingRequest, "Topics" | "Queues" | "SelfManagedEventSource">;

/**
 * Checks what a request sets and fills in the rest.
 * @throws AwsError InvalidParameterValueException that names all problems; NotImplemented for what the twin lacks.
 */
export function mappingSettings(
    operation: string,
    input: SettingsInput,
    current: MappingSettings = defaults,
): MappingSettings {
    refuseUnsupported(operation, input);
    const result: MappingSettings = {
        enabled: input.Enabled ?? current.enabled,
        batchSize: input.BatchSize ?? current.batchSize,
        batchingWindow: input.MaximumBatchingWindowInSeconds ?? current.batchingWindow,
        parallelizationFactor: input.ParallelizationFactor ?? current.parallelizationFactor,
        maximumRetryAttempts: input.MaximumRetryAttempts ?? current.maximumRetryAttempts,
        maximumRecordAge: input.MaximumRecordAgeInSeconds ?? current.maximumRecordAge,
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
                : (input.FilterCriteria.Filters ?? []).map(({ Pattern }) => Pattern ?? "{}"),
    };
    const problems = problemsOf(result);
    if (problems.length > 0) throw invalidParameter(problems.join(" "));
    for (const filter of result.filters) checkFilter(operation, filter);
    return result;
}

function refuseUnsupported(operation: string, input: SettingsInput): void {
    const refused: Readonly<Record<string, boolean>> = {
        "TumblingWindowInSeconds above 0": (input.TumblingWindowInSeconds ?? 0) > 0,
        "DestinationConfig.OnSuccess": input.DestinationConfig?.OnSuccess?.Destination !== undefined,
        KMSKeyArn: input.KMSKeyArn !== undefined,
        ScalingConfig: input.ScalingConfig !== undefined,
        ProvisionedPollerConfig: input.ProvisionedPollerConfig !== undefined,
        SourceAccessConfigurations: (input.SourceAccessConfigurations?.length ?? 0) > 0,
        Topics: (input.Topics?.length ?? 0) > 0,
        Queues: (input.Queues?.length ?? 0) > 0,
        SelfManagedEventSource: input.SelfManagedEventSource !== undefined,
        DocumentDBEventSourceConfig: input.DocumentDBEventSourceConfig !== undefined,
    };
    for (const [member, given] of Object.entries(refused)) if (given) throw unsupported(operation, member);
}

function problemsOf(given: MappingSettings): string[] {
    const problems: string[] = [];
    const range = (member: string, value: number, low: number, high: number, endless = false) => {
        if (endless && value === -1) return;
        if (!Number.isInteger(value) || value < low || value > high) {
            const or = endless ? ", or -1 for no end" : "";
            problems.push(`${member} is ${value}; it must be a whole number from ${low} to ${high}${or}.`);
        }
    };
    range("BatchSize", given.batchSize, 1, 10_000);
    range("MaximumBatchingWindowInSeconds", given.batchingWindow, 0, 300);
    range("ParallelizationFactor", given.parallelizationFactor, 1, 10);
    range("MaximumRetryAttempts", given.maximumRetryAttempts, 0, 10_000, true);
    range("MaximumRecordAgeInSeconds", given.maximumRecordAge, 60, 604_800, true);
    if (given.filters.length > 5) problems.push(`FilterCriteria has ${given.filters.length} filters; 5 are the most.`);
    return problems;
}

/** The name of a stream of this account. @throws AwsError NotImplemented for other event sources. */
export function streamName(operation: string, eventSourceArn: string | undefined): string {
    const prefix = `arn:${partition}:kinesis:${region}:${account}:stream/`;
    if (eventSourceArn === undefined) {
        throw invalidParameter("EventSourceArn is missing: give the ARN of a Kinesis stream.");
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
        TumblingWindowInSeconds: 0,
    };
}
