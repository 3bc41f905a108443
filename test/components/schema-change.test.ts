import assert from "node:assert/strict";
import { z } from "zod";
import { type JsonSchema, type RecordSchema, toJsonSchema } from "../../components/schema";
import { breakingChanges } from "../../components/schema-change/compare";

const json = (schema: RecordSchema<unknown> | JsonSchema): JsonSchema =>
    "~standard" in schema ? toJsonSchema(schema as RecordSchema<unknown>) : schema;

/** What breaks, a line a finding; what cannot be decided begins with a question mark. */
const changes = (from: RecordSchema<unknown> | JsonSchema, to: RecordSchema<unknown> | JsonSchema) =>
    breakingChanges(json(from), json(to)).map(
        ({ path, change, certain }) => `${certain ? "" : "? "}${path}: ${change}`,
    );

const object = z.object;
const tree = (leaf: z.ZodType) => {
    const Tree: z.ZodType = z.object({
        leaf,
        get kids() {
            return z.array(Tree);
        },
    });
    return Tree;
};

describe("a change of a stream's schema", () => {
    const compatible: Record<string, [z.ZodType, z.ZodType]> = {
        "the same": [
            object({ a: z.string(), b: z.array(z.number()) }),
            object({ a: z.string(), b: z.array(z.number()) }),
        ],
        "another order and descriptions": [
            object({ a: z.string(), b: z.number() }),
            object({ b: z.number().describe("x"), a: z.string() }),
        ],
        "a further optional field": [object({ a: z.string() }), object({ a: z.string(), b: z.number().optional() })],
        "a field less": [object({ a: z.string(), b: z.number() }), object({ a: z.string() })],
        "optional instead of required": [object({ a: z.string() }), object({ a: z.string().optional() })],
        "null as well": [object({ a: z.string() }), object({ a: z.string().nullable() })],
        "any number instead of a whole one": [z.int(), z.number()],
        "wider numbers": [z.number().min(3).lt(5), z.number().gt(2).max(5)],
        "longer texts": [z.string().min(2).max(5), z.string().min(1).max(10)],
        "no pattern any more": [z.string().regex(/a/), z.string()],
        "fewer patterns": [z.string().startsWith("a").regex(/b/), z.string().regex(/b/)],
        "no format any more": [object({ e: z.email() }), object({ e: z.string() })],
        "a further value": [z.enum(["a", "b"]), z.enum(["a", "b", "c"])],
        "any text instead of some values": [z.enum(["a", "b"]), z.string().min(1)],
        "a further alternative": [z.union([z.string(), z.int()]), z.union([z.boolean(), z.string(), z.number()])],
        "a further kind of event": [
            z.discriminatedUnion("kind", [object({ kind: z.literal("a"), x: z.number() })]),
            z.discriminatedUnion("kind", [
                object({ kind: z.literal("b") }),
                object({ kind: z.literal("a"), x: z.number() }),
            ]),
        ],
        "kinds instead of a field with values": [
            object({ kind: z.enum(["a", "b"]), x: z.number() }),
            z.discriminatedUnion("kind", [
                object({ kind: z.literal("a") }),
                object({ kind: z.literal("b"), x: z.number() }),
            ]),
        ],
        "true and false instead of both": [z.boolean(), z.union([z.literal(true), z.literal(false)])],
        "a few whole numbers as values": [z.int().min(1).max(3), z.literal([1, 2, 3, 4])],
        "a list instead of a tuple": [z.tuple([z.string(), z.string()]), z.array(z.string()).min(1)],
        "a tuple with a rest": [z.tuple([z.string(), z.number()]), z.tuple([z.string()], z.number())],
        "a record instead of its fields": [
            z.strictObject({ a: z.number(), b: z.number().optional() }),
            z.record(z.string(), z.number()),
        ],
        "wider values of a record": [z.record(z.string(), z.int()), z.record(z.string(), z.number().nullable())],
        "a recursive schema that is widened": [tree(z.int()), tree(z.number())],
        "a recursive schema instead of two levels": [
            object({ leaf: z.string(), kids: z.array(object({ leaf: z.string(), kids: z.array(z.never()) })) }),
            tree(z.string()),
        ],
        "an open object instead of a strict one": [z.strictObject({ a: z.string() }), object({ a: z.string() })],
        "a multiple of a part": [z.int().multipleOf(6), z.int().multipleOf(3)],
        anything: [object({ a: z.string() }), z.any()],
    };
    for (const [what, [from, to]] of Object.entries(compatible)) {
        it(`is compatible: ${what}`, () => assert.deepEqual(changes(from, to), []));
    }

    const breaking: Record<string, [z.ZodType, z.ZodType, readonly string[]]> = {
        "optional to required": [
            object({ customer: object({ age: z.number().optional() }) }),
            object({ customer: object({ age: z.number() }) }),
            ["data.customer.age: was optional, is required"],
        ],
        "a further required field": [object({}), object({ b: z.string() }), ["data.b: is new and required"]],
        "another type, in a list": [
            object({ lines: z.array(object({ sku: z.string() })) }),
            object({ lines: z.array(object({ sku: z.number() })) }),
            ["data.lines[].sku: was text, is a number"],
        ],
        "all at once": [
            object({ a: z.number(), b: z.string().max(10), c: z.array(z.string()) }),
            object({ a: z.int(), b: z.string().min(1).max(5), c: z.array(z.string()).min(1) }),
            [
                "data.a: was a number, is a whole number",
                "data.a: its minimum was none, is -9007199254740991",
                "data.a: its maximum was none, is 9007199254740991",
                "data.b: had at least 0 characters, has 1",
                "data.b: had at most 10 characters, has 5 characters",
                "data.c: had at least 0 items, has 1",
            ],
        ],
        "no null any more": [z.string().nullable(), z.string(), ["data: null was allowed, is not"]],
        "a value less": [
            object({ state: z.enum(["new", "old", "gone"]) }),
            object({ state: z.enum(["new"]) }),
            ['data.state: "old", "gone" were allowed, are not'],
        ],
        "some values instead of any text": [z.string(), z.enum(["a"]), ['data: was any string, is "a"']],
        "a narrower range": [
            z.number().max(10),
            z.number().lt(10),
            ["data: its maximum was 10, is 10 (itself excluded)"],
        ],
        "a pattern": [z.string(), z.string().regex(/^a$/), ['data: has to match another pattern, "^a$"']],
        "a multiple": [z.int(), z.int().multipleOf(2), ["data: has to be a multiple of 2"]],
        "a tuple of fewer items": [
            z.tuple([z.string(), z.number()]),
            z.tuple([z.string()]),
            ["data: had at most 2 items, has 1 items", "data[1]: was allowed, is not"],
        ],
        "an item of a tuple": [
            z.tuple([z.string(), z.number()]),
            z.tuple([z.string(), z.boolean()]),
            ["data[1]: was a number, is true or false"],
        ],
        "values of a record": [
            z.record(z.string(), z.number()),
            z.record(z.string(), z.string()),
            ["data.*: was a number, is text"],
        ],
        "names of a record": [
            z.partialRecord(z.enum(["a", "b"]), z.number()),
            z.partialRecord(z.enum(["a"]), z.number()),
            ["data: has fields whose names may not be allowed any more"],
        ],
        "a strict object": [
            object({ a: z.string() }),
            z.strictObject({ a: z.string() }),
            ["data: was open to further fields, is closed"],
        ],
        "a strict object without one of its fields": [
            z.strictObject({ a: z.string(), b: z.string().optional() }),
            z.strictObject({ a: z.string() }),
            ["data.b: was allowed, is not"],
        ],
        "a field of an object that was loose on purpose": [
            z.looseObject({}),
            z.looseObject({ a: z.string().optional() }),
            [
                "data.a: was a number, is text",
                "data.a: false, true were allowed, are not",
                "data.a: null was allowed, is not",
                "data.a: was a list, is text",
                "data.a: was an object, is text",
            ],
        ],
        "an alternative less": [
            z.union([z.string(), z.number()]),
            z.union([z.string(), z.boolean()]),
            ["data: was a number, is text or true or false"],
        ],
        "a kind of event that has changed": [
            z.discriminatedUnion("kind", [object({ kind: z.literal("a") }), object({ kind: z.literal("b") })]),
            z.discriminatedUnion("kind", [
                object({ kind: z.literal("a"), x: z.number() }),
                object({ kind: z.literal("b") }),
            ]),
            ["data.x: is new and required"],
        ],
        "a kind of event less": [
            z.discriminatedUnion("kind", [object({ kind: z.literal("a") }), object({ kind: z.literal("b") })]),
            z.discriminatedUnion("kind", [object({ kind: z.literal("b") })]),
            ['data.kind: "a" was allowed, is not'],
        ],
        "a recursive schema": [
            tree(z.string()),
            tree(z.number()),
            ["data.leaf: was text, is a number", "data.kids[].leaf: was text, is a number"],
        ],
        "nothing any more": [
            object({ a: z.string().optional() }),
            object({ a: z.never().optional() }),
            ["data.a: was allowed, is not"],
        ],
    };
    for (const [what, [from, to, expected]] of Object.entries(breaking)) {
        it(`breaks: ${what}`, () => assert.deepEqual(changes(from, to), expected));
    }

    it("is compatible one way only", () => {
        for (const [what, [from, to]] of Object.entries(compatible)) {
            const same = [
                "the same",
                "another order and descriptions",
                // A field that no schema names is taken to be in no record.
                "a further optional field",
                "a field less",
                "true and false instead of both",
            ];
            if (!same.includes(what)) assert.notDeepEqual(changes(to, from), [], what);
        }
    });

    it("is undecided, and says so, where there is no rule for it", () => {
        assert.deepEqual(changes(z.string().regex(/^a+$/), z.string().regex(/^a*$/)), [
            '? data: has to match another pattern, "^a*$"',
        ]);
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        const conditional = { type: "object", if: { required: ["a"] }, then: { required: ["b"] } };
        assert.deepEqual(changes({ type: "object" }, conditional), [
            "? data: has rules that cannot be compared (if, then)",
        ]);
        assert.deepEqual(changes({ ...conditional, minProperties: 2 }, conditional), []);
        assert.deepEqual(
            changes(
                { type: "object", unevaluatedProperties: false },
                { type: "object", required: ["a"], unevaluatedProperties: false },
            ),
            ["? data: has rules that cannot be compared (unevaluatedProperties)", "? data.a: is new and required"],
        );
        assert.deepEqual(
            changes({ not: { type: "string" } }, { not: { type: ["string", "number"] } }).every((line) =>
                line.startsWith("?"),
            ),
            true,
        );
        assert.deepEqual(changes({}, { $ref: "https://example.com/schema" }), [
            '? data: refers to "https://example.com/schema", which is not in the schema',
            "? data: has a schema that cannot be used",
        ]);
        const overlapping = { oneOf: [{ type: "string" }, { minLength: 3, type: "string" }] };
        assert.deepEqual(changes({ type: "string", maxLength: 9 }, overlapping), [
            "? data: may fit more than one of the alternatives, of which it has to fit one",
        ]);
        const wide = (n: number) => ({
            allOf: Array.from({ length: 9 }, (_, i) => ({
                anyOf: [{ required: [`a${i}`] }, { required: [`b${i + n}`] }],
            })),
        });
        assert.deepEqual(changes(wide(0), wide(1)), ["? data: has too many alternatives to be compared"]);
    });
});
