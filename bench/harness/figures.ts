/** One measured number. */
export interface Figure {
    readonly value: number;
    /** `bytes`, `MB`, `s`, `ms`, `files`, `records`, `records/s`, or `ratio`. */
    readonly unit: string;
}

/** What a bench found, by name. */
export type Figures = Readonly<Record<string, Figure>>;

/** A file `bench/NAME.ts`. */
export interface Bench {
    /** What is measured, in one line. */
    readonly summary: string;
    /** Measures, and tells its progress on the error stream. A figure that misses its bar is a figure like any other. */
    readonly measure: () => Promise<Figures>;
}

const DECIMALS: Readonly<Record<string, number>> = {
    bytes: 0,
    MB: 0,
    files: 0,
    records: 0,
    "records/s": 0,
    s: 3,
    ms: 1,
    ratio: 4,
};

/** A figure, rounded to what its unit can carry. */
export function figure(value: number, unit: string): Figure {
    const digits = DECIMALS[unit];
    return { value: digits === undefined ? value : Number(value.toFixed(digits)), unit };
}
