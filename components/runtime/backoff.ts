import { setTimeout as wait } from "node:timers/promises";

/**
 * Waits before the n-th retry (from 0): anything up to a limit that doubles, so that many clients do not return at once.
 * Rejects at once when the signal is aborted.
 */
export async function backoff(
    retry: number,
    { base = 50, limit = 2000, signal }: { base?: number; limit?: number; signal?: AbortSignal } = {},
): Promise<void> {
    await wait(Math.random() * Math.min(limit, base * 2 ** retry), undefined, { signal });
}
