import { validationError } from "../errors";
import { filled } from "./fill";
import type { Expression, FunctionName } from "./syntax";

/** Values by time, in milliseconds since 1970. A time without a value is missing. */
export type Series = ReadonlyMap<number, number>;

/** What an expression comes to. */
export type Value =
    | { readonly kind: "scalar"; readonly value: number }
    | { readonly kind: "series"; readonly series: Series }
    | { readonly kind: "list"; readonly series: readonly Series[] };

/** What an expression is computed with. */
export interface Surroundings {
    /** Of all metrics and expressions that it may name. @throws AwsError where there is none of that id */
    compute(id: string): Value;
    /** The metrics themselves, by id; expressions are not among them. */
    readonly metrics: ReadonlyMap<string, Series>;
    /** All times that there could be a value for, in order. */
    readonly times: readonly number[];
    /** Seconds. */
    readonly period: number;
}

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "^": (a, b) => a ** b,
    "==": (a, b) => Number(a === b),
    "!=": (a, b) => Number(a !== b),
    "<": (a, b) => Number(a < b),
    ">": (a, b) => Number(a > b),
    "<=": (a, b) => Number(a <= b),
    ">=": (a, b) => Number(a >= b),
    AND: (a, b) => Number(a !== 0 && b !== 0),
    "&&": (a, b) => Number(a !== 0 && b !== 0),
    OR: (a, b) => Number(a !== 0 || b !== 0),
    "||": (a, b) => Number(a !== 0 || b !== 0),
};

const reductions: Readonly<Record<string, (values: readonly number[]) => number>> = {
    SUM: (values) => values.reduce((sum, value) => sum + value, 0),
    AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
    MIN: (values) => Math.min(...values),
    MAX: (values) => Math.max(...values),
    DATAPOINT_COUNT: (values) => values.length,
};

const roundings: Readonly<Record<string, (value: number) => number>> = {
    ABS: Math.abs,
    CEIL: Math.ceil,
    FLOOR: Math.floor,
};

/** Computes an expression. @throws AwsError ValidationError where its parts do not fit together */
export function evaluate(expression: Expression, around: Surroundings): Value {
    switch (expression.kind) {
        case "number":
            return { kind: "scalar", value: expression.value };
        case "reference":
            return around.compute(expression.id);
        case "list":
            return {
                kind: "list",
                series: expression.items.flatMap((item) => seriesOf(evaluate(item, around), around)),
            };
        case "negative":
            return mapped(evaluate(expression.of, around), (value) => -value);
        case "operation":
            return combined(
                evaluate(expression.left, around),
                evaluate(expression.right, around),
                operators[expression.operator] ?? (() => Number.NaN),
            );
        case "call":
            return call(expression.name, expression.parameters, around);
        default:
            throw validationError(`Error in expression: a text or a word stands where a value is expected`);
    }
}

function call(name: FunctionName, parameters: readonly Expression[], around: Surroundings): Value {
    if (name === "METRICS") return { kind: "list", series: metricsNamed(parameters[0], around) };
    const [first, second, third] = parameters;
    if (first === undefined) throw validationError(`${name} has no parameter`);
    const value = evaluate(first, around);
    const rounding = roundings[name];
    if (rounding !== undefined) return mapped(value, rounding);
    const reduction = reductions[name];
    if (reduction !== undefined) return reduced(value, reduction);
    switch (name) {
        case "PERIOD":
            return { kind: "scalar", value: around.period };
        case "RATE":
            return changes(value, around, (difference, seconds) => difference / seconds);
        case "DIFF":
            return changes(value, around, (difference) => difference);
        case "FILL":
            return filled(value, second, around.times, (filler) => evaluate(filler, around));
        default:
            return chosen(
                value,
                second === undefined ? undefined : evaluate(second, around),
                third === undefined ? undefined : evaluate(third, around),
            );
    }
}

function metricsNamed(part: Expression | undefined, { metrics }: Surroundings): Series[] {
    if (part !== undefined && part.kind !== "text") throw validationError("METRICS takes a text in quotes, or nothing");
    return [...metrics].filter(([id]) => part === undefined || id.includes(part.value)).map(([, series]) => series);
}

function seriesOf(value: Value, { times }: Surroundings): readonly Series[] {
    if (value.kind === "list") return value.series;
    if (value.kind === "series") return [value.series];
    return [new Map(times.map((time) => [time, value.value]))];
}

function mapped(value: Value, change: (value: number) => number): Value {
    if (value.kind === "scalar") return { kind: "scalar", value: change(value.value) };
    if (value.kind === "series") return { kind: "series", series: mapSeries(value.series, change) };
    return { kind: "list", series: value.series.map((each) => mapSeries(each, change)) };
}

/** Values that are no numbers, such as of a division by zero, are missing. */
function mapSeries(series: Series, change: (value: number, time: number) => number | undefined): Series {
    const result = new Map<number, number>();
    for (const [time, value] of series) {
        const changed = change(value, time);
        if (changed !== undefined && Number.isFinite(changed)) result.set(time, changed);
    }
    return result;
}

function combined(left: Value, right: Value, operator: (a: number, b: number) => number): Value {
    if (left.kind === "list" && right.kind === "list") {
        throw validationError("An operator takes at most one array of time series");
    }
    if (left.kind === "list") {
        return { kind: "list", series: left.series.map((each) => pairwise(each, scalarOrSeries(right), operator)) };
    }
    if (right.kind === "list") {
        const swapped = (b: number, a: number) => operator(a, b);
        return { kind: "list", series: right.series.map((each) => pairwise(each, scalarOrSeries(left), swapped)) };
    }
    if (left.kind === "series") return { kind: "series", series: pairwise(left.series, right, operator) };
    if (right.kind === "series") {
        return { kind: "series", series: pairwise(right.series, left, (b, a) => operator(a, b)) };
    }
    return { kind: "scalar", value: operator(left.value, right.value) };
}

type Single = Exclude<Value, { kind: "list" }>;

function scalarOrSeries(value: Value): Single {
    if (value.kind === "list") throw validationError("An operator takes at most one array of time series");
    return value;
}

/** Times at which one of them has no value have none. */
function pairwise(series: Series, other: Single, operator: (a: number, b: number) => number): Series {
    if (other.kind === "scalar") return mapSeries(series, (value) => operator(value, other.value));
    return mapSeries(series, (value, time) => {
        const second = other.series.get(time);
        return second === undefined ? undefined : operator(value, second);
    });
}

/** Of one time series a number; of several a time series of what they have at each time. */
function reduced(value: Value, reduction: (values: readonly number[]) => number): Value {
    if (value.kind === "scalar") return value;
    if (value.kind === "series") return { kind: "scalar", value: reduction([...value.series.values()]) };
    const times = [...new Set(value.series.flatMap((each) => [...each.keys()]))].sort((a, b) => a - b);
    return {
        kind: "series",
        series: new Map(
            times.map((time) => [time, reduction(value.series.flatMap((each) => each.get(time) ?? []))] as const),
        ),
    };
}

function changes(
    value: Value,
    { times }: Surroundings,
    result: (difference: number, seconds: number) => number,
): Value {
    if (value.kind === "scalar") throw validationError("RATE and DIFF take a time series");
    const of = (series: Series): Series => {
        const made = new Map<number, number>();
        let before: readonly [number, number] | undefined;
        for (const time of times) {
            const now = series.get(time);
            if (now === undefined) continue;
            if (before !== undefined) made.set(time, result(now - before[1], (time - before[0]) / 1000));
            before = [time, now];
        }
        return made;
    };
    return value.kind === "series"
        ? { kind: "series", series: of(value.series) }
        : { kind: "list", series: value.series.map(of) };
}

/** IF: the second value where the first is not 0, and otherwise the third, if there is one. */
function chosen(condition: Value, yes: Value | undefined, no: Value | undefined): Value {
    if (condition.kind === "list" || yes?.kind === "list" || no?.kind === "list" || yes === undefined) {
        throw validationError("IF takes numbers and single time series");
    }
    if (condition.kind === "scalar") {
        const value = condition.value !== 0 ? yes : no;
        return value ?? { kind: "series", series: new Map() };
    }
    const at = (value: Single | undefined, time: number) =>
        value?.kind === "scalar" ? value.value : value?.series.get(time);
    return {
        kind: "series",
        series: mapSeries(condition.series, (test, time) => at(test !== 0 ? yes : no, time)),
    };
}
