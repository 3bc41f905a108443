import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { EventStream, type RecordFilter } from "../../components";
import { type Deployment, mockDeployment } from "./deployment";

const Item: z.ZodType<{ name: string; parts?: unknown[] }> = z.object({
    name: z.string(),
    get parts() {
        return z.array(Item).optional();
    },
});
const Order = z.object({
    id: z.string(),
    kind: z.enum(["retail", "trade"]),
    amount: z.number().nullable(),
    customer: z.object({ country: z.string().optional() }).optional(),
    payment: z.union([z.object({ card: z.string() }), z.object({ days: z.number() })]),
    lines: z.array(z.object({ article: z.string() })),
    counts: z.record(z.string(), z.number()),
    extra: z.unknown(),
    item: Item,
});

describe("a stage's filter", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    function problemsOf(filter: unknown): string {
        const orders = new EventStream("orders", { schema: Order });
        try {
            orders.stage("sort", { filter: filter as RecordFilter<z.infer<typeof Order>> }, async () => {});
        } catch (error) {
            return (error as Error).message;
        }
        return "";
    }

    it("is Lambda's, and lets records pass whose data it cannot see", async () => {
        const orders = new EventStream("orders", { schema: Order });
        const filter = { kind: ["retail"], amount: [{ numeric: [">", 0] }] } as const;
        orders.stage("sort", { filter }, async () => {});
        orders.stage("all", {}, async () => {});
        await deployment.settled();
        const { filters } = deployment.named("sort-mapping").inputs.filterCriteria as {
            filters: { pattern: string }[];
        };
        assert.deepEqual(
            filters.map(({ pattern }) => JSON.parse(pattern)),
            [{ data: { data: filter } }, { data: { dataref: [{ exists: true }] } }],
        );
        assert.equal(deployment.named("all-mapping").inputs.filterCriteria, undefined);
    });

    it("names the fields of the records, wherever they are", async () => {
        const fields = [
            { customer: { country: ["DE"] } },
            { payment: { card: ["x"] }, lines: { article: ["a"] } },
            { payment: { days: [3] }, counts: { any: [1] }, extra: { what: { ever: [true] } } },
            { item: { parts: { parts: { name: ["bolt"] } } } },
        ];
        for (const filter of fields) assert.equal(problemsOf(filter), "");
        await deployment.settled();
    });

    it("says all that is wrong at once, by path", () => {
        const message = problemsOf({
            knid: ["retail"],
            kind: "retail",
            amount: [],
            customer: { town: ["Ulm"], country: [{ prefix: "" }, { contains: "D" }, { exists: "no" }, undefined] },
            item: { parts: { nmae: ["x"] } },
            lines: { article: [{ "anything-but": ["a", 1] }, { prefix: "a", suffix: "b" }] },
            payment: { days: [{ numeric: ["<", 1, ">", 0] }, { numeric: [">", 5, "<", 5] }, { numeric: [">", 6e9] }] },
            $or: [{ kind: ["trade"] }],
        });
        assert.match(message, /^LambdaStage "sort": /);
        const rule = "must be a text, a number, true, false, null, or an object with one of exists, prefix, suffix";
        for (const problem of [
            "filter.knid is no field of the records",
            'filter.kind is "retail", no object; give fields with lists of what they may be',
            "filter.amount is empty",
            "filter.customer.town is no field of the records",
            'filter.customer.country[0] is {"prefix":""}; it must have a text in prefix',
            `filter.customer.country[1] is {"contains":"D"}; it ${rule}`,
            'filter.customer.country[2] is {"exists":"no"}; it must say exists: true or exists: false',
            `filter.customer.country[3] is undefined; it ${rule}`,
            "filter.item.parts.nmae is no field of the records",
            'filter.lines.article[0] is {"anything-but":["a",1]}; it must have a text, a number, or a list of either',
            `filter.lines.article[1] is {"prefix":"a","suffix":"b"}; it ${rule}`,
            'filter.payment.days[0] is {"numeric":["<",1,">",0]}; it must have a comparison and a number in numeric',
            'filter.payment.days[1] is {"numeric":[">",5,"<",5]}; it has a range in numeric that no number is in',
            'filter.payment.days[2] is {"numeric":[">",6000000000]}; it must have a comparison and a number in numeric',
            'filter.$or is [{"kind":["trade"]}]; it must be a list of two or more filters',
        ]) {
            assert.ok(message.includes(problem), `${problem}\nin: ${message}`);
        }
        assert.match(
            problemsOf({ $or: [{ counts: { prefix: [1] } }, { extra: { $or: [{ prefix: ["x"] }, { a: [1] }] } }] }),
            /^LambdaStage "sort": filter\.\$or\[1\]\.extra\.\$or\[0\]\.prefix cannot stand in \$or: [^;]+\.$/,
        );
        assert.match(problemsOf({}), /filter is empty; name a field, or leave it out/);
        assert.match(problemsOf([{ kind: ["retail"] }]), /filter is a list, no object/);
        assert.match(
            problemsOf({ item: { name: ["x".repeat(4096)] } }),
            /filter has 41\d\d characters .* at most 4096/,
        );
    });

    it("compares no field with what it never holds", () => {
        const message = problemsOf({
            customer: ["DE"],
            lines: [{ exists: false }],
            item: { parts: ["bolt"] },
            payment: { days: ["30", { prefix: "3" }, 30], card: [null] },
            amount: [null, true],
            extra: ["anything", 1],
            counts: { any: [{ numeric: ["=", 1] }, "1"] },
            id: [{ numeric: [">", 1] }, { exists: false }, { "anything-but": "x" }],
        });
        const problems = message.replace(/^LambdaStage "sort": |\.$/g, "").split(/; (?=filter)/);
        const holdsObjects =
            "is compared, but the field holds objects; give a filter of their fields, such as { name: [ … ] }";
        assert.deepEqual(problems, [
            `filter.customer ${holdsObjects}`,
            `filter.lines ${holdsObjects}`,
            `filter.item.parts ${holdsObjects}`,
            'filter.payment.days[0] is "30"; it fits nothing, since the field holds number',
            'filter.payment.days[1] is {"prefix":"3"}; it fits nothing, since the field holds number',
            "filter.payment.card[0] is null; it fits nothing, since the field holds text",
            "filter.amount[1] is true; it fits nothing, since the field holds number or null",
            'filter.counts.any[1] is "1"; it fits nothing, since the field holds number',
            'filter.id[0] is {"numeric":[">",1]}; it fits nothing, since the field holds text',
        ]);
    });

    it("ends somewhere, and is known when the program runs", () => {
        const circle: Record<string, unknown> = {};
        circle.extra = circle;
        assert.match(problemsOf({ extra: circle }), /filter\.extra\.extra holds itself; a filter must end somewhere/);
        const later = pulumi.output("retail");
        const message = problemsOf({
            kind: [later],
            id: later,
            item: { name: [{ prefix: later }] },
            extra: { n: [1n] },
        });
        for (const problem of [
            "filter.kind[0] is an Output; it must be a text, a number",
            "filter.id is an Output, no object; give fields with lists of what they may be; it must be known when",
            'filter.item.name[0] is {"prefix":"an Output"}; it must have a text in prefix',
            "filter.extra.n[0] is 1n; it must be a text, a number",
        ]) {
            assert.ok(message.includes(problem), `${problem}\nin: ${message}`);
        }
    });
});
