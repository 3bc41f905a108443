import type { JsonSchema } from "../schema";
import { isObject, numberIn, referredTo, type Schema, schemasIn, textsIn } from "./schema";
import type { Validity } from "./validity";

export type JsonType = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

/**
 * One kind of the values that a schema allows: the union of its kinds is the schema. Either some values, or those of one
 * type that all constraints allow.
 */
export type Kind = ValuesKind | TypeKind;

interface Constrained {
    /** Keywords about the values, without references and alternatives. */
    readonly constraints: readonly JsonSchema[];
    /** The constraints allow more than the schema does: it has keywords that were left out. */
    readonly approximate: boolean;
}

export interface ValuesKind extends Constrained {
    readonly values: readonly unknown[];
}

export interface TypeKind extends Constrained {
    readonly values?: undefined;
    readonly type: JsonType;
}

/** So many kinds are looked at; a schema with more cannot be decided. */
const maxKinds = 256;
/** A range of so many whole numbers is taken one by one. */
const maxRange = 64;
const everyType: readonly JsonType[] = ["string", "number", "boolean", "null", "array", "object"];
/** Keywords that take values away in ways that are not followed. */
const leftOut = [
    "not",
    "if",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
];

/** The kinds of values that several schemas allow together. Undefined where there are too many to look at. */
export function kindsOf(schemas: readonly Schema[], root: JsonSchema, validity: Validity): Kind[] | undefined {
    const found = alternatives(schemas, root);
    return found?.flatMap((kind) => withValues(kind, validity) ?? byType(kind));
}

interface Unfolding extends Constrained {
    readonly left: readonly Schema[];
    readonly seen: readonly Schema[];
}

/** Follows references and lists, and takes alternatives apart. */
function alternatives(schemas: readonly Schema[], root: JsonSchema): Constrained[] | undefined {
    let found: Unfolding[] = [{ constraints: [], approximate: false, left: schemas, seen: [] }];
    while (found.some(({ left }) => left.length > 0)) {
        found = found.flatMap((each): Unfolding[] => {
            const [schema, ...rest] = each.left;
            if (schema === undefined) return [each];
            if (schema === false) return [];
            // Of a schema that refers to itself alone, nothing more is known.
            if (schema === true || each.seen.includes(schema)) return [{ ...each, left: rest }];
            const { $ref, allOf, anyOf, oneOf, ...own } = schema;
            const target = typeof $ref === "string" ? referredTo(root, $ref) : true;
            const next: Unfolding = {
                constraints: [...each.constraints, own],
                approximate: each.approximate || target === undefined || leftOut.some((keyword) => keyword in own),
                seen: [...each.seen, schema],
                left: [...rest, ...(target === undefined ? [] : [target]), ...schemasIn(allOf)],
            };
            if (isNever(own.not)) return [];
            const choices = [anyOf, oneOf].filter(Array.isArray).map(schemasIn);
            return choices.reduce<Unfolding[]>(
                (chosen, branches) =>
                    chosen.flatMap((one) => branches.map((branch) => ({ ...one, left: [...one.left, branch] }))),
                [next],
            );
        });
        if (found.length > maxKinds) return undefined;
    }
    return found;
}

/** `not: {}` allows nothing. */
function isNever(not: unknown): boolean {
    return not === true || (isObject(not) && Object.keys(not).length === 0);
}

function withValues(kind: Constrained, validity: Validity): Kind[] | undefined {
    const listed = kind.constraints.flatMap((constraint) => [
        ...("const" in constraint ? [[constraint.const]] : []),
        ...(Array.isArray(constraint.enum) ? [constraint.enum as readonly unknown[]] : []),
    ]);
    const candidates = listed[0];
    if (candidates === undefined) return undefined;
    const values = candidates.filter((value) => validity.isValid(value, kind.constraints) !== false);
    return values.length === 0 ? [] : [{ ...kind, values }];
}

function byType(kind: Constrained): Kind[] {
    return typesOf(kind.constraints).flatMap((type): Kind[] => {
        if (type === "null") return [{ ...kind, values: [null] }];
        if (type === "boolean") return [{ ...kind, values: [false, true] }];
        if (type === "integer") {
            const { least, greatest } = wholeRange(kind.constraints);
            if (greatest < least) return [];
            if (greatest - least < maxRange && isExact(kind)) {
                return [{ ...kind, values: Array.from({ length: greatest - least + 1 }, (_, at) => least + at) }];
            }
        }
        return [{ ...kind, type }];
    });
}

/** Whether a range says all about whole numbers. */
function isExact({ constraints }: Constrained): boolean {
    return constraints.every((constraint) => constraint.multipleOf === undefined);
}

/** The types that all constraints allow. */
export function typesOf(constraints: readonly JsonSchema[]): readonly JsonType[] {
    return constraints.reduce<readonly JsonType[]>((types, { type }) => {
        if (type === undefined) return types;
        const allowed = typeof type === "string" ? [type] : textsIn(type);
        return types.flatMap((each): JsonType[] => {
            if (allowed.includes(each)) return [each];
            if (each === "number" && allowed.includes("integer")) return ["integer"];
            if (each === "integer" && allowed.includes("number")) return ["integer"];
            return [];
        });
    }, everyType);
}

/** The least and the greatest of the whole numbers that constraints allow. */
function wholeRange(constraints: readonly JsonSchema[]): { least: number; greatest: number } {
    const bounds = (name: string) => constraints.flatMap((constraint) => numberIn(constraint[name]) ?? []);
    const least = Math.max(
        ...bounds("minimum").map(Math.ceil),
        ...bounds("exclusiveMinimum").map((bound) => Math.floor(bound) + 1),
        Number.NEGATIVE_INFINITY,
    );
    const greatest = Math.min(
        ...bounds("maximum").map(Math.floor),
        ...bounds("exclusiveMaximum").map((bound) => Math.ceil(bound) - 1),
        Number.POSITIVE_INFINITY,
    );
    return { least, greatest };
}
