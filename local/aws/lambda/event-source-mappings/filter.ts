import { invalidParameter, unsupported } from "../names";

/** What a field may be compared with, as in `{ "data": { "type": ["order", { "prefix": "re" }] } }`. */
type Rule = string | number | boolean | null | Readonly<Record<string, unknown>>;

const comparisons: Readonly<Record<string, (wanted: unknown, value: unknown) => boolean>> = {
    prefix: (wanted, value) => typeof value === "string" && value.startsWith(String(wanted)),
    suffix: (wanted, value) => typeof value === "string" && value.endsWith(String(wanted)),
    "equals-ignore-case": (wanted, value) =>
        typeof value === "string" && value.toLowerCase() === String(wanted).toLowerCase(),
    exists: (wanted, value) => (value !== undefined) === wanted,
    "anything-but": (wanted, value) => value !== undefined && ![wanted].flat().includes(value),
    numeric: (wanted, value) => typeof value === "number" && numeric(wanted as (string | number)[], value),
};

function numeric(wanted: readonly (string | number)[], value: number): boolean {
    for (let at = 0; at < wanted.length; at += 2) {
        const bound = Number(wanted[at + 1]);
        const holds = { "=": value === bound, "<": value < bound, "<=": value <= bound, ">": value > bound }[
            String(wanted[at])
        ];
        if (!(holds ?? value >= bound)) return false;
    }
    return true;
}

/** @throws AwsError for a pattern that is malformed or has what the twin does not evaluate. */
export function checkFilter(operation: string, pattern: string): void {
    let parsed: unknown;
    try {
        parsed = JSON.parse(pattern);
    } catch {
        throw invalidParameter(`Invalid filter pattern definition: ${pattern} is not JSON.`);
    }
    if (!isRecord(parsed)) throw invalidParameter(`Invalid filter pattern definition: ${pattern} is not an object.`);
    for (const key of Object.keys(parsed)) {
        if (key !== "data") throw unsupported(operation, `a filter on '${key}'; it filters by data`);
    }
    checkNode(operation, parsed);
}

function checkNode(operation: string, node: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(node)) {
        if (key.startsWith("$")) throw unsupported(operation, `the filter rule ${key}`);
        if (isRecord(value)) {
            checkNode(operation, value);
        } else if (Array.isArray(value)) {
            for (const rule of value as Rule[]) {
                const unknown = isRecord(rule) ? Object.keys(rule).find((name) => !(name in comparisons)) : undefined;
                if (unknown !== undefined) throw unsupported(operation, `the filter rule ${unknown}`);
            }
        } else {
            throw invalidParameter(`Invalid filter pattern definition: '${key}' must hold an object or an array.`);
        }
    }
}

/** Does a record's data fit one of the patterns? Without patterns all do. */
export function passesFilters(patterns: readonly string[], data: Buffer): boolean {
    if (patterns.length === 0) return true;
    const text = data.toString("utf8");
    let value: unknown = text;
    try {
        value = JSON.parse(text);
    } catch {
        // Not JSON: only patterns for plain text fit.
    }
    return patterns.some((pattern) => fits(JSON.parse(pattern), { data: value }));
}

function fits(pattern: unknown, value: unknown): boolean {
    if (Array.isArray(pattern)) {
        const values: unknown[] = Array.isArray(value) ? value : [value];
        return values.some((one) => (pattern as Rule[]).some((rule) => obeys(rule, one)));
    }
    if (!isRecord(pattern)) return false;
    const members = isRecord(value) ? value : {};
    return Object.entries(pattern).every(([key, wanted]) => fits(wanted, members[key]));
}

function obeys(rule: Rule, value: unknown): boolean {
    if (!isRecord(rule)) return rule === value;
    return Object.entries(rule).every(([name, wanted]) => comparisons[name]?.(wanted, value) === true);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
