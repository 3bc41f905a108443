import { invalidPattern } from "./errors";
import { regularExpression } from "./regular-expression";

/** A value that can be compared: the others match no comparison. */
export type Comparable = string | number;

export type Comparison = (value: Comparable) => boolean;

/** What may stand to the right of an operator. */
export const operand = String.raw`"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|[^\s"%()&|,\]}]+`;
export const operator = "!=|>=|<=|=|>|<";

const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

const numeric: Readonly<Record<string, (a: number, b: number) => boolean>> = {
    "=": (a, b) => a === b,
    "!=": (a, b) => a !== b,
    ">": (a, b) => a > b,
    "<": (a, b) => a < b,
    ">=": (a, b) => a >= b,
    "<=": (a, b) => a <= b,
};

/** A comparison with what a pattern says. @throws AwsError InvalidParameterException */
export function comparison(sign: string, right: string): Comparison {
    const compare = numeric[sign];
    if (compare !== undefined && number.test(right)) {
        const wanted = Number(right);
        return (value) => {
            const given = typeof value === "number" || number.test(value) ? Number(value) : Number.NaN;
            return Number.isNaN(given) ? sign === "!=" : compare(given, wanted);
        };
    }
    if (sign !== "=" && sign !== "!=") throw invalidPattern(`${sign} compares numbers, and ${right} is none`);
    const equals = right.startsWith("%") ? matching(right.slice(1, -1)) : equal(right);
    return sign === "=" ? equals : (value) => !equals(value);
}

function matching(expression: string): Comparison {
    const compiled = regularExpression(expression);
    return (value) => compiled.test(String(value));
}

/** An asterisk at the beginning or the end stands for anything; elsewhere it is one. */
function equal(right: string): Comparison {
    const text = right.startsWith('"') ? right.slice(1, -1).replace(/\\(.)/g, "$1") : right;
    if (/^\*+$/.test(text)) return () => true;
    const [before, after] = [text.startsWith("*"), text.endsWith("*")];
    const part = text.slice(before ? 1 : 0, after ? -1 : undefined);
    if (before && after) return (value) => String(value).includes(part);
    if (before) return (value) => String(value).endsWith(part);
    if (after) return (value) => String(value).startsWith(part);
    return (value) => String(value) === part;
}
