import type { SampleValue } from "./metric";

/** What is kept of the values of one metric in one interval. */
export interface Aggregate {
    count: number;
    sum: number;
    minimum: number;
    maximum: number;
    /** How often each value occurred; undefined when only sums of some of them are known: there are no percentiles then. */
    distribution: Map<number, number> | undefined;
}

/** Different values that are kept as they are; further ones are kept to one percent. */
const exactValues = 150;
const step = Math.log(1.01);

export function emptyAggregate(): Aggregate {
    return {
        count: 0,
        sum: 0,
        minimum: Number.POSITIVE_INFINITY,
        maximum: Number.NEGATIVE_INFINITY,
        distribution: new Map(),
    };
}

/** Adds a sample's values. */
export function add(to: Aggregate, value: SampleValue): void {
    if ("values" in value) {
        for (const [each, count] of value.values) {
            to.count += count;
            to.sum += each * count;
            to.minimum = Math.min(to.minimum, each);
            to.maximum = Math.max(to.maximum, each);
            occur(to.distribution, each, count);
        }
        return;
    }
    const { count, sum, minimum, maximum } = value;
    // One value, or the same one each time: that is known, as on AWS.
    merge(to, {
        count,
        sum,
        minimum,
        maximum,
        distribution: count === 1 || minimum === maximum ? new Map([[minimum, count]]) : undefined,
    });
}

/** Adds what another interval, or another part of the same one, has. */
export function merge(to: Aggregate, other: Aggregate): void {
    to.count += other.count;
    to.sum += other.sum;
    to.minimum = Math.min(to.minimum, other.minimum);
    to.maximum = Math.max(to.maximum, other.maximum);
    if (other.distribution === undefined) to.distribution = undefined;
    for (const [each, count] of other.distribution ?? []) occur(to.distribution, each, count);
}

function occur(distribution: Map<number, number> | undefined, value: number, count: number): void {
    if (distribution === undefined) return;
    const kept = distribution.size < exactValues || distribution.has(value) ? value : rounded(value);
    distribution.set(kept, (distribution.get(kept) ?? 0) + count);
}

/** To one percent; the same value when it is done again. */
function rounded(value: number): number {
    if (value === 0) return 0;
    return Math.sign(value) * Math.exp(Math.round(Math.log(Math.abs(value)) / step) * step);
}
