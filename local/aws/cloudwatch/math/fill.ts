import { validationError } from "../errors";
import type { Series, Value } from "./evaluate";
import type { Expression } from "./syntax";

/**
 * FILL: a time series with a number, another time series, the last value (`REPEAT`) or the line between two values
 * (`LINEAR`) where it has none.
 * @param times all that there could be a value for, in order
 */
export function filled(
    value: Value,
    filler: Expression | undefined,
    times: readonly number[],
    evaluate: (expression: Expression) => Value,
): Value {
    if (value.kind === "scalar") throw validationError("FILL takes a time series");
    const fill = fillerOf(filler, times, evaluate);
    const of = (series: Series): Series => {
        const made = new Map<number, number>();
        const known = [...series.keys()].sort((a, b) => a - b);
        times.forEach((time, index) => {
            const next = series.get(time) ?? fill(time, index, made, series, known);
            if (next !== undefined) made.set(time, next);
        });
        return made;
    };
    return value.kind === "series"
        ? { kind: "series", series: of(value.series) }
        : { kind: "list", series: value.series.map(of) };
}

/** @param before what there is already at earlier times; @param known the times with values that were there at first */
type Filler = (
    time: number,
    index: number,
    before: Series,
    all: Series,
    known: readonly number[],
) => number | undefined;

/** On the line between the values before and after. */
function linear(time: number, _: number, __: Series, all: Series, known: readonly number[]): number | undefined {
    const next = firstAfter(known, time);
    const [earlier, later] = [known[next - 1], known[next]];
    if (earlier === undefined || later === undefined) return undefined;
    const [low = 0, high = 0] = [all.get(earlier), all.get(later)];
    return low + ((high - low) * (time - earlier)) / (later - earlier);
}

/** Where in a list in order the first is that is larger. */
function firstAfter(sorted: readonly number[], value: number): number {
    let [low, high] = [0, sorted.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((sorted[middle] ?? 0) > value) high = middle;
        else low = middle + 1;
    }
    return low;
}

function fillerOf(
    filler: Expression | undefined,
    times: readonly number[],
    evaluate: (expression: Expression) => Value,
): Filler {
    if (filler?.kind === "word" && filler.word === "REPEAT") {
        return (_, index, before) => before.get(times[index - 1] ?? Number.NaN);
    }
    if (filler?.kind === "word" && filler.word === "LINEAR") {
        return linear;
    }
    const value = filler === undefined ? undefined : evaluate(filler);
    if (value === undefined || value.kind === "list") {
        throw validationError("FILL takes a number, a time series, REPEAT or LINEAR as its second parameter");
    }
    return (time) => (value.kind === "scalar" ? value.value : value.series.get(time));
}
