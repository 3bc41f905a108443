import type { Clock } from "../clock";

/** Receivers that wait for a queue to have something. They cost nothing meanwhile. */
export interface Waiting {
    /** To be called before looking into the queue, so that what arrives in between is not missed. */
    enter(queue: string): Waiter;
    /** Something became visible, or no longer blocks what is behind it. */
    wake(queue: string): void;
    wakeAll(): void;
}

export interface Waiter {
    /** Resolves when the queue is woken (also when it was since {@link Waiting.enter}), at the latest at `until` (milliseconds since the epoch). */
    wait(until: number): Promise<void>;
    leave(): void;
}

export function createWaiting(clock: Pick<Clock, "at">): Waiting {
    const waiters = new Map<string, Set<() => void>>();

    function wake(queue: string): void {
        for (const notify of waiters.get(queue) ?? []) notify();
    }

    return {
        wake,
        wakeAll() {
            for (const queue of waiters.keys()) wake(queue);
        },
        enter(queue) {
            let woken = false;
            let resume: (() => void) | undefined;
            const notify = () => {
                woken = true;
                resume?.();
            };
            const group = waiters.get(queue) ?? new Set();
            waiters.set(queue, group.add(notify));
            return {
                async wait(until) {
                    if (woken) return;
                    let cancel: (() => void) | undefined;
                    await new Promise<void>((resolve) => {
                        resume = resolve;
                        cancel = clock.at(until, resolve);
                    });
                    cancel?.();
                },
                leave() {
                    group.delete(notify);
                    if (group.size === 0 && waiters.get(queue) === group) waiters.delete(queue);
                },
            };
        },
    };
}
