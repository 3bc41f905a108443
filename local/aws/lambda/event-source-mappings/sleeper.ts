import type { Clock } from "../../clock";

/** Waits by the twin's clock that can be cut short. Nothing is polled meanwhile. */
export interface Sleeper {
    readonly stopped: boolean;
    /** Aborted when it is stopped. */
    readonly signal: AbortSignal;
    /** Forgets earlier calls of `wake`. To be called before looking for what `wake` announces. */
    rearm(): void;
    /** Sleeps until `wake` was called since `rearm`, the time is over, or it is stopped. */
    untilWoken(milliseconds?: number): Promise<void>;
    /** Sleeps for a time, unless it is stopped. */
    rest(milliseconds: number): Promise<void>;
    wake(): void;
    stop(): void;
}

export function createSleeper(clock: Clock): Sleeper {
    const stopping = new AbortController();
    let woken = false;
    let rouse: (() => void) | undefined;
    let wakeable = false;

    function sleep(milliseconds: number | undefined): Promise<void> {
        return new Promise((resolve) => {
            const cancel = milliseconds === undefined ? undefined : clock.at(clock.now() + milliseconds, end);
            function end(): void {
                cancel?.();
                rouse = undefined;
                resolve();
            }
            rouse = end;
        });
    }

    return {
        get stopped() {
            return stopping.signal.aborted;
        },
        signal: stopping.signal,
        rearm() {
            woken = false;
        },
        async untilWoken(milliseconds) {
            if (stopping.signal.aborted || woken) return;
            wakeable = true;
            await sleep(milliseconds);
            wakeable = false;
        },
        async rest(milliseconds) {
            if (!stopping.signal.aborted) await sleep(milliseconds);
        },
        wake() {
            woken = true;
            if (wakeable) rouse?.();
        },
        stop() {
            stopping.abort();
            rouse?.();
        },
    };
}
