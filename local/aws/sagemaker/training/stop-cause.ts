import type { Transition } from "./job";

/** Why a job is to end before its script does. */
export type StopCause = "requested" | "maximum run time" | "maximum wait time" | "twin";

/** How a job ends that was stopped. */
export function stoppedBy(cause: StopCause | undefined): Transition {
    const status = "Stopped";
    if (cause === "maximum run time") {
        const message = "Training job runtime exceeded MaxRuntimeInSeconds provided";
        return { status, secondary: "MaxRuntimeExceeded", message };
    }
    if (cause === "maximum wait time") {
        const message = "Training job wait time exceeded MaxWaitTimeInSeconds provided";
        return { status, secondary: "MaxWaitTimeExceeded", message };
    }
    return { status, secondary: "Stopped", message: "Training job stopped" };
}
