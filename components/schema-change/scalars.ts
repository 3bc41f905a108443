import type { JsonSchema } from "../schema";
import type { Comparison } from "./compare";
import { all, breaks, fits, type Result, undecided } from "./finding";
import type { TypeKind } from "./kinds";
import { numberIn } from "./schema";

/** An end of a range of numbers; without a bound there is none. */
interface End {
    readonly bound: number;
    /** The bound itself is not in the range. */
    readonly open: boolean;
}

export function compareNumbers(kind: TypeKind, next: JsonSchema, path: string): Result {
    const whole = kind.type === "integer";
    const old = { least: least(kind.constraints, whole), greatest: greatest(kind.constraints, whole) };
    const wanted = { least: least([next], whole), greatest: greatest([next], whole) };
    const none = isBelow(old.greatest, wanted.least) || isBelow(wanted.greatest, old.least);
    return all([
        lower(old.least, wanted.least)
            ? breaks(path, `its minimum was ${shown(old.least)}, is ${shown(wanted.least)}`, none)
            : fits,
        lower(negative(old.greatest), negative(wanted.greatest))
            ? breaks(path, `its maximum was ${shown(old.greatest)}, is ${shown(wanted.greatest)}`, none)
            : fits,
        compareMultiples(kind, next, path),
    ]);
}

function least(constraints: readonly JsonSchema[], whole: boolean): End {
    return constraints
        .flatMap(({ minimum, exclusiveMinimum }) => [...end(minimum, false), ...end(exclusiveMinimum, true)])
        .map((each) =>
            whole ? { bound: each.open ? Math.floor(each.bound) + 1 : Math.ceil(each.bound), open: false } : each,
        )
        .reduce((found, each) => (lower(found, each) ? each : found), { bound: Number.NEGATIVE_INFINITY, open: false });
}

function greatest(constraints: readonly JsonSchema[], whole: boolean): End {
    const mirrored = constraints.map(({ maximum, exclusiveMaximum }) => ({
        minimum: opposite(maximum),
        exclusiveMinimum: opposite(exclusiveMaximum),
    }));
    return negative(least(mirrored, whole));
}

function opposite(value: unknown): number | undefined {
    const number = numberIn(value);
    return number === undefined ? undefined : -number;
}

function end(value: unknown, open: boolean): End[] {
    const bound = numberIn(value);
    return bound === undefined ? [] : [{ bound, open }];
}

function negative({ bound, open }: End): End {
    return { bound: -bound, open };
}

/** Whether a range that begins with `a` holds something below one that begins with `b`. */
function lower(a: End, b: End): boolean {
    return a.bound < b.bound || (a.bound === b.bound && b.open && !a.open);
}

/** Whether a range that ends with `a` ends before one that begins with `b`. */
function isBelow(a: End, b: End): boolean {
    return a.bound < b.bound || (a.bound === b.bound && (a.open || b.open));
}

function shown({ bound, open }: End): string {
    if (!Number.isFinite(bound)) return "none";
    return open ? `${bound} (itself excluded)` : String(bound);
}

function compareMultiples(kind: TypeKind, { multipleOf }: JsonSchema, path: string): Result {
    const wanted = numberIn(multipleOf);
    if (wanted === undefined) return fits;
    const old = kind.constraints.flatMap((constraint) => numberIn(constraint.multipleOf) ?? []);
    const steps = kind.type === "integer" ? [1, ...old] : old;
    if (steps.some((step) => step === wanted || (Number.isInteger(step / wanted) && Number.isInteger(wanted))))
        return fits;
    const change = `has to be a multiple of ${wanted}`;
    return old.length === 0 ? breaks(path, change) : undecided(path, change);
}

export function compareStrings(kind: TypeKind, next: JsonSchema, path: string, comparison: Comparison): Result {
    const { constraints } = kind;
    const lengths = compareSizes(kind, next, path, { least: "minLength", greatest: "maxLength", unit: "characters" });
    const { pattern } = next;
    if (typeof pattern !== "string" || constraints.some((constraint) => constraint.pattern === pattern)) return lengths;
    const refused = samples.find(
        (sample) =>
            comparison.oldValidity.isValid(sample, [...constraints, { type: "string" }]) === true &&
            comparison.newValidity.isValid(sample, [{ pattern }]) === false,
    );
    const change = `has to match another pattern, ${JSON.stringify(pattern)}`;
    return all([lengths, refused === undefined ? undecided(path, change) : breaks(path, change)]);
}

/** Texts of which one is refused by nearly every pattern. */
const samples = ["", " ", "a", "Z", "0", "\u0000", "ß", "a b", "a".repeat(7), "\n".repeat(20), "x".repeat(300)];

/** Lengths of texts and lists, and how many fields an object has. */
export function compareSizes(
    kind: TypeKind,
    next: JsonSchema,
    path: string,
    words: {
        readonly least: string;
        readonly greatest: string;
        readonly unit: string;
        /** What follows from other rules. */
        readonly atLeast?: number;
        readonly atMost?: number;
    },
): Result {
    const { atLeast = 0, atMost = Number.POSITIVE_INFINITY, unit } = words;
    const sizes = (name: string) => kind.constraints.flatMap((constraint) => numberIn(constraint[name]) ?? []);
    const old = {
        least: Math.max(atLeast, ...sizes(words.least)),
        greatest: Math.min(atMost, ...sizes(words.greatest)),
    };
    const wanted = {
        least: numberIn(next[words.least]) ?? 0,
        greatest: numberIn(next[words.greatest]) ?? Number.POSITIVE_INFINITY,
    };
    const none = old.greatest < wanted.least || wanted.greatest < old.least;
    const limit = (size: number) => (Number.isFinite(size) ? `${size} ${unit}` : "any number");
    return all([
        old.least < wanted.least ? breaks(path, `had at least ${old.least} ${unit}, has ${wanted.least}`, none) : fits,
        old.greatest > wanted.greatest
            ? breaks(path, `had at most ${limit(old.greatest)}, has ${limit(wanted.greatest)}`, none)
            : fits,
    ]);
}
