import { hash } from "node:crypto";
import type { FaultRule } from "./plan";

/** A number from 0 up to 1, the same for the same parts. */
export function chance(...parts: readonly (string | number)[]): number {
    return Number.parseInt(hash("sha256", JSON.stringify(parts)).slice(0, 12), 16) / 2 ** 48;
}

/** What tells a rule from others. A rate is no part of it: a higher one adds faults and moves none. */
export function identityOf(rule: FaultRule): string {
    const { rate, calls, first, after, max, ...rest } = rule;
    return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Whether a rule hits the n-th call.
 * @param n 1 is the first.
 * @param before How often it has hit already.
 */
export function hits(rule: FaultRule, seed: number, call: string, n: number, before: number): boolean {
    const { rate = 1, calls, first = Number.POSITIVE_INFINITY, after = 0, max = Number.POSITIVE_INFINITY } = rule;
    if (n > first || n <= after || before >= max || calls?.includes(n) === false) return false;
    return rate === 1 || chance(seed, identityOf(rule), call, n) < rate;
}

/** Milliseconds, the same for the same parts. */
export function delayOf(
    milliseconds: number | readonly [from: number, to: number],
    ...parts: readonly (string | number)[]
): number {
    if (typeof milliseconds === "number") return milliseconds;
    const [from, to] = milliseconds;
    return Math.round(from + chance("delay", ...parts) * (to - from));
}
