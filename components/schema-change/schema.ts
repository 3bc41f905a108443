import { isDeepStrictEqual } from "node:util";
import type { JsonSchema } from "../schema";

/** JSON Schema: an object with keywords, `true` for anything, `false` for nothing. */
export type Schema = JsonSchema | boolean;

export function isSchema(value: unknown): value is Schema {
    return typeof value === "boolean" || isObject(value);
}

export function isObject(value: unknown): value is JsonSchema {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schemas in a keyword that holds a list of them. */
export function schemasIn(value: unknown): readonly Schema[] {
    return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** The schemas in a keyword that holds them by name. */
export function namedSchemas(value: unknown): Readonly<Record<string, Schema>> {
    if (!isObject(value)) return {};
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Schema] => isSchema(entry[1])));
}

export function textsIn(value: unknown): readonly string[] {
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

export function numberIn(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}

/** What a reference within a schema leads to; undefined where it leads elsewhere or nowhere. */
export function referredTo(root: JsonSchema, reference: string): Schema | undefined {
    if (reference !== "#" && !reference.startsWith("#/")) return undefined;
    let at: unknown = root;
    for (const step of reference.split("/").slice(1)) {
        const name = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
        if (Array.isArray(at)) at = at[Number(name)];
        else at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
    }
    return isSchema(at) ? at : undefined;
}

function decoded(step: string): string {
    try {
        return decodeURIComponent(step);
    } catch {
        return step;
    }
}

/** Whether two schemas say the same, each within its root: as texts, and whatever they refer to as well. */
export function saysTheSame(a: Schema, rootOfA: JsonSchema, b: Schema, rootOfB: JsonSchema): boolean {
    if (!isDeepStrictEqual(a, b)) return false;
    if (!holdsReference(a)) return true;
    // References lead into the definitions, or to the root itself.
    return isDeepStrictEqual(rootOfA, rootOfB);
}

function holdsReference(value: unknown): boolean {
    if (Array.isArray(value)) return value.some(holdsReference);
    if (!isObject(value)) return false;
    return Object.entries(value).some(
        ([name, member]) => /^\$(dynamicR|recursiveR|r)ef$/.test(name) || holdsReference(member),
    );
}
