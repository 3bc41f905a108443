import assert from "node:assert/strict";
import Ajv2020 from "ajv/dist/2020";
import type { JsonSchema } from "../../components/schema";
import { breakingChanges } from "../../components/schema-change/compare";
import { Random } from "../random";

const names = ["a", "b", "c", "kind"];

/** Schemas as libraries write them, small enough that two of them often have to do with each other. */
function generator(random: Random) {
    const chance = (probability: number) => random.chance(probability);
    const whole = (to: number) => random.below(to + 1);
    const pick = <T>(items: readonly T[]): T => random.pick(items);
    const some = <T>(items: readonly T[]) => items.filter(() => chance(0.5));
    const range = (least: string, greatest: string, to: number) => ({
        ...(chance(0.4) ? { [least]: whole(to) } : {}),
        ...(chance(0.4) ? { [greatest]: whole(to) + 1 } : {}),
    });

    function schema(depth: number): JsonSchema | boolean {
        const scalar = [
            () => ({
                type: "string",
                ...range("minLength", "maxLength", 4),
                ...(chance(0.2) ? { pattern: pick(["a", "^a", "b$"]) } : {}),
            }),
            () => ({
                type: pick(["number", "integer"]),
                ...range(pick(["minimum", "exclusiveMinimum"]), pick(["maximum", "exclusiveMaximum"]), 6),
                ...(chance(0.2) ? { multipleOf: pick([1, 2, 3, 6, 0.5]) } : {}),
            }),
            () => ({ type: pick(["boolean", "null"]) }),
            () => ({ enum: some(["a", "b", "ab", 1, 2, null, true, false]).concat("a") }),
            () => ({ const: pick(["a", "b", 1, null]) }),
            () => ({ type: ["string", pick(["null", "integer"])] }),
        ];
        if (depth === 0) return chance(0.05) ? pick([true, false]) : pick(scalar)();
        return pick<() => JsonSchema | boolean>([
            ...scalar,
            () => object(depth),
            () => object(depth),
            () => ({
                type: "array",
                ...(chance(0.8) ? { items: schema(depth - 1) } : {}),
                ...range("minItems", "maxItems", 2),
                ...(chance(0.2) ? { uniqueItems: true } : {}),
            }),
            () => ({
                type: "array",
                prefixItems: [schema(depth - 1), schema(depth - 1)],
                items: pick([false, schema(depth - 1)]),
                ...(chance(0.5) ? { minItems: 2 } : {}),
            }),
            () => ({ anyOf: [schema(depth - 1), schema(depth - 1)] }),
            () => ({ oneOf: [schema(depth - 1), schema(depth - 1)] }),
            () => ({ oneOf: ["a", "b"].map((kind) => tagged(kind, depth)) }),
            () => ({ allOf: [schema(depth - 1), schema(depth - 1)] }),
            () => ({
                type: "object",
                propertyNames: pick<JsonSchema>([{ type: "string" }, { enum: some(names).concat("a") }]),
                additionalProperties: schema(depth - 1),
                ...range("minProperties", "maxProperties", 2),
            }),
            () => ({ type: "object", patternProperties: { [pick(["^a", "b"])]: schema(depth - 1) } }),
            () => ({ type: "object", not: object(0) }),
            () => ({ not: schema(0) }),
            () => ({ $ref: pick(["#/$defs/one", "#/$defs/two"]) }),
            () => ({ type: "object", properties: { a: { type: "array", items: { $ref: "#" } } } }),
        ])();
    }
    function object(depth: number): JsonSchema {
        const own = some(names);
        return {
            type: "object",
            properties: Object.fromEntries(own.map((name) => [name, schema(Math.max(depth - 1, 0))])),
            ...(chance(0.7) ? { required: some(own) } : {}),
            ...(chance(0.3) ? { additionalProperties: pick([false, false, true, schema(0)]) } : {}),
        };
    }
    function tagged(kind: string, depth: number): JsonSchema {
        const { properties, required = [] } = object(depth) as { properties: object; required?: readonly string[] };
        return {
            type: "object",
            properties: { ...properties, kind: { const: kind } },
            required: [...new Set([...required, "kind"])],
        };
    }
    /** The schema with a change somewhere in it. */
    function changed(value: unknown): unknown {
        if (typeof value === "number") return chance(0.5) ? value + pick([-1, 1]) : value;
        if (typeof value !== "object" || value === null || chance(0.2)) return value;
        if (Array.isArray(value)) {
            if (value.every((each) => typeof each === "string"))
                return chance(0.3) ? value.slice(1) : chance(0.3) ? [...value, pick(names)] : value;
            const at = whole(value.length - 1);
            return value.map((each, index) => (index === at ? changed(each) : each));
        }
        const entries = Object.entries(value);
        const [name] = pick(entries.length === 0 ? [["none", 0]] : entries) as [string, unknown];
        if (chance(0.1)) return Object.fromEntries(entries.filter(([each]) => each !== name));
        return Object.fromEntries(entries.map(([each, member]) => [each, each === name ? changed(member) : member]));
    }
    function value(depth: number): unknown {
        const scalar = () =>
            pick<unknown>(["a", "b", "ab", "aab", "", "abcde", 0, 1, 2, 3, 6, 0.5, 4.5, -1, null, true, false]);
        if (depth === 0 || chance(0.4)) return scalar();
        if (chance(0.3)) return Array.from({ length: whole(3) }, () => value(depth - 1));
        return Object.fromEntries(some(names).map((name) => [name, value(depth - 1)]));
    }
    /** A value that may well fit a schema, often only just. */
    function instance(of: unknown, depth: number): unknown {
        if (typeof of !== "object" || of === null || depth === 0) return value(1);
        const given = of as Record<string, unknown>;
        const number = (name: string, otherwise: number) => (typeof given[name] === "number" ? given[name] : otherwise);
        if ("const" in given) return given.const;
        if (Array.isArray(given.enum)) return pick(given.enum);
        const choices = given.anyOf ?? given.oneOf;
        if (Array.isArray(choices)) return instance(pick(choices), depth - 1);
        const type = Array.isArray(given.type) ? pick(given.type) : given.type;
        if (type === "string")
            return pick(["a", "b", "ab"])
                .repeat(5)
                .slice(0, number("minLength", 0) + whole(1));
        if (type === "number" || type === "integer") {
            return pick([
                number("minimum", 0),
                number("maximum", 6),
                number("exclusiveMinimum", -1) + 1,
                number("exclusiveMaximum", 7) - 1,
            ]);
        }
        if (type === "array") {
            const prefix: readonly unknown[] = Array.isArray(given.prefixItems) ? given.prefixItems : [];
            const length = pick([number("minItems", 0), Math.min(number("maxItems", 3), 3), prefix.length]);
            return Array.from({ length }, (_, at) => instance(prefix[at] ?? given.items, depth - 1));
        }
        if (type !== "object") return value(1);
        const required: readonly unknown[] = Array.isArray(given.required) ? given.required : [];
        const named = Object.entries((given.properties ?? {}) as object).filter(
            ([name]) => required.includes(name) || chance(0.4),
        );
        return Object.fromEntries(named.map(([name, member]) => [name, instance(member, depth - 1)]));
    }
    return { schema, object, changed, value, instance, chance };
}

/** The schema of those values that have no field which the schema does not name: what is taken for granted of records. */
function withNamedFieldsOnly(root: JsonSchema): JsonSchema {
    const inPlace = ["allOf", "anyOf", "oneOf"];
    const isObject = (value: unknown): value is JsonSchema =>
        typeof value === "object" && value !== null && !Array.isArray(value);
    const describing = ["type", "properties", "enum", "const", "$ref", ...inPlace];
    const mapped = (values: unknown) =>
        Object.fromEntries(Object.entries(values as object).map(([name, member]) => [name, place(member)]));
    /** A schema for a place of a value, and not a part of one. */
    const place = (schema: unknown): unknown =>
        isObject(schema) && describing.some((keyword) => keyword in schema)
            ? { allOf: [parts(schema)], unevaluatedProperties: false }
            : parts(schema);
    const parts = (schema: unknown): unknown => {
        if (!isObject(schema)) return schema;
        const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
            if (keyword === "properties" || keyword === "patternProperties") return [keyword, mapped(value)];
            if (keyword === "prefixItems") return [keyword, (value as unknown[]).map(place)];
            if (keyword === "items" || keyword === "additionalProperties") return [keyword, place(value)];
            if (inPlace.includes(keyword)) return [keyword, (value as unknown[]).map(parts)];
            if (keyword === "$defs")
                return [
                    keyword,
                    Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, parts(each)])),
                ];
            return [keyword, value];
        });
        return Object.fromEntries(entries);
    };
    const { $defs, ...own } = root;
    return { ...(place(own) as object), ...(parts({ $defs }) as object) };
}

function validator(schema: JsonSchema): ((value: unknown) => boolean) | undefined {
    try {
        const validate = new Ajv2020({ strict: false, validateSchema: false, logger: false }).compile({ ...schema });
        return (value) => validate(value) === true;
    } catch {
        return undefined;
    }
}

describe("any two schemas", function () {
    const pairs = Number(process.env.SORTLINE_SCHEMA_PAIRS ?? 600);
    this.timeout(60_000 + pairs * 100);
    it("that are said to be compatible take the same records", () => {
        const seed = Number(process.env.SORTLINE_SCHEMA_SEED ?? 1);
        const counts = { compatible: 0, breaking: 0, undecided: 0, records: 0 };
        for (let pair = 0; pair < pairs; pair++) {
            const generated = generator(new Random(seed * 1_000_003 + pair));
            const definitions = { $defs: { one: generated.schema(0), two: generated.object(2) } };
            const root = (): JsonSchema => ({ ...closed(generated.schema(2)), ...definitions });
            const from = root();
            let to = generated.chance(0.2) ? root() : from;
            for (let n = 0; n < 20 && JSON.stringify(to) === JSON.stringify(from); n++) {
                to = { ...(generated.changed(from) as JsonSchema), ...definitions };
            }
            const [fits, fitsNow, isNamed] = [validator(from), validator(to), validator(withNamedFieldsOnly(from))];
            if (JSON.stringify(from) === JSON.stringify(to)) continue;
            if (fits === undefined || fitsNow === undefined || isNamed === undefined) continue;
            const findings = breakingChanges(from, to);
            if (findings.length > 0) {
                counts[findings.some(({ certain }) => certain) ? "breaking" : "undecided"]++;
                continue;
            }
            counts.compatible++;
            for (let n = 0; n < 60; n++) {
                const record = n % 3 === 0 ? generated.value(3) : generated.instance(from, 4);
                if (!fits(record) || !isNamed(record)) continue;
                counts.records++;
                assert.ok(
                    fitsNow(record),
                    `seed ${seed}, pair ${pair}: ${JSON.stringify(record)} fits\n${JSON.stringify(from)}\nand not\n${JSON.stringify(to)}`,
                );
            }
        }
        assert.ok(counts.compatible > pairs / 40 && counts.breaking > pairs / 20, JSON.stringify(counts));
        assert.ok(counts.records > pairs, JSON.stringify(counts));
    });
});

function closed(schema: JsonSchema | boolean): JsonSchema {
    return typeof schema === "boolean" ? { not: { type: schema ? "null" : "string" } } : schema;
}
