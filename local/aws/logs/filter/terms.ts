import { invalidPattern } from "./errors";
import type { FilterPattern } from "./index";
import { regularExpression } from "./regular-expression";

type Test = (message: string) => boolean;

const term = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))(?=\s|$)/y;

/** A pattern of terms for lines of any form; terms are case-sensitive and may be parts of words. */
export function termPattern(pattern: string): FilterPattern {
    const required: Test[] = [];
    const optional: Test[] = [];
    const excluded: Test[] = [];
    for (let at = 0; at < pattern.length; at = term.lastIndex) {
        term.lastIndex = at;
        const match = term.exec(pattern);
        if (match === null)
            throw invalidPattern(`what begins at character ${at + 1} is not a term: is a " or % missing?`);
        const [, mark = "", phrase, expression, word] = match;
        const test = testOf(phrase, expression, word);
        (mark === "?" ? optional : mark === "-" ? excluded : required).push(test);
    }
    // As on AWS, optional terms are not looked at where others are required.
    const any = required.length === 0 ? optional : [];
    return (message) => {
        const matches =
            required.every((test) => test(message)) &&
            !excluded.some((test) => test(message)) &&
            (any.length === 0 || any.some((test) => test(message)));
        return matches ? () => undefined : undefined;
    };
}

function testOf(phrase: string | undefined, expression: string | undefined, word = ""): Test {
    if (expression !== undefined) {
        const compiled = regularExpression(expression);
        return (message) => compiled.test(message);
    }
    const text = phrase?.replace(/\\(.)/g, "$1") ?? word;
    return (message) => message.includes(text);
}
