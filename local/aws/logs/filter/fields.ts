import { type Comparison, comparison, operand, operator } from "./comparison";
import { invalidPattern } from "./errors";
import type { FilterPattern } from "./index";

interface Field {
    /** Undefined for one that is left empty. */
    readonly name: string | undefined;
    readonly test: Comparison;
}

const ellipsis = "...";
/** The commas between fields are those outside of quotes and regular expressions. */
const part = /(?:"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|[^,"%])*/y;
const condition = new RegExp(String.raw`^\s*([A-Za-z_]\w*)\s*(${operator})\s*(${operand})\s*$`);
/** What is in brackets or quotes is one field of a line. */
const word = /\[([^\]]*)\]|"([^"]*)"|(\S+)/g;

/** A pattern in brackets: the fields of lines that are separated by spaces, with conditions on them. */
export function fieldPattern(pattern: string): FilterPattern {
    if (!pattern.endsWith("]")) throw invalidPattern("the closing ] is missing at its end");
    const parts = partsOf(pattern.slice(1, -1));
    const gap = parts.indexOf(ellipsis);
    if (parts.lastIndexOf(ellipsis) !== gap) throw invalidPattern(`it has ${ellipsis} more than once`);
    const fields = parts.map((text) => (text === ellipsis ? undefined : fieldOf(text)));
    const names = fields.flatMap((field) => field?.name ?? []);
    if (new Set(names).size < names.length) throw invalidPattern("two of its fields have the same name");
    const named = fields.filter((field) => field !== undefined);

    return (message) => {
        const all = wordsOf(message);
        if (parts.length === 0) return (reference) => all[Number(reference.slice(1)) - 1]?.text;
        const found = gap < 0 ? wordsForAll(message, all, named.length) : wordsAround(all, gap, named.length);
        if (found === undefined || !named.every(({ test }, index) => test(found[index] ?? ""))) return undefined;
        return (reference) => {
            const name = reference.slice(1);
            const index = named.findIndex((field) => field.name === name);
            return index < 0 ? all[Number(name) - 1]?.text : found[index];
        };
    };
}

interface Word {
    readonly text: string;
    /** Where it begins in the line. */
    readonly at: number;
}

function wordsOf(message: string): Word[] {
    return [...message.matchAll(word)].map((match) => ({
        text: match[1] ?? match[2] ?? match[3] ?? "",
        at: match.index,
    }));
}

/** Without an ellipsis the last field takes all that is left of the line. */
function wordsForAll(message: string, words: readonly Word[], count: number): string[] | undefined {
    if (words.length < count) return undefined;
    const texts = words.slice(0, count).map(({ text }) => text);
    const last = words[count - 1];
    if (words.length > count && last !== undefined) texts[count - 1] = message.slice(last.at).trimEnd();
    return texts;
}

/** The words before and after an ellipsis. */
function wordsAround(words: readonly Word[], gap: number, count: number): string[] | undefined {
    if (words.length < count) return undefined;
    const after = count - gap;
    return [...words.slice(0, gap), ...words.slice(words.length - after)].map(({ text }) => text);
}

function partsOf(text: string): string[] {
    if (text.trim() === "") return [];
    const parts: string[] = [];
    for (let at = 0; at <= text.length; at = part.lastIndex + 1) {
        part.lastIndex = at;
        const found = part.exec(text)?.[0] ?? "";
        if (at + found.length < text.length && text[at + found.length] !== ",") {
            throw invalidPattern(`a " or % is not closed in it`);
        }
        parts.push(found.trim());
    }
    return parts;
}

function fieldOf(text: string): Field {
    if (text === "") return { name: undefined, test: () => true };
    if (/^[A-Za-z_]\w*$/.test(text)) return { name: text, test: () => true };
    const alternatives = split(text, "||").map((alternative) => split(alternative, "&&").map(conditionOf));
    const names = new Set(alternatives.flat().map(({ name }) => name));
    const [name] = names;
    if (names.size > 1) throw invalidPattern(`the conditions of one field are on ${[...names].join(" and ")}`);
    return { name, test: (value) => alternatives.some((all) => all.every(({ test }) => test(value))) };
}

function conditionOf(text: string): { name: string; test: Comparison } {
    const match = condition.exec(text);
    if (match === null) throw invalidPattern(`"${text.trim()}" is neither a field's name nor a condition on one`);
    const [, name = "", sign = "", right = ""] = match;
    return { name, test: comparison(sign, right) };
}

/** Splits at a sign that is outside of quotes and regular expressions. */
function split(text: string, sign: "||" | "&&"): string[] {
    const pieces: string[] = [""];
    for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|\|\||&&|./gs)) {
        if (piece === sign) pieces.push("");
        else pieces[pieces.length - 1] += piece;
    }
    return pieces;
}
