import * as pulumi from "@pulumi/pulumi";
import Ajv2020 from "ajv/dist/2020";
import standaloneCode from "ajv/dist/standalone";
import type { ArgumentCheck } from "./argument-check";
import { type Rule, value } from "./argument-rules";
import { referredTo } from "./schema-change/schema";

/**
 * A schema of records: anything that implements Standard JSON Schema, such as a zod 4 schema. Its output type is the
 * type of the records. What JSON cannot hold (dates, maps, transforms) is an error at deployment.
 */
export interface RecordSchema<T> {
    readonly "~standard": {
        readonly vendor: string;
        readonly types?: { readonly input: unknown; readonly output: T } | undefined;
        readonly jsonSchema: {
            readonly output: (options: {
                readonly target: "draft-2020-12";
                readonly libraryOptions?: Record<string, unknown>;
            }) => Record<string, unknown>;
        };
    };
}

/** A schema as data: JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a schema of records may be. Some libraries make functions of theirs. */
export const schemaRule: Rule = value(
    "a schema that implements Standard JSON Schema, such as a zod 4 schema",
    isRecordSchema,
);

function isRecordSchema(given: unknown): given is RecordSchema<unknown> {
    if ((typeof given !== "object" && typeof given !== "function") || given === null) return false;
    if (pulumi.Output.isInstance(given)) return false;
    return typeof (given as Partial<RecordSchema<unknown>>)["~standard"]?.jsonSchema?.output === "function";
}

/** A stream's schema as data; where that cannot be, or records cannot be checked against it, the check is told. */
export function checkedSchema(check: ArgumentCheck, given: unknown): JsonSchema {
    if (!isRecordSchema(given)) return {};
    try {
        const schema = toJsonSchema(given);
        compileValidator(schema);
        return schema;
    } catch (error) {
        if (!(error instanceof pulumi.RunError)) throw error;
        check.add(error.message);
        return {};
    }
}

/** Converts a schema to data. */
export function toJsonSchema(schema: RecordSchema<unknown>): JsonSchema {
    try {
        return schema["~standard"].jsonSchema.output({
            target: "draft-2020-12",
            libraryOptions: { override: openObjects },
        });
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new pulumi.RunError(
            `its schema cannot be expressed as JSON Schema: ${reason} Records travel as JSON: describe them as they are on the wire`,
        );
    }
}

/**
 * zod closes every object of an output schema, since its parser drops unknown fields. Nothing is dropped here, so only
 * objects that their author made strict are closed: a field that a newer producer adds must not stop older consumers.
 */
function openObjects(context: {
    readonly zodSchema?: { readonly _zod?: { readonly def?: { readonly type?: string; readonly catchall?: unknown } } };
    readonly jsonSchema: Record<string, unknown>;
}): void {
    const definition = context.zodSchema?._zod?.def;
    if (definition?.type === "object" && definition.catchall === undefined)
        delete context.jsonSchema.additionalProperties;
}

/**
 * What some schemas say of a field of their objects, or of the objects in their lists.
 * @param root where references lead.
 * @returns the field's schemas: none where there is no such field, undefined where anything may be.
 */
export function describedField(
    root: JsonSchema,
    schemas: readonly JsonSchema[],
    field: string,
): readonly JsonSchema[] | undefined {
    const found: JsonSchema[] = [];
    const open = (value: unknown): boolean => value === true || (isSchema(value) && Object.keys(value).length === 0);
    // A schema may refer to itself.
    const seen = new Set<JsonSchema>();
    const left = [...schemas];
    for (let schema = left.pop(); schema !== undefined; schema = left.pop()) {
        if (seen.has(schema)) continue;
        seen.add(schema);
        const { $ref, properties, additionalProperties, items, prefixItems, anyOf, oneOf, allOf } = schema;
        const own = isSchema(properties) && Object.hasOwn(properties, field) ? properties[field] : additionalProperties;
        if (open(schema) || open(own) || schema.patternProperties !== undefined) return undefined;
        if (isSchema(own)) found.push(own);
        if (typeof $ref === "string") {
            const target = referredTo(root, $ref);
            left.push(isSchema(target) ? target : {});
        }
        left.push(...[items, prefixItems, anyOf, oneOf, allOf].flat().filter(isSchema));
    }
    return found;
}

function isSchema(value: unknown): value is JsonSchema {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

const compiled = new Map<string, string>();

/**
 * Compiles a schema to an ES module that exports `validate(datum): boolean`, with `validate.errors`. It takes functions
 * from ajv by `require`, which bundling finds beside this package. `format` says nothing here, as JSON Schema has it by
 * default; zod adds a pattern where a format matters.
 */
export function compileValidator(schema: JsonSchema): string {
    const key = JSON.stringify(schema);
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const ajv = new Ajv2020({
        code: { source: true, esm: true, optimize: true },
        strict: false,
        allErrors: true,
        validateFormats: false,
        // A library wrote the schema by the standard. Keywords of the wrong type are refused all the same, and to
        // compile the schema of schemas takes ten times as long as to compile a schema.
        validateSchema: false,
        // Nothing of a deployment's output is ajv's to write.
        logger: false,
    });
    const module = standaloneValidator(ajv, schema);
    compiled.set(key, module);
    return module;
}

function standaloneValidator(ajv: Ajv2020, schema: JsonSchema): string {
    const id = "sortline:record";
    try {
        ajv.addSchema({ ...schema, $id: id });
        return standaloneCode(ajv, { validate: id });
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new pulumi.RunError(
            `its schema is no JSON Schema that records can be checked against: ${reason} (patterns are regular expressions with the flag u)`,
        );
    }
}
