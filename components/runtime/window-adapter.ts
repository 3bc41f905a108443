import { validate } from "sortline:input-schema";
import { validate as validateResult } from "sortline:output-schema";
import { hideTextOfCrashes } from "./crashes";
import { type ConsumerSettings, stageConsumer } from "./stage-consumer";
import type { Fold } from "./window-fold";
import { type WindowHandlerOptions, windowHandler } from "./window-handler";

/** Known when the artefact is made. */
export interface WindowSettings extends ConsumerSettings {
    readonly initial: unknown;
}

/** Surrounds the callbacks of a window stage with what makes them a consumer of a stream. */
export function adapt(
    fold: Fold,
    settings: WindowSettings,
    callbacks: Pick<WindowHandlerOptions, "close"> & { readonly partitionBy?: (datum: unknown) => string },
) {
    hideTextOfCrashes();
    return windowHandler({
        ...stageConsumer(settings, { validate, validateResult, partitionBy: callbacks.partitionBy }),
        fold,
        close: callbacks.close,
        initial: settings.initial,
    });
}
