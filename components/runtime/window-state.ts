import { RejectRecord } from "./reject-record";
import { WindowError } from "./stream-window";

/** Largest state that Lambda keeps for a window, in bytes of JSON: 1 MB. */
export const MAX_STATE_BYTES = 1_000_000;

/** A window's state as Lambda keeps it between the calls of the function. */
export interface WindowState {
    readonly value: unknown;
    /** Sequence number of the first record that the window, or this part of it, had. */
    readonly first?: string;
}

/** The state of an event, or the initial one at the beginning of a window, which Lambda tells by an empty object. */
export function stateOf(state: unknown, initial: unknown): WindowState {
    if (typeof state !== "object" || state === null || !("value" in state)) return { value: initial };
    const first = "first" in state && typeof state.first === "string" ? state.first : undefined;
    return { value: state.value, first };
}

/**
 * What a handler returned, as Lambda will hand it to the next call.
 * @throws RejectRecord for what is too large to be kept, WindowError for what is no JSON.
 */
export function nextState(value: unknown, first: string | undefined): WindowState {
    let json: string | undefined;
    try {
        json = JSON.stringify(value === undefined ? undefined : { value, first });
    } catch {
        // No JSON: told below.
    }
    if (json === undefined) throw new WindowError(`A window's handler returns the new state: got ${kindOf(value)}.`);
    const bytes = Buffer.byteLength(json);
    if (bytes > MAX_STATE_BYTES) {
        throw new RejectRecord(
            `With it the window's state would have ${bytes} bytes of JSON; at most ${MAX_STATE_BYTES} are kept.`,
        );
    }
    return JSON.parse(json) as WindowState;
}

function kindOf(value: unknown): string {
    return value === undefined ? "nothing" : `a ${typeof value} that is no JSON`;
}
