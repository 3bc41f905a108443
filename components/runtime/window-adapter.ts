import { validate as validateInput } from "sortline:input-schema";
import { validate as validateOutput } from "sortline:output-schema";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { destinationOf } from "./destination";
import type { RecordKind } from "./envelope";
import { environmentVariable } from "./environment";
import { lazy } from "./lazy";
import { objectStore } from "./object-store";
import type { FilterPattern } from "./record-filter";
import type { Fold } from "./window-fold";
import { type WindowHandlerOptions, windowHandler } from "./window-handler";

/** Known when the artefact is made. */
export interface WindowSettings {
    readonly stage: string;
    readonly source: string;
    readonly filter?: FilterPattern;
    /** What is on the stream that the stage writes to. */
    readonly into?: RecordKind;
    readonly initial: unknown;
}

/** Surrounds the callbacks of a window stage with what makes them a consumer of a stream. */
export function adapt(
    fold: Fold,
    { stage, source, filter, into, initial }: WindowSettings,
    callbacks: Pick<WindowHandlerOptions, "close"> & { readonly partitionBy?: (datum: unknown) => string },
) {
    const kinesis = lazy(() => new KinesisClient({}));
    return windowHandler({
        pipeline: environmentVariable("SORTLINE_PIPELINE"),
        stage,
        source,
        fold,
        close: callbacks.close,
        initial,
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
