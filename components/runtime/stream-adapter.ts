import { validate as validateInput } from "sortline:input-schema";
import { validate as validateOutput } from "sortline:output-schema";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { destinationOf } from "./destination";
import type { RecordKind } from "./envelope";
import { environmentVariable } from "./environment";
import type { Handle } from "./handle-records";
import { lazy } from "./lazy";
import { objectStore } from "./object-store";
import type { FilterPattern } from "./record-filter";
import { streamHandler } from "./stream-handler";

/** Known when the artefact is made. */
export interface StageSettings {
    readonly stage: string;
    readonly source: string;
    readonly mode: "record" | "batch";
    readonly filter?: FilterPattern;
    /** What is on the stream that the stage writes to. */
    readonly into?: RecordKind;
}

/** Surrounds a stage's callback with what makes it a consumer of a stream. */
export function adapt(
    handler: Handle["handler"],
    settings: StageSettings,
    callbacks: { readonly partitionBy?: (datum: unknown) => string } = {},
) {
    const { stage, source, mode, filter, into } = settings;
    const kinesis = lazy(() => new KinesisClient({}));
    return streamHandler({
        pipeline: environmentVariable("SORTLINE_PIPELINE"),
        stage,
        source,
        handle: { mode, handler } as Handle,
        filter,
        validate: validateInput,
        into:
            into === undefined || validateOutput === undefined
                ? undefined
                : destinationOf(into, validateOutput, callbacks.partitionBy),
        bucket: environmentVariable("SORTLINE_FAILURE_BUCKET"),
        kinesis,
        store: objectStore(() => kinesis().config),
    });
}
