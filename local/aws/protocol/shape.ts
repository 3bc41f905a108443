import { AwsError } from "../service";

/** What a member of an operation's input may be, in the terms of AWS's own API models. */
export type Shape =
    | StringShape
    | { readonly type: "integer"; readonly min?: number; readonly max?: number }
    | { readonly type: "boolean" | "timestamp" | "number" }
    | { readonly type: "blob"; readonly min?: number; readonly max?: number }
    | { readonly type: "list"; readonly member: Shape; readonly min?: number; readonly max?: number }
    | {
          readonly type: "map";
          readonly key: StringShape;
          readonly value: Shape;
          readonly min?: number;
          readonly max?: number;
      }
    | Structure
    /** What the service has and the twin has not: to leave it out, or to say no to it, is all that may be done. */
    | { readonly type: "unsupported" };

export interface StringShape {
    readonly type: "string";
    /** Characters. */
    readonly min?: number;
    readonly max?: number;
    /** What the whole string must fit. */
    readonly pattern?: string;
    readonly values?: readonly string[];
    /** Comes from a record or is secret: errors do not repeat it. */
    readonly hidden?: boolean;
}

export interface Structure {
    readonly type: "structure";
    readonly members: Readonly<Record<string, Shape>>;
    readonly required: readonly string[];
}

/** @param min characters at least @param max characters at most @param pattern what the whole string must fit */
export function text(min: number, max: number, pattern?: string): StringShape {
    return pattern === undefined ? { type: "string", min, max } : { type: "string", min, max, pattern };
}

export function range(min: number, max?: number): Shape {
    return max === undefined ? { type: "integer", min } : { type: "integer", min, max };
}

export function oneOf(...values: readonly string[]): Shape {
    return { type: "string", values };
}

export function structure(members: Readonly<Record<string, Shape>>, ...required: readonly string[]): Structure {
    return { type: "structure", members, required };
}

export type Members = Readonly<Record<string, unknown>>;

/**
 * What a JSON request means: base64 as bytes, epoch seconds as dates, null as nothing.
 * @throws AwsError SerializationException for a value of another type than the shape's
 */
export function decodeMembers({ members }: Structure, given: Members, at = ""): Members {
    const result: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(given)) {
        const shape = Object.hasOwn(members, name) ? members[name] : undefined;
        // Newer clients send members that are not known here; AWS passes over those too.
        if (shape !== undefined && value !== null)
            result[name] = decode(shape, value, at === "" ? name : `${at}.${name}`);
    }
    return result;
}

function decode(shape: Shape, value: unknown, at: string): unknown {
    switch (shape.type) {
        case "string":
            return typeof value === "string" ? value : mistyped(at, "a string");
        case "integer":
            return Number.isInteger(value) ? value : mistyped(at, "a whole number");
        case "number":
            return typeof value === "number" ? value : mistyped(at, "a number");
        case "boolean":
            return typeof value === "boolean" ? value : mistyped(at, "true or false");
        case "timestamp":
            return typeof value === "number" ? dateOf(value, at) : mistyped(at, "a number of seconds");
        case "blob":
            return typeof value === "string" ? bytesOf(value, at) : mistyped(at, "base64 in a string");
        case "list": {
            if (!Array.isArray(value)) return mistyped(at, "a list");
            return value.map((one, index) => decode(shape.member, one, `${at}.${index}`));
        }
        case "map": {
            if (!isMembers(value)) return mistyped(at, "an object");
            return Object.fromEntries(
                Object.entries(value).map(([key, one]) => [key, decode(shape.value, one, `${at}.value`)]),
            );
        }
        case "structure":
            return isMembers(value) ? decodeMembers(shape, value, at) : mistyped(at, "an object");
        case "unsupported":
            return value;
    }
}

/** Nothing that fits into a date lies further away, in milliseconds since 1970. */
const farthestDate = 8.64e15;

function dateOf(seconds: number, at: string): Date {
    return Math.abs(seconds * 1000) <= farthestDate ? new Date(seconds * 1000) : mistyped(at, "a date in seconds");
}

/** Node passes over what is not base64, and would so take other bytes for those that were meant. */
function bytesOf(base64: string, at: string): Buffer {
    const bytes = Buffer.from(base64, "base64");
    const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
    return bytes.length === (base64.length / 4) * 3 - padding ? bytes : mistyped(at, "base64 in a string");
}

function mistyped(at: string, expected: string): never {
    throw new AwsError("SerializationException", `${at} must be ${expected}.`);
}

function isMembers(value: unknown): value is Members {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
