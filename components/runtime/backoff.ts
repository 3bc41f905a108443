import { setTimeout as wait } from "node:timers/promises";

/** Waits before the n-th retry (from 0): anything up to a limit that doubles, so that many clients do not return at once. */
export function backoff(retry: number, { base = 50, limit = 2000 } = {}): Promise<void> {
    return wait(Math.random() * Math.min(limit, base * 2 ** retry));
}
