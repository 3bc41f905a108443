import type { Clock } from "../clock";
import type { Outcome } from "./outcome";

/**
 * Invokes a function as soon as there is room for it. Undefined when there was none before a time; an invocation that has
 * begun is not cut off by it.
 * @param expires Milliseconds since 1970.
 * @param invoke Waits for room until the signal, and rejects then.
 * @param stop Ends the wait as well, which is no expiry.
 */
export async function invokeBefore(
    clock: Clock,
    expires: number,
    invoke: (signal: AbortSignal) => Promise<Outcome>,
    stop?: AbortSignal,
): Promise<Outcome | undefined> {
    if (clock.now() > expires) return undefined;
    const waiting = new AbortController();
    const end = () => waiting.abort(stop?.reason);
    let expired = false;
    const cancel = clock.at(expires, () => {
        expired = true;
        end();
    });
    stop?.addEventListener("abort", end);
    if (stop?.aborted) end();
    try {
        return await invoke(waiting.signal);
    } catch (error) {
        // Whatever ended the wait after that time, there was no room before it.
        if (expired && !stop?.aborted) return undefined;
        throw error;
    } finally {
        cancel();
        stop?.removeEventListener("abort", end);
    }
}
