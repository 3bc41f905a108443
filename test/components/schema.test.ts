import assert from "node:assert/strict";
import { build } from "esbuild";
import { z } from "zod";
import { schemaDigest } from "../../components/record-kind";
import { type Validator, violation } from "../../components/runtime/schema-check";
import { compileValidator, type RecordSchema, toJsonSchema } from "../../components/schema";

async function validator<T>(schema: RecordSchema<T>): Promise<Validator> {
    const contents = compileValidator(toJsonSchema(schema));
    const { outputFiles } = await build({
        stdin: { contents, resolveDir: __dirname },
        bundle: true,
        format: "esm",
        write: false,
    });
    // A module that is data has no folder: it can import nothing of a package.
    const code = encodeURIComponent(outputFiles[0]?.text ?? "");
    const module = (await import(`data:text/javascript,${code}`)) as { validate: Validator };
    return module.validate;
}

describe("a stream's schema", () => {
    it("is checked in the artefact without the library that it was written with", async () => {
        const validate = await validator(
            z.object({
                id: z.string().min(1).max(3),
                tags: z.array(z.enum(["a", "b"])).optional(),
                pair: z.literal("x").or(z.record(z.string(), z.number())),
                maybe: z.email().nullable(),
            }),
        );
        assert.equal(violation(validate, { id: "a", pair: "x", maybe: null }), undefined);
        assert.equal(violation(validate, { id: "a", pair: { n: 1 }, tags: ["b"], maybe: "a@b.de" }), undefined);
        assert.match(
            violation(validate, { pair: "x", maybe: null }) ?? "",
            /the datum must have required property 'id'/,
        );
        assert.match(
            violation(validate, { id: "abcd", pair: "x", maybe: "no" }) ?? "",
            /\/id must NOT have more than 3/,
        );
    });

    it("says all that is wrong without quoting the datum", async () => {
        const validate = await validator(z.object({ a: z.enum(["x"]), b: z.number() }));
        const problem = violation(validate, { a: "secret", b: "secret" }) ?? "";
        assert.match(problem, /\/a .*; \/b /);
        assert.doesNotMatch(problem, /secret/);
    });

    it("counts lengths as the schema library does", async () => {
        const schema = z.string().max(2);
        const validate = await validator(schema);
        for (const text of ["ab", "abc", "😀a", "😀ab"])
            assert.equal(validate(text), schema.safeParse(text).success, text);
    });

    it("tolerates fields that a newer producer adds, unless its author made the object strict", async () => {
        const open = await validator(z.object({ inner: z.object({ a: z.string() }) }));
        assert.equal(violation(open, { inner: { a: "", more: 1 }, other: 2 }), undefined);
        const strict = await validator(z.strictObject({ a: z.string() }));
        assert.match(violation(strict, { a: "", more: 1 }) ?? "", /additional properties/);
    });

    it("compiles recursive schemas and unique comparisons", async () => {
        const tree: z.ZodType<{ children: unknown[] }> = z.lazy(() => z.object({ children: z.array(tree) }));
        const validate = await validator(tree);
        assert.equal(violation(validate, { children: [{ children: [] }] }), undefined);
        assert.match(
            violation(validate, { children: [{ children: 1 }] }) ?? "",
            /\/children\/0\/children must be array/,
        );
    });

    it("is refused, by name, where JSON cannot hold it", () => {
        assert.throws(
            () => toJsonSchema(z.object({ at: z.date() })),
            /its schema cannot be expressed as JSON Schema: .*Date/,
        );
    });

    it("is refused where a keyword holds what it cannot, however deep", () => {
        const broken = { type: "object", properties: { a: { type: "string", minLength: "3" } } };
        assert.throws(() => compileValidator(broken), /minLength value must be \["number"\]/);
        assert.throws(() => compileValidator({ items: { type: "text" } }), /type must be JSONType.*: text/);
    });

    it("has a digest that changes with it", () => {
        const digest = (schema: RecordSchema<unknown>) => schemaDigest(toJsonSchema(schema));
        assert.equal(digest(z.object({ a: z.string() })), digest(z.object({ a: z.string() })));
        assert.notEqual(digest(z.object({ a: z.string() })), digest(z.object({ a: z.number() })));
    });
});
