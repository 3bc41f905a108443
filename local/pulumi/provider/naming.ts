import { randomBytes } from "node:crypto";
import type { Properties } from "../values";

/** How a resource without a given name gets one. */
export interface Naming {
    /** The argument that holds the name. */
    readonly property: string;
    /** The argument that gives only the name's beginning. */
    readonly prefixProperty?: string;
    /** Longest name that AWS takes, in characters. */
    readonly maximum: number;
    /** What a chosen name begins with, such as `alias/`. @default "" */
    readonly beginning?: string;
    /** The resource's own name, without a random part. @default false */
    readonly exact?: boolean;
    /** Lower case only, as bucket names are. @default false */
    readonly lowerCase?: boolean;
    /** What the name must end with, such as `.fifo`. */
    readonly ending?: (inputs: Properties) => string;
}

/** Lists, among a resource's inputs, those that the provider chose: `["name"]`. Pulumi's providers use the same key. */
export const defaultsKey = "__defaults";

/** Adds a name to inputs that have none: the earlier one where the provider chose that too, else a new one. */
export function withName(naming: Naming, resourceName: string, inputs: Properties, earlier?: Properties): Properties {
    if (inputs[naming.property] !== undefined) return inputs;
    const prefix = naming.prefixProperty === undefined ? undefined : inputs[naming.prefixProperty];
    const beginning = typeof prefix === "string" ? prefix : `${naming.beginning ?? ""}${resourceName}-`;
    const kept = earlier !== undefined && isChosen(naming, earlier) ? earlier[naming.property] : undefined;
    const samePrefix = earlier !== undefined && prefix === earlier[naming.prefixProperty ?? ""];
    return {
        ...inputs,
        [naming.property]: naming.exact
            ? resourceName
            : kept !== undefined && samePrefix
              ? kept
              : chooseName(naming, beginning, inputs),
        [defaultsKey]: [naming.property],
    };
}

/** True when the provider chose the resource's name. */
export function isChosen(naming: Naming, inputs: Properties): boolean {
    const defaults = inputs[defaultsKey];
    return Array.isArray(defaults) && defaults.includes(naming.property);
}

function chooseName(naming: Naming, beginning: string, inputs: Properties): string {
    const ending = `${randomBytes(4).toString("hex").slice(0, 7)}${naming.ending?.(inputs) ?? ""}`;
    const cut = beginning.slice(0, naming.maximum - ending.length);
    return `${naming.lowerCase ? cut.toLowerCase() : cut}${ending}`;
}
