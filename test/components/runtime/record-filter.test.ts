import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { passes } from "../../../components/runtime/record-filter";
import { passesFilters } from "../../../local/aws/lambda/event-source-mappings/filter";
import { context, record, stageUnderTest } from "./stage-under-test";

const order = {
    kind: "retail",
    amount: 10,
    paid: true,
    note: null,
    tags: ["urgent", "gift"],
    none: [],
    nested: [["deep"]],
    customer: { country: "DE" },
    lines: [
        { article: "a", count: 1, gift: true },
        { article: "b", count: 5 },
    ],
};

type Case = readonly [filter: Parameters<typeof passes>[0], passes: boolean];

/** By AWS's documentation of Lambda's filters and, for what that leaves open, of EventBridge's patterns. */
const cases: Readonly<Record<string, readonly Case[]>> = {
    "a value": [
        [{ kind: ["trade", "retail"] }, true],
        [{ kind: ["Retail"] }, false],
        [{ amount: [10] }, true],
        [{ amount: ["10"] }, false],
        [{ paid: [true] }, true],
        [{ note: [null] }, true],
        [{ missing: [null] }, false],
    ],
    "several fields": [
        [{ kind: ["retail"], paid: [true] }, true],
        [{ kind: ["retail"], paid: [false] }, false],
    ],
    "beginning and end": [
        [{ kind: [{ prefix: "re" }] }, true],
        [{ kind: [{ suffix: "ail" }] }, true],
        [{ kind: [{ prefix: "tail" }] }, false],
        [{ amount: [{ prefix: "1" }] }, false],
    ],
    "equality without case": [
        [{ kind: [{ "equals-ignore-case": "RETAIL" }] }, true],
        [{ amount: [{ "equals-ignore-case": "10" }] }, false],
    ],
    "anything but": [
        [{ kind: [{ "anything-but": "trade" }] }, true],
        [{ kind: [{ "anything-but": ["trade", "retail"] }] }, false],
        [{ missing: [{ "anything-but": "x" }] }, false],
        [{ amount: [{ "anything-but": 10 }] }, false],
    ],
    numbers: [
        [{ amount: [{ numeric: ["=", 10] }] }, true],
        [{ amount: [{ numeric: [">", 10] }] }, false],
        [{ amount: [{ numeric: [">=", 10, "<", 11] }] }, true],
        [{ amount: [{ numeric: [">", 0, "<=", 9.5] }] }, false],
        [{ amount: [{ numeric: ["<", 10] }] }, false],
        [{ amount: [{ numeric: ["<=", 10] }] }, true],
        [{ kind: [{ numeric: [">", 0] }] }, false],
    ],
    presence: [
        [{ note: [{ exists: true }] }, true],
        [{ missing: [{ exists: false }] }, true],
        [{ missing: [{ exists: true }] }, false],
        [{ constructor: [{ exists: true }] }, false],
        [{ customer: { city: [{ exists: false }] } }, true],
        [{ missing: { city: [{ exists: false }] } }, true],
    ],
    "fields of objects": [
        [{ customer: { country: ["DE"] } }, true],
        [{ customer: { country: ["FR"] } }, false],
        [{ kind: { country: ["DE"] } }, false],
    ],
    lists: [
        [{ tags: ["gift"] }, true],
        [{ tags: ["late"] }, false],
        [{ tags: [{ "anything-but": "gift" }] }, true],
        [{ none: [{ exists: true }] }, false],
        [{ lines: { article: ["b"], count: [5] } }, true],
        [{ lines: { gift: [true] } }, true],
        [{ nested: ["deep"] }, true],
        // One of them has it.
        [{ lines: { gift: [{ exists: false }] } }, false],
        [{ none: { gift: [{ exists: false }] } }, true],
        [{ lines: { colour: [{ exists: false }], count: [5] } }, true],
        // Not the article of one item with the count of another.
        [{ lines: { article: ["a"], count: [5] } }, false],
    ],
    alternatives: [
        [{ $or: [{ kind: ["trade"] }, { paid: [true] }] }, true],
        [{ $or: [{ kind: ["trade"] }, { paid: [false] }] }, false],
        [{ kind: ["retail"], $or: [{ paid: [false] }, { customer: { country: ["DE"] } }] }, true],
        [{ kind: ["trade"], $or: [{ paid: [true] }, { amount: [10] }] }, false],
    ],
};

describe("a filter, as a stage itself applies it,", () => {
    for (const [what, each] of Object.entries(cases)) {
        it(`judges ${what} as Lambda does on the twin`, () => {
            for (const [filter, expected] of each) {
                const told = JSON.stringify(filter);
                assert.equal(passes(filter, order), expected, told);
                const patterns = [JSON.stringify({ data: { data: filter } })];
                const envelope = Buffer.from(JSON.stringify({ data: order }));
                assert.equal(passesFilters(patterns, envelope), expected, `on the twin: ${told}`);
            }
        });
    }

    it("finds no field in what is no object", () => {
        for (const datum of [undefined, null, "text", 3, []]) assert.equal(passes({ kind: ["retail"] }, datum), false);
    });
});

describe("a stage with a filter", () => {
    const { stage, objects, put, setAside, s3Calls } = stageUnderTest();
    const filter = { sort: ["letter"] };
    const claim = (id: string, datum: object) => {
        const bytes = Buffer.from(JSON.stringify(datum));
        const digest = createHash("sha256").update(bytes).digest("hex");
        const key = `claims/intake/2026/01/02/${digest}.json`;
        objects.set(`/failures/${key}`, bytes);
        return record(id, undefined, { dataref: `s3://failures/${key}` });
    };

    for (const mode of ["record", "batch"] as const) {
        it(`judges data that a record only refers to, in ${mode} mode`, async () => {
            const seen: unknown[] = [];
            const one = (datum: unknown) => {
                seen.push(datum);
                return datum;
            };
            const handle =
                mode === "record"
                    ? { mode, handler: one }
                    : { mode, handler: (data: readonly unknown[]) => data.map(one) };
            const letter = { sort: "letter", text: "dear" };
            const event = {
                Records: [
                    claim("other", { sort: "parcel", text: "x" }),
                    claim("letter", letter),
                    record("plain", letter),
                ],
            };
            assert.deepEqual(await stage({ handle, filter })(event, context), { batchItemFailures: [] });
            assert.deepEqual(seen, [letter, letter]);
            assert.deepEqual(
                put().map(({ envelope }) => envelope.id),
                ["letter", "plain"],
            );
            assert.equal(s3Calls().length, 2);
        });
    }

    it("passes over what another than Lambda hands to it, without a failure, whatever the schema says of it", async () => {
        const event = { Records: [record("parcel", { sort: "parcel", text: 3 })] };
        assert.deepEqual(await stage({ filter })(event, context), { batchItemFailures: [] });
        assert.deepEqual(put(), []);
        assert.deepEqual(setAside(), []);
    });

    it("passes over what is no envelope, as Lambda does, and says so to a redrive or replay", async () => {
        const raw = (id: string, text: string) => {
            const one = record(id, {});
            return { ...one, kinesis: { ...one.kinesis, data: Buffer.from(text).toString("base64") } };
        };
        const others = [raw("no-json", "hello"), raw("no-data", "{}"), raw("parcel", '{"data":{"sort":"parcel"}}')];
        const own = [raw("letter", '{"data":{"sort":"letter"}}'), raw("elsewhere", '{"dataref":"s3://failures/x"}')];
        const answer = await stage({ filter })({ Records: [...others, ...own], reportRejections: true }, context);
        assert.deepEqual(
            answer.filtered,
            others.map(({ kinesis }) => kinesis.sequenceNumber),
        );
        assert.equal(answer.rejections?.length, 2);
        assert.equal(setAside().length, 2);
    });

    it("rejects what passes and does not fit the schema", async () => {
        await stage({ filter })({ Records: [record("wrong", { sort: "letter", text: 3 })] }, context);
        assert.equal(setAside().length, 1);
    });
});
