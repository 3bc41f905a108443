import type { EventOrigin } from "./event";

/** Bytes of JSON that a window's state may have. A larger one ends the window early. */
const stateLimit = 1_048_576;

/** A window of a shard that has begun, with what its invocations have made of it so far. */
export interface TumblingWindow {
    /** Milliseconds since 1970. */
    readonly start: number;
    /** Milliseconds since 1970; the first that belongs to the next window. */
    readonly end: number;
    /** JSON. */
    readonly state: string;
    /** Its state has outgrown the limit: its final invocation comes next, and a new state after that. */
    readonly isTerminatedEarly: boolean;
}

/** The window to which a time belongs, with an empty state. Windows follow each other from the beginning of 1970. */
export function windowAt(time: Date, seconds: number): TumblingWindow {
    const length = seconds * 1000;
    const start = Math.floor(time.getTime() / length) * length;
    return { start, end: start + length, state: "{}", isTerminatedEarly: false };
}

/** What an event says about its window, as the members that follow its records, in JSON. */
export function windowMembers(
    { start, end, state }: TumblingWindow,
    { shardId, streamArn }: EventOrigin,
    final?: { readonly isTerminatedEarly: boolean },
): string {
    const members = {
        window: { start: second(start), end: second(end) },
        shardId,
        eventSourceARN: streamArn,
        isFinalInvokeForWindow: final !== undefined,
        isWindowTerminatedEarly: final?.isTerminatedEarly ?? false,
    };
    return `"state":${state},${JSON.stringify(members).slice(1, -1)}`;
}

/** The window with the state that an invocation returned. */
export function withState(window: TumblingWindow, state: string): TumblingWindow {
    return { ...window, state, isTerminatedEarly: Buffer.byteLength(state) > stateLimit };
}

function second(time: number): string {
    return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
