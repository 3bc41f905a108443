/** Name and value of a dimension. */
export type Dimension = readonly [name: string, value: string];

/** What tells a metric from all others. */
export interface Metric {
    readonly namespace: string;
    readonly name: string;
    /** In order of names. */
    readonly dimensions: readonly Dimension[];
}

/** Values of one metric at one moment. */
export interface Sample extends Metric {
    /** One of CloudWatch's units, such as `Count`. */
    readonly unit: string;
    /** Milliseconds since 1970. */
    readonly time: number;
    /** Seconds: 1 for a high-resolution metric. @default 60 */
    readonly resolution?: 1 | 60;
    readonly value: SampleValue;
}

/** Values with how often each occurred, or what is left of values that were summed up elsewhere. */
export type SampleValue =
    | { readonly values: readonly (readonly [value: number, count: number])[] }
    | { readonly count: number; readonly sum: number; readonly minimum: number; readonly maximum: number };

export const units: ReadonlySet<string> = new Set([
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
]);

/** Dimensions in the order in which a metric has them. */
export function sortedDimensions(dimensions: readonly Dimension[]): Dimension[] {
    return [...dimensions].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** CloudWatch takes no control characters in names and values. */
export function hasControlCharacter(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index);
        if (code < 32 || code === 127) return true;
    }
    return false;
}

/** Can a dimension have this value? */
export function isDimensionValue(text: string): boolean {
    return text.length >= 1 && text.length <= 1024 && !hasControlCharacter(text);
}

/** The same text for the same metric, and for no other: names and values have no control characters. */
export function metricKey({ namespace, name, dimensions }: Metric): string {
    return `${namespace}\n${name}\n${dimensions.map(([dimension, value]) => `${dimension}\t${value}`).join("\n")}`;
}
