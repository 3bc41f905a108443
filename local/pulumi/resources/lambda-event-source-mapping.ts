import type { EventSourcePosition } from "@aws-sdk/client-lambda";
import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { foundOrUndefined, isAwsError, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { type ArgumentsOf, flag, listOf, mapOf, number, object, oneOf, required, text } from "../provider/shape";
import { retagInLambda, tagsInLambda } from "./lambda-tags";

const missing = ["ResourceNotFoundException"];

const mappingArguments = {
    eventSourceArn: required(text),
    functionName: required(text),
    enabled: flag,
    batchSize: number,
    maximumBatchingWindowInSeconds: number,
    parallelizationFactor: number,
    startingPosition: oneOf("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"),
    startingPositionTimestamp: text,
    bisectBatchOnFunctionError: flag,
    maximumRetryAttempts: number,
    maximumRecordAgeInSeconds: number,
    tumblingWindowInSeconds: number,
    functionResponseTypes: listOf(oneOf("ReportBatchItemFailures")),
    destinationConfig: object({ onFailure: object({ destinationArn: required(text) }) }),
    filterCriteria: object({ filters: listOf(object({ pattern: text })) }),
    metricsConfig: object({ metrics: listOf(oneOf("EventCount")) }),
    tags: mapOf(text),
};

type MappingArguments = ArgumentsOf<typeof mappingArguments>;

export const eventSourceMapping = resourceType({
    type: "aws:lambda/eventSourceMapping:EventSourceMapping",
    arguments: mappingArguments,
    replacedBy: ["eventSourceArn", "startingPosition", "startingPositionTimestamp"],
    identity: ["eventSourceArn", "functionName"],
    changedByUpdate: ["lastModified", "state", "stateTransitionReason", "functionArn"],
    assumed: {
        enabled: true,
        batchSize: 100,
        maximumBatchingWindowInSeconds: 0,
        parallelizationFactor: 1,
        bisectBatchOnFunctionError: false,
        maximumRetryAttempts: -1,
        maximumRecordAgeInSeconds: -1,
        tumblingWindowInSeconds: 0,
        functionResponseTypes: [],
    },

    async create(inputs, { services: { lambda } }, resumed) {
        const { UUID } = await createMapping(lambda, inputs, resumed);
        return { id: String(UUID), outputs: await computed(lambda, String(UUID)) };
    },

    async read(id, { services: { lambda } }, inputs) {
        const found = await foundOrUndefined(missing, () =>
            lambda.operations.GetEventSourceMapping({ UUID: id }, root),
        );
        if (found === undefined) return undefined;
        const failures = found.DestinationConfig?.OnFailure?.Destination;
        return {
            eventSourceArn: found.EventSourceArn,
            // A function may be named by its name or its ARN: as the stack does, where it has the mapping.
            functionName: found.FunctionArn?.endsWith(`:function:${inputs?.functionName}`)
                ? inputs?.functionName
                : found.FunctionArn,
            enabled: !found.State?.startsWith("Disabl"),
            batchSize: found.BatchSize,
            maximumBatchingWindowInSeconds: found.MaximumBatchingWindowInSeconds,
            parallelizationFactor: found.ParallelizationFactor,
            startingPosition: found.StartingPosition,
            bisectBatchOnFunctionError: found.BisectBatchOnFunctionError,
            maximumRetryAttempts: found.MaximumRetryAttempts,
            maximumRecordAgeInSeconds: found.MaximumRecordAgeInSeconds,
            tumblingWindowInSeconds: found.TumblingWindowInSeconds,
            functionResponseTypes: found.FunctionResponseTypes,
            startingPositionTimestamp: found.StartingPositionTimestamp,
            destinationConfig: {
                onFailure: failures === undefined ? undefined : { destinationArn: failures },
            },
            filterCriteria: { filters: found.FilterCriteria?.Filters?.map(({ Pattern }) => ({ pattern: Pattern })) },
            metricsConfig: { metrics: found.MetricsConfig?.Metrics },
            tags: await tagsInLambda(lambda, found.EventSourceMappingArn),
            ...(await computed(lambda, id)),
        };
    },

    async update({ id, inputs: earlier }, inputs, { services: { lambda } }) {
        await lambda.operations.UpdateEventSourceMapping(
            { UUID: id, FunctionName: inputs.functionName, ...settings(inputs) },
            root,
        );
        const made = await computed(lambda, id);
        await retagInLambda(lambda, made.arn, earlier.tags, inputs.tags);
        return made;
    },

    async delete({ id }, { services: { lambda } }) {
        await unlessMissing(missing, () => lambda.operations.DeleteEventSourceMapping({ UUID: id }, root));
    },
});

async function createMapping(lambda: Services["lambda"], inputs: MappingArguments, resumed: boolean) {
    const { eventSourceArn: EventSourceArn, functionName: FunctionName, startingPositionTimestamp: from } = inputs;
    try {
        return await lambda.operations.CreateEventSourceMapping(
            {
                EventSourceArn,
                FunctionName,
                StartingPosition: inputs.startingPosition as EventSourcePosition | undefined,
                StartingPositionTimestamp: from === undefined ? undefined : new Date(from),
                ...(inputs.tags && { Tags: { ...inputs.tags } }),
                ...settings(inputs),
            },
            root,
        );
    } catch (error) {
        if (!resumed || !isAwsError(error, "ResourceConflictException")) throw error;
        const listed = await lambda.operations.ListEventSourceMappings({ EventSourceArn, FunctionName }, root);
        const [made] = listed.EventSourceMappings ?? [];
        if (made?.UUID === undefined) throw error;
        await lambda.operations.UpdateEventSourceMapping({ UUID: made.UUID, FunctionName, ...settings(inputs) }, root);
        return made;
    }
}

/** What an argument that is left out stands for: an update must put it back. */
function settings(inputs: MappingArguments) {
    return {
        Enabled: inputs.enabled ?? true,
        BatchSize: inputs.batchSize ?? 100,
        MaximumBatchingWindowInSeconds: inputs.maximumBatchingWindowInSeconds ?? 0,
        ParallelizationFactor: inputs.parallelizationFactor ?? 1,
        BisectBatchOnFunctionError: inputs.bisectBatchOnFunctionError ?? false,
        MaximumRetryAttempts: inputs.maximumRetryAttempts ?? -1,
        MaximumRecordAgeInSeconds: inputs.maximumRecordAgeInSeconds ?? -1,
        TumblingWindowInSeconds: inputs.tumblingWindowInSeconds ?? 0,
        FunctionResponseTypes: [...(inputs.functionResponseTypes ?? [])],
        DestinationConfig: {
            OnFailure:
                inputs.destinationConfig?.onFailure === undefined
                    ? {}
                    : { Destination: inputs.destinationConfig.onFailure.destinationArn },
        },
        FilterCriteria: {
            Filters: (inputs.filterCriteria?.filters ?? []).map(({ pattern }) => ({ Pattern: pattern })),
        },
        MetricsConfig: { Metrics: [...(inputs.metricsConfig?.metrics ?? [])] },
    };
}

async function computed(lambda: Services["lambda"], UUID: string) {
    const found = await lambda.operations.GetEventSourceMapping({ UUID }, root);
    return {
        uuid: UUID,
        arn: found.EventSourceMappingArn,
        functionArn: found.FunctionArn,
        state: found.State,
        stateTransitionReason: found.StateTransitionReason,
        lastModified: found.LastModified,
    };
}
