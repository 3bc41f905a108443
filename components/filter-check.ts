import type { Rule } from "./argument-rules";
import type { FilterPattern } from "./runtime/record-filter";
import { type ScalarType, scalarTypes } from "./scalar-values";
import { describedField, type JsonSchema } from "./schema";
import { comesLater, isOptions, shown, shownInFull } from "./shown-value";

/** Lambda's longest pattern, in characters. */
const LONGEST_PATTERN = 4096;
/** Beyond this EventBridge, whose rules these are, compares no numbers. */
const LARGEST_NUMBER = 5_000_000_000;
const RANGES = /^(=|[<>]=?)$|^>=? <=?$/;
const COMPARISONS = ["exists", "prefix", "suffix", "equals-ignore-case", "anything-but", "numeric"];

/** With such a field in one of its alternatives, AWS takes `$or` itself for a field. */
const RESERVED_IN_ALTERNATIVES = new Set([
    ...[...COMPARISONS, "exactly", "wildcard", "cidr", "regex", "not-wildcard", "not-equals-ignore-case"],
    ...["=", "<", "<=", ">", ">=", "date-after", "date-on-or-after", "date-before", "date-on-or-before"],
    ...["in-date-range", "ip-address-in-range", "ip-address-not-in-range"],
]);

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/**
 * What a filter may be: known fields and comparisons. A field that the records do not have, or that holds other values
 * than it is compared with, would let nothing pass, without a word.
 * @param schema what the records are. @default anything
 */
export function filterRule(schema: JsonSchema = {}): Rule {
    return {
        what: "an object: fields with lists of what they may be",
        problems: (option, filter) => {
            const problems = patternProblems(option, filter, [schema], { root: schema, above: [] });
            const length = lengthOf(filter);
            if (length > LONGEST_PATTERN) {
                problems.push(
                    `${option} has ${length} characters as Lambda gets it; it must have at most ${LONGEST_PATTERN}`,
                );
            }
            return problems;
        },
    };
}

/** A filter's length for Lambda; 0 where JSON cannot hold it, which is told by path. */
function lengthOf(filter: unknown): number {
    try {
        return JSON.stringify(patternOf(filter)).length;
    } catch {
        return 0;
    }
}

interface Place {
    /** Where references lead. */
    readonly root: JsonSchema;
    /** The patterns around this one. */
    readonly above: readonly unknown[];
}

/** @param schemas what the records have where the pattern applies; undefined where they may have anything. */
function patternProblems(
    path: string,
    pattern: unknown,
    schemas: readonly JsonSchema[] | undefined,
    { root, above }: Place,
): string[] {
    if (!isOptions(pattern)) {
        const known = comesLater(pattern) ? "; it must be known when the program runs" : "";
        return [`${path} is ${shown(pattern)}, no object; give fields with lists of what they may be${known}`];
    }
    if (above.includes(pattern)) return [`${path} holds itself; a filter must end somewhere`];
    const place = { root, above: [...above, pattern] };
    const entries = Object.entries(pattern);
    if (entries.length === 0) return [`${path} is empty; name a field, or leave it out`];
    return entries.flatMap(([field, wanted]) => {
        const at = `${path}.${field}`;
        if (field === "$or") {
            // With one alone Lambda takes it for the name of a field.
            if (!Array.isArray(wanted) || wanted.length < 2)
                return [`${at} is ${shownInFull(wanted)}; it must be a list of two or more filters`];
            return wanted.flatMap((each, index) => [
                ...patternProblems(`${at}[${index}]`, each, schemas, place),
                ...Object.keys(isOptions(each) ? each : {})
                    .filter((name) => RESERVED_IN_ALTERNATIVES.has(name))
                    .map((name) => `${at}[${index}].${name} cannot stand in $or: AWS takes the name for a comparison`),
            ]);
        }
        const described = schemas === undefined ? undefined : describedField(root, schemas, field);
        if (described?.length === 0) return [`${at} is no field of the records`];
        if (!Array.isArray(wanted)) return patternProblems(at, wanted, described, place);
        if (wanted.length === 0) return [`${at} is empty; give what the field may be`];
        const types = described === undefined ? undefined : scalarTypes(root, described);
        if (types?.size === 0) {
            return [
                `${at} is compared, but the field holds objects; give a filter of their fields, such as { name: [ … ] }`,
            ];
        }
        return Array.from(wanted as readonly unknown[]).flatMap((rule, index) => {
            const problem = ruleProblem(rule) ?? typeProblem(rule, types);
            if (problem === undefined) return [];
            const known = comesLater(rule) ? ", known when the program runs" : "";
            return [`${at}[${index}] is ${shownInFull(rule)}; it ${problem}${known}`];
        });
    });
}

/** Of a sound rule, that it compares with what the field never holds. */
function typeProblem(rule: unknown, types: ReadonlySet<ScalarType> | undefined): string | undefined {
    const wanted = comparedType(rule);
    if (types === undefined || wanted === undefined || types.has(wanted)) return undefined;
    return `fits nothing, since the field holds ${listed.format([...types].map((each) => NAMES[each]))}`;
}

const NAMES: Readonly<Record<ScalarType, string>> = {
    string: "text",
    number: "number",
    boolean: "boolean",
    null: "null",
};
const listed = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** What type of values a sound rule looks for; undefined where it is any. */
function comparedType(rule: unknown): ScalarType | undefined {
    if (rule === null) return "null";
    if (isText(rule)) return "string";
    if (isNumber(rule)) return "number";
    if (typeof rule === "boolean") return "boolean";
    const [comparison] = Object.keys(isOptions(rule) ? rule : {});
    if (comparison === "numeric") return "number";
    return comparison === "exists" || comparison === "anything-but" ? undefined : "string";
}

function ruleProblem(rule: unknown): string | undefined {
    if (rule === null || isText(rule) || isNumber(rule) || typeof rule === "boolean") return undefined;
    const [entry, ...others] = isOptions(rule) ? Object.entries(rule) : [];
    if (entry === undefined || others.length > 0 || !COMPARISONS.includes(entry[0])) {
        return `must be a text, a number, true, false, null, or an object with one of ${COMPARISONS.join(", ")}`;
    }
    const [comparison, wanted] = entry;
    switch (comparison) {
        case "exists":
            return typeof wanted === "boolean" ? undefined : "must say exists: true or exists: false";
        case "numeric":
            return numericProblem(wanted);
        case "anything-but": {
            const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
            if (values.length > 0 && (values.every(isText) || values.every(isNumber))) return undefined;
            return "must have a text, a number, or a list of either, in anything-but";
        }
        default:
            return isText(wanted) && wanted !== "" ? undefined : `must have a text in ${comparison}`;
    }
}

function numericProblem(wanted: unknown): string | undefined {
    const parts: readonly unknown[] = Array.isArray(wanted) ? wanted : [];
    const comparisons = parts.filter((_, index) => index % 2 === 0);
    const numbers = parts.filter((_, index) => index % 2 === 1);
    const sound =
        comparisons.length === numbers.length &&
        RANGES.test(comparisons.join(" ")) &&
        numbers.every((each) => isNumber(each) && Math.abs(each) <= LARGEST_NUMBER);
    if (!sound) {
        return (
            'must have a comparison and a number in numeric, such as ["=", 5], [">=", 5] or [">", 5, "<=", 10], with ' +
            `numbers from -${LARGEST_NUMBER} to ${LARGEST_NUMBER}`
        );
    }
    const [low, high] = numbers;
    if (isNumber(low) && isNumber(high) && low >= high) return "has a range in numeric that no number is in";
    return undefined;
}

/** The pattern that Lambda applies: the datum is `data` of the envelope, which is the `data` of the Kinesis record. */
function patternOf(filter: unknown) {
    return { data: { data: filter } };
}

/**
 * A checked filter as argument of an event source mapping. Records that only refer to their data pass: Lambda cannot see
 * these data, and the stage itself judges them.
 */
export function filterCriteria(filter: FilterPattern) {
    const patterns = [patternOf(filter), { data: { dataref: [{ exists: true }] } }];
    return { filters: patterns.map((each) => ({ pattern: JSON.stringify(each) })) };
}
