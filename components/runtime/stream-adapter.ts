import { validate } from "sortline:input-schema";
import { validate as validateResult } from "sortline:output-schema";
import { hideTextOfCrashes } from "./crashes";
import type { Handle } from "./handle-records";
import { type ConsumerSettings, stageConsumer } from "./stage-consumer";
import { streamHandler } from "./stream-handler";

/** Known when the artefact is made. */
export interface StageSettings extends ConsumerSettings {
    readonly mode: "record" | "batch";
}

/** Surrounds a stage's callback with what makes it a consumer of a stream. */
export function adapt(
    handler: Handle["handler"],
    settings: StageSettings,
    callbacks: { readonly partitionBy?: (datum: unknown) => string } = {},
) {
    hideTextOfCrashes();
    return streamHandler({
        ...stageConsumer(settings, { validate, validateResult, partitionBy: callbacks.partitionBy }),
        handle: { mode: settings.mode, handler } as Handle,
    });
}
