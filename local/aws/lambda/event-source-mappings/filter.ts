import { type EventPattern, eventPattern } from "../../events/pattern";
import { AwsError } from "../../service";

/** Comparisons that EventBridge has, and Lambda's filters, as they are documented, have not. */
const notInFilters = ["cidr", "wildcard"];

/** Lambda's quota of a mapping's filters. */
const mostFilters = 5;

/** What is wrong with a mapping's filters; nothing when all are as Lambda takes them. */
export function filterProblems(patterns: readonly string[]): string[] {
    const problems = patterns.flatMap((pattern, index) => {
        const reason = problemOf(pattern);
        return reason === undefined ? [] : [`Invalid filter pattern definition. Filters[${index}]: ${reason}`];
    });
    if (patterns.length > mostFilters) {
        problems.push(`FilterCriteria has ${patterns.length} filters; ${mostFilters} are the most.`);
    }
    return problems;
}

function problemOf(text: string): string | undefined {
    try {
        eventPattern(text);
    } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return error.message.replace(/^Event pattern is not valid\. Reason: /, "");
    }
    const pattern: unknown = JSON.parse(text);
    const other = isRecord(pattern) ? keysOf(pattern).find((key) => key !== "data") : undefined;
    if (other !== undefined) return `it filters by '${other}'; Lambda filters records of Kinesis by 'data' only.`;
    const plain = isRecord(pattern) ? alternatives(pattern).find(({ data }) => !isRecord(data)) : undefined;
    if (plain !== undefined) return "'data' must be an object: records are compared as JSON.";
    const rule = comparisonsIn(pattern).find((name) => notInFilters.includes(name));
    return rule === undefined ? undefined : `Lambda has no comparison '${rule}'.`;
}

/** The pattern, or what its `$or` has to choose from. */
function alternatives(pattern: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>[] {
    const { $or, ...rest } = pattern;
    const chosen = Array.isArray($or) ? $or.filter(isRecord).flatMap(alternatives) : [];
    return Object.keys(rest).length > 0 ? [rest, ...chosen] : chosen;
}

function keysOf(pattern: Readonly<Record<string, unknown>>): string[] {
    return alternatives(pattern).flatMap((each) => Object.keys(each));
}

/** The names of all comparisons that stand in arrays. */
function comparisonsIn(pattern: unknown): string[] {
    if (Array.isArray(pattern)) return pattern.flatMap((each) => (isRecord(each) ? namesIn(each) : []));
    return isRecord(pattern) ? Object.values(pattern).flatMap(comparisonsIn) : [];
}

/** Of a comparison, or of an alternative of `$or`. */
function namesIn(comparison: Readonly<Record<string, unknown>>): string[] {
    return Object.entries(comparison).flatMap(([name, operand]) => [
        name,
        ...(isRecord(operand) ? namesIn(operand) : comparisonsIn(operand)),
    ]);
}

const compiled = new WeakMap<readonly string[], readonly EventPattern[]>();

/** Do a record's data fit one of the patterns? Without patterns all do; data that are not JSON fit none. */
export function passesFilters(patterns: readonly string[], data: Buffer): boolean {
    if (patterns.length === 0) return true;
    let value: unknown;
    try {
        value = JSON.parse(data.toString("utf8"));
    } catch {
        return false;
    }
    const tests = compiled.get(patterns) ?? patterns.map(eventPattern);
    compiled.set(patterns, tests);
    return tests.some((fits) => fits({ data: value }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
