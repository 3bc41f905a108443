import { mismatch, options, type Rule, required, value } from "../argument-rules";
import { isOptions, shown } from "../shown-value";
import { type Hyperparameter, hyperparameterRule, scalarRule } from "./hyperparameter";

/** Numbers between two ends, which are included. */
export interface NumberRange {
    readonly kind: "continuous" | "integer";
    readonly low: number;
    readonly high: number;
    /** By what steps lie equally close: differences, or ratios. */
    readonly scale: "Linear" | "Logarithmic";
}

/** Some values. */
export interface Choice {
    readonly kind: "choice";
    readonly values: readonly (string | number | boolean)[];
}

/** What a search may choose for a hyperparameter. */
export type SearchRange = NumberRange | Choice;

/** Numbers from `low` to `high`, as many between 1 and 2 as between 10 and 20: for learning rates. `low` is above 0. */
export function logUniform(low: number, high: number): NumberRange {
    return { kind: "continuous", low, high, scale: "Logarithmic" };
}

/** Numbers from `low` to `high`, all alike. */
export function uniform(low: number, high: number): NumberRange {
    return { kind: "continuous", low, high, scale: "Linear" };
}

/** Whole numbers from `low` to `high`, both included. */
export function range(low: number, high: number): NumberRange {
    return { kind: "integer", low, high, scale: "Linear" };
}

/** One of 1 to 30 values. */
export function oneOf(values: Choice["values"]): Choice {
    return { kind: "choice", values };
}

/** Values that a choice can have. */
export const MOST_CHOICES = 30;

const anyNumber = value("a number", (given) => Number.isFinite(given));
const shape = options<NumberRange>({
    kind: required(value('"continuous" or "integer"', (given) => given === "continuous" || given === "integer")),
    low: required(anyNumber),
    high: required(anyNumber),
    scale: required(value('"Linear" or "Logarithmic"', (given) => given === "Linear" || given === "Logarithmic")),
});

/** SageMaker's limit for values that are searched. */
const searchedScalar = scalarRule(256);

const WHAT = "made by logUniform(low, high), uniform(low, high), range(low, high) or oneOf([…])";

/**
 * What a range of a hyperparameter may be.
 * @param hyperparameter undefined where it is the program's own.
 */
export function rangeRule(hyperparameter: Hyperparameter | undefined): Rule {
    return {
        what: WHAT,
        problems: (option, given) => {
            if (!isOptions(given)) return [mismatch(option, given, WHAT)];
            if (given.kind === "choice") return choiceProblems(option, given.values, hyperparameter);
            if (given.kind !== "continuous" && given.kind !== "integer") return [mismatch(option, given, WHAT)];
            const misshapen = shape.problems(option, given);
            return misshapen.length > 0
                ? misshapen
                : numberProblems(option, given as unknown as NumberRange, hyperparameter);
        },
    };
}

function choiceProblems(option: string, values: unknown, hyperparameter: Hyperparameter | undefined) {
    if (!Array.isArray(values)) return [`${option} has ${shown(values)}; give oneOf a list of values`];
    const given: readonly unknown[] = Array.from(values);
    if (given.length === 0 || given.length > MOST_CHOICES) {
        return [`${option} has ${given.length} values; it must have 1 to ${MOST_CHOICES}`];
    }
    if (new Set(given).size < given.length) return [`${option} has a value twice; give each once`];
    const rule = hyperparameter === undefined ? searchedScalar : hyperparameterRule(hyperparameter);
    return given
        .filter((each) => rule.problems(option, each).length > 0)
        .map((each) => `${option} has ${shown(each)}; each value must be ${rule.what}`);
}

function numberProblems(
    option: string,
    { kind, low, high, scale }: NumberRange,
    hyperparameter: Hyperparameter | undefined,
): string[] {
    const ends = `from ${low} to ${high}`;
    if (low >= high) return [`${option} goes ${ends}; the first number must be the lower one`];
    if (scale === "Logarithmic" && low <= 0)
        return [`${option} goes ${ends}; logUniform must have two numbers above 0`];
    if (kind === "integer" && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
        return [`${option} goes ${ends}; range must have whole numbers`];
    }
    if (hyperparameter === undefined) return [];
    if (hyperparameter.kind === "choice" || hyperparameter.kind === "flag") {
        const values = hyperparameter.kind === "flag" ? "true, false" : hyperparameter.values.map(shown).join(", ");
        return [`${option} goes ${ends}; use oneOf([…]) of ${values}`];
    }
    if (hyperparameter.kind === "integer" && kind === "continuous") {
        return [`${option} goes ${ends}, over numbers that are not whole; use range(${low}, ${high}) or oneOf([…])`];
    }
    return low >= hyperparameter.from && high <= hyperparameter.to
        ? []
        : [`${option} goes ${ends}; it must be within ${hyperparameter.from} to ${hyperparameter.to}`];
}
