/** One measured number. */
export interface Figure {
    readonly value: number;
    /** `bytes`, `MB`, `s`, `ms`, `files`, `records`, `records/s`, `examples/s`, `texts/s`, `tokens/text`, `share`, or `ratio`. */
    readonly unit: string;
}

/** What a bench found, by name. */
export type Figures = Readonly<Record<string, Figure>>;

/** What can be measured by itself. */
export interface Part {
    readonly name: string;
    /** What is measured, in a few words. */
    readonly summary: string;
    /** Measured only where it is named, or everything is wanted. @default false */
    readonly long?: boolean;
}

/** A file `bench/NAME.ts`. */
export interface Bench {
    /** What is measured, in one line. */
    readonly summary: string;
    /** @default none: it is measured as a whole */
    readonly parts?: readonly Part[];
    /**
     * Measures the given parts, and tells its progress on the error stream. A figure that misses its bar is a figure
     * like any other.
     * @throws CannotMeasure where something is missing that a person has to provide.
     */
    readonly measure: (parts: readonly Part[]) => Promise<Figures>;
}

const DECIMALS: Readonly<Record<string, number>> = {
    bytes: 0,
    MB: 0,
    files: 0,
    records: 0,
    "records/s": 0,
    "examples/s": 1,
    "texts/s": 0,
    "tokens/text": 0,
    s: 3,
    ms: 1,
    ratio: 4,
    share: 4,
};

/** A figure, rounded to what its unit can carry. */
export function figure(value: number, unit: string): Figure {
    const digits = DECIMALS[unit];
    return { value: digits === undefined ? value : Number(value.toFixed(digits)), unit };
}
