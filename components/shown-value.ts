import { types } from "node:util";
import * as pulumi from "@pulumi/pulumi";

/** Longest text that a message repeats, in characters. */
const LONGEST_TEXT = 200;

/** A value as it stands in a program, for messages; of what is no single value, only what it is. */
export function shown(value: unknown): string {
    if (typeof value === "string") {
        return JSON.stringify(value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value);
    }
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return "a function";
    if (typeof value !== "object" || value === null) return String(value);
    if (pulumi.Output.isInstance(value)) return "an Output";
    if (pulumi.Resource.isInstance(value)) return "a resource";
    if (types.isPromise(value)) return "a promise";
    if (types.isDate(value)) return Number.isNaN(value.getTime()) ? "no valid date" : value.toISOString();
    return Array.isArray(value) ? "a list" : "an object";
}

/** An object or list with all that is in it, as JSON, for messages. */
export function shownInFull(value: unknown): string {
    if (comesLater(value) || typeof value !== "object" || value === null) return shown(value);
    try {
        const json = JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, member) {
            return comesLater(this[name]) ? shown(this[name]) : member;
        });
        return json.length > LONGEST_TEXT ? `${json.slice(0, LONGEST_TEXT)}…` : json;
    } catch {
        return shown(value);
    }
}

/** Whether a value comes about only after the program has run. */
export function comesLater(value: unknown): boolean {
    return pulumi.Output.isInstance(value) || types.isPromise(value);
}

/** Whether a value holds options: an object, but none with a meaning of its own, such as a list, an Output or a date. */
export function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
    if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value)) return false;
    return Object.prototype.toString.call(value) === "[object Object]" && !pulumi.Resource.isInstance(value);
}
