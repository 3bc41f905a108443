import { matches } from "./wildcard";

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
    ArnEquals: matches,
    ArnLike: matches,
    Bool: ignoringCase,
    NumericEquals: (wanted, given) => Number(given) === Number(wanted),
    NumericLessThan: (wanted, given) => Number(given) < Number(wanted),
    NumericLessThanEquals: (wanted, given) => Number(given) <= Number(wanted),
    NumericGreaterThan: (wanted, given) => Number(given) > Number(wanted),
    NumericGreaterThanEquals: (wanted, given) => Number(given) >= Number(wanted),
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
};

interface Operator {
    readonly compare: Comparison | "Null";
    readonly negated: boolean;
    readonly ifExists: boolean;
    readonly set: "ForAllValues" | "ForAnyValue" | undefined;
}

/** The condition operators of a policy that the twin does not evaluate. */
export function unknownOperators(conditions: Conditions): string[] {
    return Object.keys(conditions).filter((name) => operator(name) === undefined);
}

/** Do all conditions hold? Variables such as `${aws:PrincipalAccount}` in the wanted values are filled in. */
export function conditionsHold(conditions: Conditions, context: ConditionContext): boolean {
    return Object.entries(conditions).every(([name, keys]) => {
        const found = operator(name);
        return (
            found !== undefined &&
            Object.entries(keys).every(([key, values]) => {
                const wanted = [values].flat().map((value) => withVariables(String(value), context));
                return holds(found, wanted, context.get(key.toLowerCase()));
            })
        );
    });
}

/** Replaces policy variables by the request's values. An unknown variable stays, and so matches nothing. */
export function withVariables(text: string, context: ConditionContext): string {
    if (!text.includes("${")) return text;
    return text.replace(/\$\{([^}]*)\}/g, (variable, key: string) => {
        if (key === "*" || key === "?" || key === "$") return key;
        return context.get(key.toLowerCase())?.[0] ?? variable;
    });
}

function operator(name: string): Operator | undefined {
    const parts = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name);
    if (parts === null) return undefined;
    const [, set, base = "", ifExists] = parts;
    const compare = base === "Null" ? "Null" : comparisons[negations[base] ?? base];
    if (compare === undefined) return undefined;
    return {
        compare,
        negated: base in negations,
        ifExists: ifExists !== undefined,
        set: set as Operator["set"],
    };
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
