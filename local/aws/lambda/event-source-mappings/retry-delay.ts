import type { Pace } from "../../context";

/**
 * Milliseconds before what failed is tried again: doubled each time. AWS does not publish its own delays; a record that
 * failed for a minute was tried there seven times.
 */
const delays: Readonly<Record<Pace, { readonly first: number; readonly longest: number }>> = {
    fast: { first: 100, longest: 10_000 },
    aws: { first: 500, longest: 60_000 },
};

/** @param failures How often it has failed before, from 0. */
export function retryDelay(pace: Pace, failures: number): number {
    const { first, longest } = delays[pace];
    return Math.min(first * 2 ** failures, longest);
}
