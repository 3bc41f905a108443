import { isDeepStrictEqual } from "node:util";
import type { ArgumentCheck } from "./argument-check";
import type { InlineCallback } from "./inline";
import type { StreamWindow } from "./runtime/stream-window";
import { MAX_STATE_BYTES } from "./runtime/window-state";
import type { StageBatch, StageOptions } from "./stage-options";

/** What a stage with windows can be given. */
export interface WindowStageOptions<S> extends Omit<StageOptions, "batch"> {
    /**
     * Length of a window, in seconds: 1 to 900. Windows follow each other without a gap, each from a multiple of it since
     * 1970, and a record belongs to the one in which it came to the stream. Each shard has windows of its own.
     */
    readonly seconds: number;
    /** The state at the beginning of a window: anything that JSON holds, at most 1 MB. */
    readonly initial: S;
    /** Batches of a window are handled one after the other, so that there is no `parallel`. */
    readonly batch?: Omit<StageBatch, "parallel">;
}

/** What a stage with windows is made of, beside its handler. */
export interface WindowArgs {
    readonly seconds: number;
    readonly initial: unknown;
    readonly close: InlineCallback;
}

/** Takes records into the state of their window and returns the new state: at most 1 MB of JSON. */
export type WindowHandler<T, S> = (state: S, records: readonly T[], window: StreamWindow) => S | Promise<S>;

/** What is wrong with a stage's windows. */
export function checkWindow(check: ArgumentCheck, { seconds, initial, close }: WindowArgs, parallel: number): void {
    check.integer("seconds", seconds, { from: 1, to: 900, unit: "seconds" });
    if (typeof close !== "function") check.add("close is no function; give what makes a result of the last state");
    if (parallel !== 1) {
        check.add(`batch.parallel is ${parallel}; leave it out, since Lambda builds windows in the order of a shard`);
    }
    const json = asJson(initial);
    if (json === undefined || !isDeepStrictEqual(JSON.parse(json), initial)) {
        check.add(
            "initial is not what JSON can hold; give numbers, texts, true, false, null, and lists and objects of them",
        );
    } else if (Buffer.byteLength(json) > MAX_STATE_BYTES) {
        check.add(`initial has ${Buffer.byteLength(json)} bytes of JSON; it must have at most ${MAX_STATE_BYTES}`);
    }
}

function asJson(value: unknown): string | undefined {
    try {
        return JSON.stringify(value);
    } catch {
        return undefined;
    }
}
