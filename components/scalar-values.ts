import type { JsonSchema } from "./schema";
import { isObject, isSchema, referredTo, type Schema, schemasIn } from "./schema-change/schema";

/** The types of values that are compared as they are. */
export type ScalarType = "string" | "number" | "boolean" | "null";

const all: readonly ScalarType[] = ["string", "number", "boolean", "null"];

/**
 * The types of a field's values, or of the items of its lists, that are no objects: at least those that its schemas allow,
 * and none where it holds objects alone.
 * @param root where references lead.
 */
export function scalarTypes(root: JsonSchema, schemas: readonly Schema[]): ReadonlySet<ScalarType> {
    return new Set(schemas.flatMap((schema) => [...typesOf(root, schema, new Set())]));
}

function typesOf(root: JsonSchema, schema: Schema, above: ReadonlySet<Schema>): ReadonlySet<ScalarType> {
    // A schema within itself adds nothing to what it is found to be.
    if (schema === false || above.has(schema)) return new Set();
    if (schema === true) return new Set(all);
    const within = new Set([...above, schema]);
    const of = (each: Schema) => typesOf(root, each, within);
    const any = (each: readonly Schema[]) => new Set(each.flatMap((one) => [...of(one)]));
    const { $ref, allOf, anyOf, oneOf, const: only, enum: listed } = schema;
    const limits = [
        byType(schema, any),
        ...("const" in schema ? [typesOfValues([only])] : []),
        ...(Array.isArray(listed) ? [typesOfValues(listed)] : []),
        ...(typeof $ref === "string" ? [of(referredTo(root, $ref) ?? true)] : []),
        ...schemasIn(allOf).map(of),
        ...[anyOf, oneOf].filter(Array.isArray).map((each) => any(schemasIn(each))),
    ];
    return new Set(all.filter((type) => limits.every((limit) => limit.has(type))));
}

function byType(schema: JsonSchema, any: (schemas: readonly Schema[]) => ReadonlySet<ScalarType>) {
    const { type, items = true, prefixItems } = schema;
    if (type === undefined) return new Set(all);
    const types: readonly unknown[] = [type].flat();
    const inLists = types.includes("array")
        ? any([...schemasIn(prefixItems), ...(isSchema(items) ? [items] : [])])
        : [];
    const own = all.filter((each) => types.includes(each) || (each === "number" && types.includes("integer")));
    return new Set([...own, ...inLists]);
}

function typesOfValues(values: readonly unknown[]): ReadonlySet<ScalarType> {
    return new Set(
        values.flatMap((each): ScalarType[] => {
            if (Array.isArray(each)) return [...typesOfValues(each)];
            if (each === null) return ["null"];
            return isObject(each) ? [] : all.filter((type) => typeof each === type);
        }),
    );
}
