import { isDeepStrictEqual } from "node:util";
import { aFunction, integer, type Rule, type Rules, required } from "./argument-rules";
import type { InlineCallback } from "./inline";
import type { StreamWindow } from "./runtime/stream-window";
import { MAX_STATE_BYTES } from "./runtime/window-state";
import { shown } from "./shown-value";
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

/** What the options of a stage with windows may be, beside those of every stage. */
export const windowRules: Rules<WindowArgs> = {
    seconds: required(integer({ from: 1, to: 900, unit: "seconds" })),
    initial: required({
        what: "what JSON can hold, the state of a new window",
        problems: (option, initial) => {
            const json = asJson(initial);
            if (json === undefined || !isDeepStrictEqual(JSON.parse(json), initial)) {
                return [
                    `${option} is ${shown(initial)}, which is not what JSON can hold; give numbers, texts, true, false, null, ` +
                        "and lists and objects of them",
                ];
            }
            const bytes = Buffer.byteLength(json);
            const tooLarge = `${option} has ${bytes} bytes of JSON; it must have at most ${MAX_STATE_BYTES}`;
            return bytes > MAX_STATE_BYTES ? [tooLarge] : [];
        },
    }),
    close: required(aFunction("a function of a window's last state, which makes its result")),
};

/** Of `batch.parallel`, for windows. */
export const notParallel: Rule = {
    what: "left out",
    problems: (option, parallel) =>
        parallel === 1
            ? []
            : [`${option} is ${shown(parallel)}; leave it out, since Lambda builds windows in the order of a shard`],
};

function asJson(value: unknown): string | undefined {
    try {
        return JSON.stringify(value);
    } catch {
        return undefined;
    }
}
