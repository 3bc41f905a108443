import { AwsError } from "../service";
import { notImplemented } from "./json";
import type { Members, Shape, StringShape, Structure } from "./shape";

/** As many problems as AWS names in one answer. */
const mostProblems = 10;

/**
 * @throws AwsError ValidationException that names what the input violates, in AWS's words; NotImplemented for a member
 * that the twin lacks
 */
export function checkMembers(service: string, operation: string, structure: Structure, input: object): void {
    const lacking = Object.entries(structure.members).find(
        ([name, { type }]) => type === "unsupported" && ((input as Members)[name] ?? false) !== false,
    );
    if (lacking !== undefined) throw notImplemented(service, `${operation} with ${lacking[0]}`);
    const problems: string[] = [];
    collect(structure, input, "", problems);
    if (problems.length > 0) throw validationError(problems);
}

export function validationError(problems: readonly string[]): AwsError {
    const named = problems.slice(0, mostProblems);
    const errors = named.length === 1 ? "1 validation error" : `${named.length} validation errors`;
    return new AwsError("ValidationException", `${errors} detected: ${named.join("; ")}`);
}

/** One problem, as AWS words it. A value that is undefined is not shown. */
export function failed(at: string, constraint: string, value?: string | number | null): string {
    const shown = value === null ? "Value null" : value === undefined ? "Value" : `Value '${value}'`;
    return `${shown} at '${at}' failed to satisfy constraint: ${constraint}`;
}

function collect(shape: Shape, value: unknown, at: string, problems: string[]): void {
    switch (shape.type) {
        case "string":
            collectString(shape, String(value), at, problems);
            return;
        case "integer":
            outOfBounds(shape, Number(value), "value", at, Number(value), problems);
            return;
        case "blob":
            outOfBounds(shape, value instanceof Uint8Array ? value.length : 0, "length", at, undefined, problems);
            return;
        case "list": {
            const list: readonly unknown[] = Array.isArray(value) ? value : [];
            outOfBounds(shape, list.length, "length", at, list.length === 0 ? "[]" : undefined, problems);
            list.forEach((one, index) => {
                collect(shape.member, one, `${at}.${index + 1}.member`, problems);
            });
            return;
        }
        case "map": {
            const entries = Object.entries(value as Members);
            outOfBounds(shape, entries.length, "length", at, entries.length === 0 ? "{}" : undefined, problems);
            for (const [key, one] of entries) {
                collect(shape.key, key, `${at}.key`, problems);
                collect(shape.value, one, `${at}.${key}.member`, problems);
            }
            return;
        }
        case "structure":
            for (const [name, member] of Object.entries(shape.members)) {
                const given = (value as Members)[name];
                const path = `${at === "" ? "" : `${at}.`}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
                if (given !== undefined) collect(member, given, path, problems);
                else if (shape.required.includes(name)) problems.push(failed(path, "Member must not be null", null));
            }
            return;
        case "boolean":
        case "number":
        case "timestamp":
        case "unsupported":
            return;
    }
}

function collectString(shape: StringShape, value: string, at: string, problems: string[]): void {
    const shown = shape.hidden === true ? undefined : value;
    outOfBounds(shape, value.length, "length", at, shown, problems);
    const { max = Number.POSITIVE_INFINITY, pattern, values } = shape;
    if (pattern !== undefined && value.length <= max && !wholly(pattern).test(value)) {
        problems.push(failed(at, `Member must satisfy regular expression pattern: ${pattern}`, shown));
    }
    if (values !== undefined && !values.includes(value)) {
        problems.push(failed(at, `Member must satisfy enum value set: [${values.join(", ")}]`, shown));
    }
}

interface Bounds {
    readonly min?: number;
    readonly max?: number;
}

function outOfBounds(
    { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Bounds,
    size: number,
    of: "length" | "value",
    at: string,
    shown: string | number | undefined,
    problems: string[],
): void {
    if (size < min) problems.push(failed(at, `Member must have ${of} greater than or equal to ${min}`, shown));
    if (size > max) problems.push(failed(at, `Member must have ${of} less than or equal to ${max}`, shown));
}

const expressions = new Map<string, RegExp>();

function wholly(pattern: string): RegExp {
    const known = expressions.get(pattern);
    if (known !== undefined) return known;
    // Categories of characters are known with this flag only, with which other escapes in AWS's patterns are errors.
    const expression = new RegExp(`^(?:${pattern})$`, pattern.includes("\\p{") ? "u" : "");
    expressions.set(pattern, expression);
    return expression;
}
