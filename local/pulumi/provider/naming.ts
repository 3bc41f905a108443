import { createHash, randomBytes } from "node:crypto";
import { isUnknown, type Properties, unknownText } from "../values";

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

/**
 * Adds a name to inputs that have none: the earlier one where the provider chose that too, else a new one.
 * @param seed decides the new name's random part, so that an engine gets the same again. @default another one each time
 */
export function withName(
    naming: Naming,
    resourceName: string,
    inputs: Properties,
    earlier?: Properties,
    seed?: Uint8Array,
): Properties {
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
              : isUnknown(prefix)
                ? unknownText
                : chooseName(naming, beginning, inputs, seed),
        [defaultsKey]: [naming.property],
    };
}

/** True when the provider chose the resource's name. */
function isChosen(naming: Naming, inputs: Properties): boolean {
    const defaults = inputs[defaultsKey];
    return Array.isArray(defaults) && defaults.includes(naming.property);
}

/** True when a new resource in the place of this one gets another name. */
export function isReplaceable(naming: Naming, inputs: Properties): boolean {
    return isChosen(naming, inputs) && naming.exact !== true;
}

function chooseName(naming: Naming, beginning: string, inputs: Properties, seed?: Uint8Array): string {
    const random = seed === undefined ? randomBytes(4) : createHash("sha256").update(seed).digest();
    const ending = `${random.toString("hex").slice(0, 7)}${naming.ending?.(inputs) ?? ""}`;
    const cut = beginning.slice(0, naming.maximum - ending.length);
    return `${naming.lowerCase ? cut.toLowerCase() : cut}${ending}`;
}
