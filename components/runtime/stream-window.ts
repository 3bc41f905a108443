import type { StreamRecord } from "./record-reader";

/** A window of one shard, as a window stage sees it. */
export interface StreamWindow {
    /**
     * Names the stage, the beginning and the shard: the same however often it is tried again. What the window gives takes
     * it over as its id.
     */
    readonly id: string;
    readonly start: Date;
    /** Where the next one starts. */
    readonly end: Date;
    readonly shardId: string;
    /**
     * Whether Lambda ended it before its time, since its state grew too large or its shard was closed. Another part of the
     * same window may follow, with a state of its own.
     */
    readonly terminatedEarly: boolean;
}

/** Lambda's event to a function with a window. */
export interface WindowEvent {
    readonly Records: readonly StreamRecord[];
    /** ISO 8601. */
    readonly window: { readonly start: string; readonly end: string };
    /** What the function returned last; an empty object at the beginning of a window. */
    readonly state?: unknown;
    readonly shardId: string;
    readonly isFinalInvokeForWindow: boolean;
    readonly isWindowTerminatedEarly: boolean;
}

/** A window cannot go on; Lambda is told to try again. Its message names windows and limits only. */
export class WindowError extends Error {
    override readonly name = "WindowError";
}

/** Tells the window of an event. @param first sequence number of the first record of the window or of its part. */
export function windowOf(stage: string, event: Partial<WindowEvent>, first: string | undefined): StreamWindow {
    const { window, shardId, isWindowTerminatedEarly: terminatedEarly = false } = event;
    if (window === undefined || shardId === undefined) {
        throw new WindowError(
            `The event has no window: the stage ${stage} can be called by its event source mapping only.`,
        );
    }
    const start = new Date(window.start);
    const whole = `${stage}/${start.toISOString()}/${shardId}`;
    // The parts of a window must not take each other's place.
    const id = terminatedEarly && first !== undefined ? `${whole}/${first}` : whole;
    return { id, start, end: new Date(window.end), shardId, terminatedEarly };
}
