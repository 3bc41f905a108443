import { comparison, operand, operator } from "./comparison";
import { invalidPattern } from "./errors";
import type { FilterPattern } from "./index";
import { parseSelector, type Selector, select } from "./selector";

type Condition = (root: unknown) => boolean;

const token = new RegExp(
    String.raw`\s*(?:(\$(?:\.(?:\[(?:'[^']*'|"[^"]*")\]|\*|[\w-]+)|\[(?:\d+|\*)\])*)|(&&|\|\||[()]|${operator})|(${operand}))`,
    "y",
);
const mostWildcardSelectors = 3;

interface Token {
    readonly kind: "selector" | "symbol" | "operand";
    readonly text: string;
}

/** A pattern in braces: conditions on the members of lines that are JSON objects. */
export function conditionPattern(pattern: string): FilterPattern {
    if (!pattern.endsWith("}")) throw invalidPattern("the closing } is missing at its end");
    const tokens = tokensOf(pattern.slice(1, -1));
    let position = 0;
    let wildcards = 0;

    function take(kind: Token["kind"], what: string): string {
        const next = tokens[position++];
        if (next?.kind !== kind)
            throw invalidPattern(
                `${what} is expected ${next === undefined ? "at its end" : `instead of ${next.text}`}`,
            );
        return next.text;
    }

    const isNext = (text: string) => tokens[position]?.kind === "symbol" && tokens[position]?.text === text;

    function disjunction(): Condition {
        const parts = [conjunction()];
        while (isNext("||")) {
            position++;
            parts.push(conjunction());
        }
        return (root) => parts.some((part) => part(root));
    }

    function conjunction(): Condition {
        const parts = [single()];
        while (isNext("&&")) {
            position++;
            parts.push(single());
        }
        return (root) => parts.every((part) => part(root));
    }

    function single(): Condition {
        if (!isNext("(")) return condition();
        position++;
        const inner = disjunction();
        if (!isNext(")")) throw invalidPattern("a closing ) is missing");
        position++;
        return inner;
    }

    function condition(): Condition {
        const selector = parseSelector(take("selector", "a selector such as $.name"));
        if (selector.some((step) => step === "*")) wildcards++;
        if (wildcards > mostWildcardSelectors) {
            throw invalidPattern(`it has more than ${mostWildcardSelectors} selectors with a wildcard`);
        }
        const next = tokens[position++];
        if (next?.kind === "operand")
            return wordCondition(selector, next.text, take("operand", "NULL, TRUE, FALSE or EXISTS"));
        if (next?.kind !== "symbol" || !/[=<>]/.test(next.text))
            throw invalidPattern("an operator is expected after a selector");
        const compare = comparison(next.text, take("operand", "a value"));
        return (root) =>
            select(root, selector).some(
                (value) => (typeof value === "string" || typeof value === "number") && compare(value),
            );
    }

    const whole = disjunction();
    if (position < tokens.length) throw invalidPattern(`${tokens[position]?.text} is left over`);
    return (message) => {
        const root = objectOf(message);
        return root !== undefined && whole(root) ? (reference) => valueAt(root, reference) : undefined;
    };
}

function wordCondition(selector: Selector, first: string, second: string): Condition {
    switch (`${first} ${second}`.toUpperCase()) {
        case "IS NULL":
            return (root) => select(root, selector).includes(null);
        case "IS TRUE":
            return (root) => select(root, selector).includes(true);
        case "IS FALSE":
            return (root) => select(root, selector).includes(false);
        case "NOT EXISTS":
            return (root) => select(root, selector).length === 0;
        default:
            throw invalidPattern(`${first} ${second} is not IS NULL, IS TRUE, IS FALSE or NOT EXISTS`);
    }
}

function tokensOf(text: string): Token[] {
    const tokens: Token[] = [];
    const end = text.trimEnd().length;
    for (let at = 0; at < end; at = token.lastIndex) {
        token.lastIndex = at;
        const match = token.exec(text);
        if (match === null) throw invalidPattern(`what begins at character ${at + 2} is not understood`);
        const [, selector, symbol, right] = match;
        if (selector !== undefined) tokens.push({ kind: "selector", text: selector });
        else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
        else tokens.push({ kind: "operand", text: right ?? "" });
    }
    return tokens;
}

function objectOf(message: string): object | undefined {
    if (!message.trimStart().startsWith("{")) return undefined;
    try {
        return JSON.parse(message) as object;
    } catch {
        return undefined;
    }
}

function valueAt(root: object, reference: string): string | number | undefined {
    if (!reference.startsWith("$.")) return undefined;
    const value = select(root, parseSelector(reference))[0];
    return typeof value === "string" || typeof value === "number" ? value : undefined;
}
