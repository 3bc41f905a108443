// What was found of a resource, brought into the form of what the stack knows of it.

import { equal, isList, isProperties, type Properties, type Value } from "../values";
import type { ResourceType } from "./resource-type";

/** Found values by name: arguments and computed ones. Null says that an argument is not set. */
type Found = Properties;

/** The arguments and outputs of `existing` with what differs in reality. What is not found stays as it is. */
export function asFound(
    type: ResourceType,
    existing: { readonly inputs: Properties; readonly outputs: Properties },
    found: Found,
): { inputs: Properties; outputs: Properties } {
    const inputs = brought(existing.inputs, found);
    const outputs = brought(existing.outputs, found);
    // An output that repeats an argument has its form, too.
    const repeated = Object.entries(inputs).filter(([name]) => name in outputs && name in type.arguments);
    return { inputs, outputs: { ...outputs, ...Object.fromEntries(repeated) } };
}

/** The arguments by which a resource of no stack is described: what was found, without what AWS assumes anyway. */
export function asArguments(type: ResourceType, found: Found): Properties {
    const told = Object.entries(found).filter(([name, value]) => {
        const assumed = type.assumed?.[name];
        return name in type.arguments && (assumed === undefined || !equal(assumed, value));
    });
    return Object.fromEntries(told);
}

function brought(known: Properties, found: Found): Properties {
    const entries = Object.entries(known).flatMap(([name, value]): [string, Value][] => {
        const live = found[name];
        if (live === undefined || agrees(value, live)) return [[name, value]];
        return live === null ? [] : [[name, live]];
    });
    return Object.fromEntries(entries);
}

/**
 * True when a found value is what is described, though it may say more or less of it, or write a JSON document
 * differently.
 */
function agrees(described: Value | undefined, live: Value | undefined): boolean {
    if (described === undefined || described === null || live === undefined) return true;
    if (isList(described)) {
        if (!isList(live) || live.length !== described.length) return false;
        return described.every((item, position) => agrees(item, live[position]));
    }
    if (isProperties(described)) {
        const document = typeof live === "string" ? parsed(live) : live;
        return (
            isProperties(document) && Object.entries(described).every(([name, item]) => agrees(item, document[name]))
        );
    }
    if (described === live) return true;
    // Numbers may be described as text.
    if (typeof live === "number") return Number(described) === live;
    if (typeof described !== "string" || typeof live !== "string") return String(described) === String(live);
    const document = parsed(described);
    return document !== undefined && equal(document, parsed(live));
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
