// What was found of a resource, brought into the form of what the stack knows of it.

import { equal, isList, isProperties, type Properties, type Value } from "../values";
import type { ResourceType } from "./resource-type";
import type { Members, Shape } from "./shape";

/** Found values by name: arguments and computed ones. Null says that an argument is not set; others are not told. */
type Found = Properties;

/** The arguments and outputs of `existing` with what differs in reality. What is not told stays as it is. */
export function asFound(
    type: ResourceType,
    existing: { readonly inputs: Properties; readonly outputs: Properties },
    found: Found,
): { inputs: Properties; outputs: Properties } {
    const inputs = argumentsAsFound(type, existing.inputs, found);
    const outputs = Object.entries(existing.outputs).flatMap(([name, value]): [string, Value][] => {
        const live = found[name];
        if (name === "tagsAll" && found.tags !== undefined) return [[name, inputs.tags ?? {}]];
        if (live === undefined) return [[name, value]];
        // An output that repeats an argument has its form, too.
        const repeated = name in type.arguments ? inputs[name] : undefined;
        if (repeated !== undefined) return [[name, repeated]];
        if (live === null) return [];
        return [[name, agrees(value, live) ? value : live]];
    });
    const added = Object.entries(inputs).filter(([name]) => name in found && !(name in existing.inputs));
    return { inputs, outputs: { ...Object.fromEntries(outputs), ...Object.fromEntries(added) } };
}

/** The arguments by which a resource of no stack is described: what was found, without what AWS assumes anyway. */
export function asArguments(type: ResourceType, found: Found): Properties {
    return described(type.arguments, found, type.assumed);
}

function argumentsAsFound(type: ResourceType, known: Properties, found: Found): Properties {
    const told = Object.keys(found).filter((name) => type.arguments[name] !== undefined);
    const entries = [...new Set([...Object.keys(known), ...told])].map((name) => {
        const shape = type.arguments[name];
        const live = found[name];
        const value = known[name];
        const now =
            shape === undefined || live === undefined ? value : brought(shape, value, live, type.assumed?.[name]);
        return [name, now] as const;
    });
    return present(entries);
}

/** What is described, as far as it is so; otherwise what is the case. Undefined where the value is not set. */
function brought(
    shape: Shape,
    known: Value | undefined,
    live: Value,
    assumed: Value | undefined = shape.assumed,
): Value | undefined {
    if (known === undefined || known === null) {
        return shape.chosen || isNothing(shape, live, assumed) ? undefined : description(shape, live);
    }
    if (live === null) return isNothing(shape, known, assumed) ? known : undefined;
    const { items, members } = shape;
    if (items !== undefined && isList(known) && isList(live)) {
        return live.map((item, position) => {
            const before = known[position];
            return before === undefined ? description(items, item) : (brought(items, before, item) ?? item);
        });
    }
    if (shape.kind === "map" && isProperties(known) && isProperties(live)) return hasSame(known, live) ? known : live;
    if (members !== undefined && isProperties(known) && isProperties(live)) {
        const names = new Set([...Object.keys(known), ...Object.keys(members)]);
        return present(
            [...names].map((name) => {
                const member = members[name];
                // What has no effect is not to be found.
                if (member === undefined || member.recordedOnly !== undefined) return [name, known[name]] as const;
                return [name, brought(member, known[name], live[name] ?? null)] as const;
            }),
        );
    }
    return agrees(known, live) ? known : live;
}

function hasSame(known: Properties, live: Properties): boolean {
    const names = Object.keys(known);
    if (names.length !== Object.keys(live).length) return false;
    return names.every((name) => name in live && agrees(known[name], live[name]));
}

/** A found value as a program would describe it: without what AWS assumes anyway. */
function description(shape: Shape, live: Value): Value {
    const { items, members } = shape;
    if (items !== undefined && isList(live)) return live.map((item) => description(items, item));
    if (members !== undefined && isProperties(live)) return described(members, live);
    return live;
}

function described(members: Members, found: Found, assumed: Properties = {}): Properties {
    const entries = Object.entries(found).flatMap(([name, live]): [string, Value][] => {
        const shape = members[name];
        if (shape === undefined || (!shape.required && isNothing(shape, live, assumed[name]))) return [];
        return [[name, description(shape, live)]];
    });
    return Object.fromEntries(entries);
}

/** True for a value that says the same as none. */
function isNothing(shape: Shape, value: Value, assumed: Value | undefined = shape.assumed): boolean {
    if (value === null || (assumed !== undefined && agrees(assumed, value))) return true;
    const { members } = shape;
    if (members !== undefined && isProperties(value)) {
        return Object.entries(value).every(([name, member]) => isNothing(members[name] ?? shape, member));
    }
    if (assumed !== undefined) return false;
    if (isList(value)) return value.length === 0;
    if (isProperties(value)) return Object.keys(value).length === 0;
    return value === false || value === "";
}

/** True when a found value is what is described, though it may write numbers, dates and JSON documents differently. */
function agrees(described: Value | undefined, live: Value | undefined): boolean {
    if (described === undefined || live === undefined) return described === live;
    if (equal(described, live)) return true;
    if (isList(described) || isProperties(described)) {
        return typeof live === "string" && equal(described, parsed(live));
    }
    // Numbers may be described as text.
    if (typeof live === "number") return described !== "" && Number(described) === live;
    if (typeof described !== "string" || typeof live !== "string") return String(described) === String(live);
    if (isDate(described) && isDate(live)) return Date.parse(described) === Date.parse(live);
    const document = parsed(described);
    return document !== undefined && equal(document, parsed(live));
}

function isDate(text: string): boolean {
    return /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text);
}

/** A JSON document that is an object or a list. */
function parsed(text: string): Value | undefined {
    if (!/^\s*[[{]/.test(text)) return undefined;
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function present(entries: Iterable<readonly [string, Value | undefined]>): Properties {
    return Object.fromEntries([...entries].filter((entry): entry is [string, Value] => entry[1] !== undefined));
}
