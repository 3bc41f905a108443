import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { ConsumerOptions } from "./consumer";
import { destinationOf } from "./destination";
import type { RecordKind } from "./envelope";
import { environmentVariable } from "./environment";
import { lazy } from "./lazy";
import { objectStore } from "./object-store";
import type { FilterPattern } from "./record-filter";
import type { Validator } from "./schema-check";

/** What every stage knows when its artefact is made. */
export interface ConsumerSettings {
    readonly stage: string;
    readonly source: string;
    readonly filter?: FilterPattern;
    /** What is on the stream that the stage writes to. */
    readonly into?: RecordKind;
}

/** What belongs to one artefact alone, and only its adapter can import. */
export interface ConsumerParts {
    readonly validate: Validator;
    /** Undefined for a stage that writes to no stream. */
    readonly validateResult: Validator | undefined;
    readonly partitionBy: ((datum: unknown) => string) | undefined;
}

/** What makes a stage's callback a consumer of a stream: streams, buckets and clients. */
export function stageConsumer(
    { stage, source, filter, into }: ConsumerSettings,
    { validate, validateResult, partitionBy }: ConsumerParts,
): ConsumerOptions {
    const kinesis = lazy(() => new KinesisClient({}));
    return {
        pipeline: environmentVariable("SORTLINE_PIPELINE"),
        stage,
        source,
        filter,
        validate,
        into:
            into === undefined || validateResult === undefined
                ? undefined
                : destinationOf(into, validateResult, partitionBy),
        bucket: environmentVariable("SORTLINE_FAILURE_BUCKET"),
        kinesis,
        store: objectStore(() => kinesis().config),
    };
}
