import { isEvaluatedKey } from "./condition-keys";
import { patternWithVariables, variableKeys, withVariables } from "./variables";
import { matches, matchesArn } from "./wildcard";

/** The values of a request's condition keys, by key in lower case. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;

/** `{ operator: { key: values } }`, as in a policy. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, Scalar | readonly Scalar[]>>>>;
type Scalar = string | number | boolean;

type Comparison = (wanted: string, given: string) => boolean;

const ignoringCase: Comparison = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();
const time = (value: string) => (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value));

const comparisons: Readonly<Record<string, Comparison>> = {
    StringEquals: (wanted, given) => wanted === given,
    StringEqualsIgnoreCase: ignoringCase,
    StringLike: matches,
    ArnEquals: matchesArn,
    ArnLike: matchesArn,
    Bool: ignoringCase,
    NumericEquals: (wanted, given) => Number(given) === Number(wanted),
    NumericLessThan: (wanted, given) => Number(given) < Number(wanted),
    NumericLessThanEquals: (wanted, given) => Number(given) <= Number(wanted),
    NumericGreaterThan: (wanted, given) => Number(given) > Number(wanted),
    NumericGreaterThanEquals: (wanted, given) => Number(given) >= Number(wanted),
    DateEquals: (wanted, given) => time(given) === time(wanted),
    DateLessThan: (wanted, given) => time(given) < time(wanted),
    DateLessThanEquals: (wanted, given) => time(given) <= time(wanted),
    DateGreaterThan: (wanted, given) => time(given) > time(wanted),
    DateGreaterThanEquals: (wanted, given) => time(given) >= time(wanted),
};

/** Operators that hold when the named comparison holds for no value. */
const negations: Readonly<Record<string, string>> = {
    StringNotEquals: "StringEquals",
    StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
    StringNotLike: "StringLike",
    ArnNotEquals: "ArnEquals",
    ArnNotLike: "ArnLike",
    NumericNotEquals: "NumericEquals",
    DateNotEquals: "DateEquals",
};

interface Operator {
    readonly compare: Comparison | "Null";
    readonly negated: boolean;
    readonly ifExists: boolean;
    readonly set: "ForAllValues" | "ForAnyValue" | undefined;
}

/** The condition operators, condition keys and variables that the twin does not evaluate. */
export function unknownConditions(conditions: Conditions): string[] {
    return Object.entries(conditions).flatMap(([name, keys]) => [
        ...(operator(name) === undefined ? [`operator ${name}`] : []),
        ...Object.keys(keys)
            .filter((key) => !isEvaluatedKey(key))
            .map((key) => `key ${key}`),
        ...Object.values(keys)
            .flat()
            .flatMap((value) => variableKeys(String(value)))
            .filter((key) => !isEvaluatedKey(key))
            .map((key) => `variable \${${key}}`),
    ]);
}

/**
 * Do all conditions hold?
 * @param variables Are variables such as `${aws:PrincipalAccount}` in the wanted values filled in?
 */
export function conditionsHold(conditions: Conditions, context: ConditionContext, variables: boolean): boolean {
    return Object.entries(conditions).every(([name, keys]) => {
        const found = operator(name);
        return (
            found !== undefined &&
            Object.entries(keys).every(([key, values]) => {
                const texts = [values].flat().map(String);
                const fill = hasWildcards(found) ? patternWithVariables : withVariables;
                const wanted = variables ? texts.map((value) => fill(value, context)) : texts;
                return holds(found, wanted, context.get(key.toLowerCase()));
            })
        );
    });
}

function operator(name: string): Operator | undefined {
    const parts = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name);
    if (parts === null) return undefined;
    const [, set, base = "", ifExists] = parts;
    // Null is the one operator that has neither form.
    if (base === "Null" && (set ?? ifExists) !== undefined) return undefined;
    const compare = base === "Null" ? "Null" : comparisons[negations[base] ?? base];
    if (compare === undefined) return undefined;
    return {
        compare,
        negated: base in negations,
        ifExists: ifExists !== undefined,
        set: set as Operator["set"],
    };
}

function hasWildcards({ compare }: Operator): boolean {
    return compare === matches || compare === matchesArn;
}

function holds(operator: Operator, wanted: readonly string[], given: readonly string[] | undefined): boolean {
    const { compare, negated, ifExists, set } = operator;
    const missing = given === undefined || given.length === 0;
    if (compare === "Null") return wanted.some((value) => (value.toLowerCase() === "true") === missing);
    if (missing) return ifExists || set === "ForAllValues" || (negated && set === undefined);
    const one = (value: string) => wanted.some((candidate) => compare(candidate, value)) !== negated;
    // A negated operator on several values holds only if it holds for each of them.
    if (set === "ForAllValues" || (negated && set === undefined)) return given.every(one);
    return given.some(one);
}
