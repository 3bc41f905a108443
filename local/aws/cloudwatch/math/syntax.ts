import { notImplemented } from "../../protocol/json";
import { validationError } from "../errors";

/** An expression of metric math, read. */
export type Expression =
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "text"; readonly value: string }
    /** A metric or another expression by its id. */
    | { readonly kind: "reference"; readonly id: string }
    /** A word that a function knows, such as REPEAT. */
    | { readonly kind: "word"; readonly word: string }
    | { readonly kind: "list"; readonly items: readonly Expression[] }
    | { readonly kind: "negative"; readonly of: Expression }
    | { readonly kind: "operation"; readonly operator: string; readonly left: Expression; readonly right: Expression }
    | { readonly kind: "call"; readonly name: FunctionName; readonly parameters: readonly Expression[] };

/** Functions, with how many parameters they take. */
const functions = {
    ABS: [1, 1],
    AVG: [1, 1],
    CEIL: [1, 1],
    DATAPOINT_COUNT: [1, 1],
    DIFF: [1, 1],
    FILL: [2, 2],
    FLOOR: [1, 1],
    IF: [2, 3],
    MAX: [1, 1],
    METRICS: [0, 1],
    MIN: [1, 1],
    PERIOD: [1, 1],
    RATE: [1, 1],
    SUM: [1, 1],
} as const;

export type FunctionName = keyof typeof functions;

/** Functions of metric math that the twin does not have. */
const missing =
    /^(ANOMALY_DETECTION_BAND|DB_PERF_INSIGHTS|DIFF_TIME|EXPR|FIRST|INSIGHT_RULE_METRIC|LAMBDA|LAST|LOG|LOG10|MINUTE|HOUR|DAY|DATE|MONTH|YEAR|EPOCH|METRIC_COUNT|REMOVE_EMPTY|RUNNING_SUM|SEARCH|SERVICE_QUOTA|SLICE|SORT|STDDEV|TIME_SERIES|TRUNC|ROUND)$/;

const deepest = 50;

/** The operators, what binds least first. */
const precedence: readonly (readonly string[])[] = [
    ["OR", "||"],
    ["AND", "&&"],
    ["==", "!=", "<", ">", "<=", ">="],
    ["+", "-"],
    ["*", "/"],
    ["^"],
];

const token =
    /\s*(?:(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|"([^"]*)"|'([^']*)'|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y;

interface Token {
    readonly kind: "number" | "name" | "text" | "symbol";
    readonly text: string;
}

/**
 * Reads an expression.
 * @throws AwsError ValidationError where it is none, NotImplemented for a function that the twin does not have.
 */
export function parseExpression(text: string): Expression {
    const tokens = tokensOf(text);
    let position = 0;
    let depth = 0;
    const peek = () => tokens[position]?.text;
    const invalid = (what: string) => validationError(`Error in expression '${text}': ${what}`);

    function take(expected: string): void {
        if (tokens[position]?.kind !== "symbol" || peek() !== expected) {
            throw invalid(`'${expected}' is missing ${peek() === undefined ? "at the end" : `before '${peek()}'`}`);
        }
        position++;
    }

    /** What stands in parentheses or brackets, or after a sign. */
    function inside<T>(read: () => T): T {
        if (++depth > deepest) throw invalid(`it is nested more than ${deepest} times`);
        const result = read();
        depth--;
        return result;
    }

    function operation(level: number): Expression {
        const operators = precedence[level];
        if (operators === undefined) return unary();
        let left = operation(level + 1);
        for (let next = tokens[position]; next !== undefined; next = tokens[position]) {
            const operator = next.text;
            if (next.kind === "text" || !operators.includes(operator)) break;
            position++;
            left = { kind: "operation", operator, left, right: operation(level + 1) };
        }
        return left;
    }

    function unary(): Expression {
        if (tokens[position]?.kind !== "symbol" || peek() !== "-") return primary();
        position++;
        return { kind: "negative", of: inside(unary) };
    }

    function list(end: string): Expression[] {
        const items: Expression[] = [];
        while (peek() !== end || tokens[position]?.kind !== "symbol") {
            if (items.length > 0) take(",");
            items.push(operation(0));
        }
        take(end);
        return items;
    }

    function primary(): Expression {
        const next = tokens[position++];
        if (next === undefined) throw invalid("it ends too early");
        if (next.kind === "number") return { kind: "number", value: Number(next.text) };
        if (next.kind === "text") return { kind: "text", value: next.text };
        if (next.kind === "name") {
            if (peek() === "(" && tokens[position]?.kind === "symbol") return call(next.text);
            // Ids begin with a small letter.
            return /^[a-z]/.test(next.text) ? { kind: "reference", id: next.text } : { kind: "word", word: next.text };
        }
        if (next.text === "(") {
            const inner = inside(() => operation(0));
            take(")");
            return inner;
        }
        if (next.text === "[") return { kind: "list", items: inside(() => list("]")) };
        throw invalid(`'${next.text}' stands where a value is expected`);
    }

    function call(name: string): Expression {
        take("(");
        if (!isFunction(name)) {
            if (missing.test(name)) throw notImplemented("CloudWatch", `the metric math function ${name}`);
            throw invalid(`there is no function ${name}`);
        }
        const parameters = inside(() => list(")"));
        const [least, most] = functions[name];
        if (parameters.length < least || parameters.length > most) {
            throw invalid(
                `${name} takes ${least === most ? least : `${least} to ${most}`} parameters, not ${parameters.length}`,
            );
        }
        return { kind: "call", name, parameters };
    }

    if (/^\s*SELECT\s/i.test(text)) throw notImplemented("CloudWatch", "Metrics Insights queries (SELECT …)");
    const whole = operation(0);
    if (position < tokens.length) throw invalid(`'${peek()}' is left over`);
    return whole;
}

function isFunction(name: string): name is FunctionName {
    return Object.hasOwn(functions, name);
}

function tokensOf(text: string): Token[] {
    const tokens: Token[] = [];
    const end = text.trimEnd().length;
    for (let at = 0; at < end; ) {
        token.lastIndex = at;
        const match = token.exec(text);
        if (match === null) throw validationError(`Error in expression '${text}': unexpected '${text[at]}'`);
        at = token.lastIndex;
        const [, number, name, double, single, symbol] = match;
        if (number !== undefined) tokens.push({ kind: "number", text: number });
        else if (name !== undefined) tokens.push({ kind: "name", text: name });
        else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
        else tokens.push({ kind: "text", text: double ?? single ?? "" });
    }
    return tokens;
}

/** The ids that an expression names. */
export function referencesOf(expression: Expression): string[] {
    switch (expression.kind) {
        case "reference":
            return [expression.id];
        case "list":
            return expression.items.flatMap(referencesOf);
        case "negative":
            return referencesOf(expression.of);
        case "operation":
            return [...referencesOf(expression.left), ...referencesOf(expression.right)];
        case "call":
            return expression.parameters.flatMap(referencesOf);
        default:
            return [];
    }
}
