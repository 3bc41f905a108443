// The shape of a resource's arguments, as data: what is allowed, what is checked, and the TypeScript type of it.

import { isJson } from "../../aws/protocol/json";
import { isList, isProperties, isUnknown, type Properties, signatureOf, type Value } from "../values";

export type Kind = "text" | "number" | "flag" | "document" | "list" | "map" | "object" | "asset" | "archive";

/** What a value must look like. `T` is its type in TypeScript. */
export interface Shape<T = unknown> {
    readonly kind: Kind;
    /** Of the items of a list or map. */
    readonly items?: Shape;
    /** Of the members of an object. */
    readonly members?: Members;
    readonly required?: boolean;
    /** Why the value has no effect on this machine; undefined when it has the effect that it has on AWS. */
    readonly recordedOnly?: string;
    /** Values that ask for nothing, so that their having no effect is not worth a word. */
    readonly neutral?: readonly Value[];
    /** What AWS takes the value for where it is left out. */
    readonly assumed?: Value;
    /** Where it is left out, AWS or another resource gives it a value. */
    readonly chosen?: boolean;
    /** The only values that are allowed. */
    readonly choices?: readonly (string | number)[];
    /** Only for the compiler. */
    readonly example?: T;
}

export type Members = Readonly<Record<string, Shape>>;

type TypeOf<S> = S extends Shape<infer T> ? T : never;
type RequiredNames<M extends Members> = { [N in keyof M]: M[N] extends { required: true } ? N : never }[keyof M];

/** The TypeScript type of arguments of this shape. */
export type ArgumentsOf<M extends Members> = { readonly [N in RequiredNames<M>]: TypeOf<M[N]> } & {
    readonly [N in Exclude<keyof M, RequiredNames<M>>]?: TypeOf<M[N]>;
};

export const text: Shape<string> = { kind: "text" };
export const number: Shape<number> = { kind: "number" };
export const flag: Shape<boolean> = { kind: "flag" };
/** A JSON document, as text or as an object, such as a policy. */
export const document: Shape<string | Properties> = { kind: "document" };
export const asset: Shape<Properties> = { kind: "asset" };
export const archive: Shape<Properties> = { kind: "archive" };

export function listOf<T>(items: Shape<T>): Shape<readonly T[]> {
    return { kind: "list", items };
}

export function mapOf<T>(items: Shape<T>): Shape<Readonly<Record<string, T>>> {
    return { kind: "map", items };
}

export function object<M extends Members>(members: M): Shape<ArgumentsOf<M>> {
    return { kind: "object", members };
}

export function oneOf<const C extends string | number>(...choices: readonly C[]): Shape<C> {
    return { kind: typeof choices[0] === "number" ? "number" : "text", choices };
}

export function required<T>(shape: Shape<T>): Shape<T> & { required: true } {
    return { ...shape, required: true };
}

/**
 * Accepted and kept, without effect on this machine. `because` ends the sentence "it has no effect here: …", which is said
 * of all values but the neutral ones.
 */
export function recordedOnly<T>(shape: Shape<T>, because: string, ...neutral: readonly (T & Value)[]): Shape<T> {
    return { ...shape, recordedOnly: because, neutral };
}

/** AWS takes a value that is left out for this one. */
export function assuming<T>(shape: Shape<T>, assumed: T & Value): Shape<T> {
    return { ...shape, assumed };
}

/** Where it is left out, AWS or another resource gives it a value, which is no difference from the program then. */
export function chosen<T>(shape: Shape<T>): Shape<T> {
    return { ...shape, chosen: true };
}

/** Something wrong with an argument. */
export interface CheckFailure {
    /** Path of the argument, for example `environment.variables`. */
    readonly property: string;
    readonly reason: string;
}

/**
 * Checks arguments and finds all that is wrong. An argument that is not in the shape is a failure that names it; one
 * that a preview does not know yet is not.
 */
export function checkMembers(value: Properties, members: Members, path = ""): CheckFailure[] {
    const failures: CheckFailure[] = [];
    for (const name of Object.keys(value)) {
        if (members[name] !== undefined) continue;
        failures.push({
            property: `${path}${name}`,
            reason: `is not supported on this machine. Supported: ${Object.keys(members).sort().join(", ")}`,
        });
    }
    for (const [name, shape] of Object.entries(members)) {
        const member = value[name];
        if (member === undefined || member === null) {
            if (shape.required) failures.push({ property: `${path}${name}`, reason: "is required" });
        } else {
            failures.push(...checkValue(member, shape, `${path}${name}`));
        }
    }
    return failures;
}

const fits: Readonly<Record<Kind, (value: Value) => boolean>> = {
    text: (value) => typeof value === "string",
    number: (value) => typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)),
    flag: (value) => typeof value === "boolean" || value === "true" || value === "false",
    document: (value) => isProperties(value) || (typeof value === "string" && isJson(value)),
    list: isList,
    map: isProperties,
    object: isProperties,
    asset: (value) => signatureOf(value) === "asset" || signatureOf(value) === "archive",
    archive: (value) => signatureOf(value) === "archive" || signatureOf(value) === "asset",
};

const wanted: Readonly<Record<Kind, string>> = {
    text: "text",
    number: "a number",
    flag: "true or false",
    document: "a JSON document",
    list: "a list",
    map: "a map",
    object: "an object",
    asset: "an asset",
    archive: "an archive",
};

function checkValue(value: Value, shape: Shape, path: string): CheckFailure[] {
    if (isUnknown(value)) return [];
    if (!fits[shape.kind](value)) {
        return [{ property: path, reason: `must be ${wanted[shape.kind]}, not ${described(value)}` }];
    }
    if (shape.choices !== undefined && !shape.choices.some((choice) => choice === value)) {
        return [{ property: path, reason: `must be one of ${shape.choices.join(", ")}, not ${described(value)}` }];
    }
    if (shape.kind === "list" && isList(value) && shape.items !== undefined) {
        const items = shape.items;
        return value.flatMap((item, position) => checkValue(item, items, `${path}[${position}]`));
    }
    if (shape.kind === "map" && isProperties(value) && shape.items !== undefined) {
        const items = shape.items;
        return Object.entries(value).flatMap(([name, item]) => checkValue(item, items, `${path}.${name}`));
    }
    if (shape.kind === "object" && isProperties(value) && shape.members !== undefined) {
        return checkMembers(value, shape.members, `${path}.`);
    }
    return [];
}

/** Turns numbers and flags that came as text into what they are, and drops nulls, as Terraform's types do. */
export function coerce(value: Properties, members: Members): Properties {
    return Object.fromEntries(
        Object.entries(value).flatMap(([name, member]): [string, Value][] => {
            const shape = members[name];
            return shape === undefined || member === null ? [] : [[name, coerceValue(member, shape)]];
        }),
    );
}

function coerceValue(value: Value, shape: Shape): Value {
    if (isUnknown(value)) return value;
    if (shape.kind === "number" && typeof value === "string") return Number(value);
    if (shape.kind === "flag" && typeof value === "string") return value === "true";
    const { items, members } = shape;
    if (isList(value) && items !== undefined) return value.map((item) => coerceValue(item, items));
    if (!isProperties(value)) return value;
    if (members !== undefined) return coerce(value, members);
    if (items === undefined) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, coerceValue(item, items)]));
}

/** The arguments in use that have no effect here, with the reason. */
export function withoutEffect(value: Properties, members: Members, path = ""): CheckFailure[] {
    return Object.entries(value).flatMap(([name, member]) => {
        const shape = members[name];
        if (shape === undefined || member === false) return [];
        if (shape.neutral?.includes(member)) return [];
        if (shape.recordedOnly !== undefined) return [{ property: `${path}${name}`, reason: shape.recordedOnly }];
        if (shape.members === undefined || !isProperties(member)) return [];
        return withoutEffect(member, shape.members, `${path}${name}.`);
    });
}

/** Names the value's kind, never its content: it may be a secret. */
function described(value: Value): string {
    if (value === null) return "null";
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return isList(value) ? "a list" : typeof value === "object" ? "an object" : "a text of another form";
}
