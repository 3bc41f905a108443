import type { MappingStore, ShardLane } from "./mapping-store";
import type { TumblingWindow } from "./tumbling-window";

/** How far a lane has come, on disk and in memory. */
export interface Progress {
    /** The sequence number up to which everything is done. */
    readonly done: string | undefined;
    /** The window that is open. */
    readonly window: TumblingWindow | undefined;
    /** Resolves once it is on disk, both together. */
    advance(sequenceNumber: string, window: TumblingWindow | undefined): Promise<void>;
    /** Begins a window. It is written with the first batch that is done in it: before that it has nothing to lose. */
    open(window: TumblingWindow): void;
    /** Resolves once it is on disk that the window is over. */
    close(): Promise<void>;
}

export function createProgress(store: MappingStore, lane: ShardLane): Progress {
    let done = store.checkpoint(lane);
    let window = store.window(lane);
    return {
        get done() {
            return done;
        },
        get window() {
            return window;
        },
        async advance(sequenceNumber, next) {
            await store.setProgress(lane, { sequenceNumber, window: next });
            done = sequenceNumber;
            window = next;
        },
        open(next) {
            window = next;
        },
        async close() {
            await store.setProgress(lane, { sequenceNumber: undefined, window: undefined });
            window = undefined;
        },
    };
}
