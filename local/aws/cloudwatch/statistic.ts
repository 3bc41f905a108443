import type { Aggregate } from "./aggregate";

/** Computes one statistic of an interval; undefined when what is kept of it does not tell. */
export type Statistic = (of: Aggregate) => number | undefined;

/** The part of the values that a trimmed statistic looks at: by share of their number, or by their size. */
interface Bounds {
    readonly by: "percent" | "value";
    readonly low: number;
    readonly high: number;
}

const basic: Readonly<Record<string, Statistic>> = {
    SampleCount: ({ count }) => count,
    Sum: ({ sum }) => sum,
    Average: ({ sum, count }) => sum / count,
    Minimum: ({ minimum }) => minimum,
    Maximum: ({ maximum }) => maximum,
};

const trimmed: Readonly<Record<string, (values: readonly (readonly [number, number])[]) => number | undefined>> = {
    tm: (values) => (countOf(values) > 0 ? sumOf(values) / countOf(values) : undefined),
    tc: countOf,
    ts: sumOf,
};

/** The names of the statistics that `Statistic` takes, rather than `ExtendedStatistic`. */
export const basicStatistics: readonly string[] = Object.keys(basic);

/**
 * A statistic by CloudWatch's name: `Sum`, `p99.9`, `IQM`, `tm90`, `TC(10%:90%)`, `PR(:300)` and so on.
 * @returns undefined when there is none of that name.
 */
export function statisticNamed(name: string): Statistic | undefined {
    if (Object.hasOwn(basic, name)) return basic[name];
    if (name === "IQM") return statisticNamed("TM(25%:75%)");
    const short = /^(p|tm|wm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)$/.exec(name);
    if (short !== null) {
        const percent = Number(short[2]);
        if (percent > 100) return undefined;
        if (short[1] === "p") return percentile(percent);
        return withBounds(short[1] ?? "", { by: "percent", low: 0, high: percent });
    }
    const long = /^(TM|WM|TC|TS|PR)\(([-\d.]*)(%?):([-\d.]*)(%?)\)$/.exec(name);
    if (long === null) return undefined;
    const [, kind = "", low = "", lowPercent, high = "", highPercent] = long;
    if (low === "" && high === "") return undefined;
    const isPercent = lowPercent === "%" || highPercent === "%";
    if (isPercent && ((low !== "" && lowPercent === "") || (high !== "" && highPercent === ""))) return undefined;
    const bounds: Bounds = {
        by: isPercent ? "percent" : "value",
        low: low === "" ? (isPercent ? 0 : Number.NEGATIVE_INFINITY) : Number(low),
        high: high === "" ? (isPercent ? 100 : Number.POSITIVE_INFINITY) : Number(high),
    };
    if (!(bounds.low <= bounds.high) || (isPercent && (bounds.low < 0 || bounds.high > 100))) return undefined;
    if (kind !== "PR") return withBounds(kind.toLowerCase(), bounds);
    if (isPercent) return undefined;
    return ({ distribution, count }) =>
        distribution === undefined ? undefined : (100 * countOf(within(sorted(distribution), bounds))) / count;
}

function withBounds(kind: string, bounds: Bounds): Statistic | undefined {
    if (kind === "wm") {
        return ({ distribution }) => (distribution === undefined ? undefined : winsorized(distribution, bounds));
    }
    const compute = trimmed[kind];
    if (compute === undefined) return undefined;
    return ({ distribution }) =>
        distribution === undefined ? undefined : compute(within(sorted(distribution), bounds));
}

function percentile(percent: number): Statistic {
    return ({ distribution, minimum, maximum }) => {
        if (distribution === undefined) return undefined;
        const values = sorted(distribution);
        // Rounding must not push a rank that is a whole number over it.
        const rank = (percent / 100) * countOf(values) - 1e-9;
        let seen = 0;
        for (const [value, count] of values) {
            seen += count;
            if (seen >= rank) return Math.min(Math.max(value, minimum), maximum);
        }
        return maximum;
    };
}

function sorted(distribution: ReadonlyMap<number, number>): [value: number, count: number][] {
    return [...distribution].sort(([a], [b]) => a - b);
}

/** The values between the bounds; one on a bound by percent counts in part. */
function within(values: readonly (readonly [number, number])[], { by, low, high }: Bounds) {
    if (by === "value") return values.filter(([value]) => value > low && value <= high);
    const total = countOf(values);
    const [from, until] = [(low / 100) * total, (high / 100) * total];
    let seen = 0;
    return values.flatMap(([value, count]): [number, number][] => {
        const part = Math.min(seen + count, until) - Math.max(seen, from);
        seen += count;
        return part > 0 ? [[value, part]] : [];
    });
}

/** The mean, with what lies outside of the bounds moved to them. */
function winsorized(distribution: ReadonlyMap<number, number>, bounds: Bounds): number | undefined {
    const values = sorted(distribution);
    const inner = within(values, bounds);
    const [lowest] = inner[0] ?? [];
    const [highest] = inner.at(-1) ?? [];
    if (lowest === undefined || highest === undefined) return undefined;
    const moved = values.map(([value, count]) => [Math.min(Math.max(value, lowest), highest), count] as const);
    return sumOf(moved) / countOf(moved);
}

function countOf(values: readonly (readonly [number, number])[]): number {
    return values.reduce((sum, [, count]) => sum + count, 0);
}

function sumOf(values: readonly (readonly [number, number])[]): number {
    return values.reduce((sum, [value, count]) => sum + value * count, 0);
}
