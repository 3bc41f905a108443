import { BlockList, isIP } from "node:net";
import { AwsError } from "../service";

/** An event pattern of EventBridge, compiled. */
export type EventPattern = (event: Readonly<Record<string, unknown>>) => boolean;

/** Tests one value of an event; undefined stands for a missing one. */
type Test = (value: unknown) => boolean;

/** Tests a field's value, given what the field is in all items of the arrays around it: one that is absent is in none. */
type FieldTest = (value: unknown, everywhere: readonly unknown[]) => boolean;

/**
 * Reads a pattern: exact values, `prefix`, `suffix`, `equals-ignore-case`, `wildcard`, `anything-but`, `numeric`, `cidr`,
 * `exists` and `$or`: all that EventBridge documents.
 * @throws AwsError InvalidEventPatternException, saying where the pattern is wrong.
 */
export function eventPattern(text: string): EventPattern {
    let pattern: unknown;
    try {
        pattern = JSON.parse(text);
    } catch (error) {
        throw invalid(`it is not JSON: ${(error as Error).message}`);
    }
    const test = compileObject(pattern, "");
    return (event) => test(event, [event]);
}

function compileObject(pattern: unknown, path: string): FieldTest {
    if (!isRecord(pattern)) throw invalid(`${path === "" ? "it" : path} must be an object or a non-empty array`);
    const entries = Object.entries(pattern);
    if (entries.length === 0) throw invalid(`${path === "" ? "it" : path} is empty`);
    const tests = entries.map(([key, value]): FieldTest => {
        const at = path === "" ? key : `${path}.${key}`;
        if (key === "$or") {
            if (!Array.isArray(value) || value.length < 2)
                throw invalid(`${at} must be an array of two or more patterns`);
            const alternatives = value.map((alternative) => compileObject(alternative, at));
            return (event, everywhere) => alternatives.some((test) => test(event, everywhere));
        }
        const test = Array.isArray(value) ? compileValues(value, at) : compileObject(value, at);
        const member = (event: unknown) => (isRecord(event) && Object.hasOwn(event, key) ? event[key] : undefined);
        return (event, everywhere) => test(member(event), everywhere.map(member));
    });
    return (event, everywhere) => {
        const all = everywhere.flatMap(items);
        const own = items(event);
        // Of an array of objects one must match as a whole; an empty one is like none.
        return (own.length === 0 ? [undefined] : own).some((item) => tests.every((test) => test(item, all)));
    };
}

/** Of an array, and of arrays in it, all items; else the value alone. */
function items(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value.flatMap(items) : [value];
}

function compileValues(values: readonly unknown[], at: string): FieldTest {
    if (values.length === 0) throw invalid(`${at} is an empty array`);
    const tests = values.map((value) => compileValue(value, at));
    return (value, everywhere) => tests.some((test) => test(value, everywhere));
}

function compileValue(wanted: unknown, at: string): FieldTest {
    if (!isRecord(wanted)) {
        if (Array.isArray(wanted)) throw invalid(`${at} has an array within an array`);
        return anyOf((value) => value === wanted);
    }
    const [entry, ...more] = Object.entries(wanted);
    if (entry === undefined || more.length > 0) throw invalid(`${at} needs exactly one comparison in an object`);
    const [operator, operand] = entry;
    switch (operator) {
        case "exists":
            if (typeof operand !== "boolean") throw invalid(`${at} needs true or false for exists`);
            return operand ? hasLeaf : (_, everywhere) => !everywhere.some(hasLeaf);
        case "numeric":
            return anyOf(numeric(operand, at));
        case "cidr":
            return anyOf(cidr(operand, at));
        case "anything-but": {
            const excluded = excludedTests(operand, at);
            return (value) =>
                value !== undefined && items(value).some((one) => !excluded.some((isExcluded) => isExcluded(one)));
        }
        default: {
            const test = textTest(wanted, at);
            if (test === undefined) throw invalid(`${at} has the unrecognized match type ${operator}`);
            return anyOf(test);
        }
    }
}

/** What `anything-but` excludes: values, or what one comparison of text finds among one or more texts. */
function excludedTests(operand: unknown, at: string): Test[] {
    if (isRecord(operand)) {
        const [entry, ...more] = Object.entries(operand);
        if (entry === undefined || more.length > 0) throw invalid(`${at} needs one comparison for anything-but`);
        const [operator, wanted] = entry;
        return nonEmpty([wanted].flat(), at).map((one) => {
            const test = textTest({ [operator]: one }, at);
            if (test === undefined) throw invalid(`${at} has the unrecognized match type ${operator} in anything-but`);
            return test;
        });
    }
    return nonEmpty([operand].flat(), at).map((one) => {
        if (typeof one !== "string" && typeof one !== "number" && one !== null && typeof one !== "boolean") {
            throw invalid(`${at} needs texts or numbers for anything-but`);
        }
        return (value) => value === one;
    });
}

function nonEmpty(values: readonly unknown[], at: string): readonly unknown[] {
    if (values.length === 0) throw invalid(`${at} has an empty list for anything-but`);
    return values;
}

function cidr(operand: unknown, at: string): Test {
    const [address = "", length = "", ...rest] = typeof operand === "string" ? operand.split("/") : [];
    const family = isIP(address);
    const bits = /^\d{1,3}$/.test(length) ? Number(length) : -1;
    if (family === 0 || rest.length > 0 || bits < 0 || bits > (family === 4 ? 32 : 128)) {
        throw invalid(`${at} needs an address and a length for cidr, such as "10.0.0.0/24"`);
    }
    const type = family === 4 ? "ipv4" : "ipv6";
    const block = new BlockList();
    block.addSubnet(address, bits, type);
    return (value) => typeof value === "string" && isIP(value) === family && block.check(value, type);
}

/** The comparisons of text; undefined when it is none of them. */
function textTest(comparison: unknown, at: string): Test | undefined {
    if (!isRecord(comparison)) return undefined;
    const [entry] = Object.entries(comparison);
    if (entry === undefined || !["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(entry[0]))
        return undefined;
    const [operator, operand] = entry;
    const ignoresCase = isRecord(operand) && (operator === "prefix" || operator === "suffix");
    const raw = ignoresCase ? operand["equals-ignore-case"] : operand;
    if (typeof raw !== "string") throw invalid(`${at} needs a text for ${operator}`);
    const folded = (text: string) => (ignoresCase || operator === "equals-ignore-case" ? text.toLowerCase() : text);
    const wanted = folded(raw);
    const fits = operator === "wildcard" ? wildcard(raw, at) : undefined;
    const compare: Readonly<Record<string, (value: string) => boolean>> = {
        prefix: (value) => value.startsWith(wanted),
        suffix: (value) => value.endsWith(wanted),
        "equals-ignore-case": (value) => value === wanted,
        wildcard: (value) => fits?.(value) === true,
    };
    return (value) => typeof value === "string" && compare[operator]?.(folded(value)) === true;
}

/** Each `*` stands for any text. Found piece by piece: a regular expression would take forever on hostile values. */
function wildcard(pattern: string, at: string): (value: string) => boolean {
    if (/\*\*/.test(pattern.replace(/\\./g, ""))) throw invalid(`${at} has two * in a row in a wildcard`);
    if (/\\(?![*\\])/.test(pattern.replace(/\\[*\\]/g, ""))) {
        throw invalid(`${at} has a backslash in a wildcard that is before neither * nor a backslash`);
    }
    const pieces = [""];
    for (const [token] of pattern.matchAll(/\\[*\\]|[\s\S]/g)) {
        if (token === "*") pieces.push("");
        else pieces[pieces.length - 1] += token.length > 1 ? token.slice(1) : token;
    }
    const [first = "", ...rest] = pieces;
    const last = rest.pop();
    if (last === undefined) return (value) => value === first;
    return (value) => {
        if (!value.startsWith(first) || !value.endsWith(last)) return false;
        const end = value.length - last.length;
        let position = first.length;
        for (const piece of rest) {
            const found = value.indexOf(piece, position);
            if (found < 0) return false;
            position = found + piece.length;
        }
        return position <= end;
    };
}

function numeric(operand: unknown, at: string): Test {
    const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
        "=": (value, limit) => value === limit,
        "<": (value, limit) => value < limit,
        "<=": (value, limit) => value <= limit,
        ">": (value, limit) => value > limit,
        ">=": (value, limit) => value >= limit,
    };
    if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
        throw invalid(`${at} needs one or two comparisons for numeric, such as [">", 0, "<=", 5]`);
    }
    const tests: ((value: number) => boolean)[] = [];
    for (let index = 0; index < operand.length; index += 2) {
        const compare = comparisons[String(operand[index])];
        const limit: unknown = operand[index + 1];
        if (compare === undefined || typeof limit !== "number") {
            throw invalid(`${at} needs =, <, <=, > or >= and a number for numeric`);
        }
        tests.push((value) => compare(value, limit));
    }
    return (value) => typeof value === "number" && tests.every((test) => test(value));
}

/** What exists is a value; of an object, or an array of nothing else, only what is in it. */
function hasLeaf(value: unknown): boolean {
    return Array.isArray(value) ? value.some(hasLeaf) : value !== undefined && !isRecord(value);
}

/** An array in an event matches when one of its items does. */
function anyOf(test: Test): Test {
    return (value) => items(value).some(test);
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(reason: string): AwsError {
    return new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}.`);
}
