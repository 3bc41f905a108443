import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { MAX_CLAIM_BYTES } from "../../../components/runtime/claim-check";
import type { Handle } from "../../../components/runtime/handle-records";
import { context, kind, raw, record, stageUnderTest, text } from "./stage-under-test";

const big = { text: `${"ü".repeat(600_000)} end` };
const sha256 = (data: string) => createHash("sha256").update(data).digest("hex");

describe("data that are too big for a record", () => {
    const { answers, objects, s3Calls, stage, put, setAside } = stageUnderTest();

    /** A record whose data are in the bucket of the stream, and where. */
    const claimed = (id: string, data: unknown, content = JSON.stringify(data)) => {
        const key = `claims/before/2026/01/31/${sha256(JSON.stringify(data))}.json`;
        objects.set(`/failures/${key}`, Buffer.from(content));
        return { key, record: record(id, undefined, { dataref: `s3://failures/${key}` }) };
    };
    const reasons = () => setAside().map(({ body }) => String(body.reason));

    it("go to the bucket of the stream that is written to, and a reference into the record", async () => {
        const own = stage({ handle: { mode: "record", handler: () => ({ ...big, id: "own" }) } });
        assert.deepEqual(await own({ Records: [record("a", { text: "1" })] }, context), { batchItemFailures: [] });
        const [written] = put();
        assert.ok(written !== undefined);
        const { data, dataref, id, datacontenttype } = written.envelope;
        assert.deepEqual(
            { data, id, datacontenttype },
            { data: undefined, id: "own", datacontenttype: "application/json" },
        );
        const json = JSON.stringify({ ...big, id: "own" });
        const today = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
        assert.equal(dataref, `s3://out-bucket/claims/upper/${today}/${sha256(json)}.json`);
        assert.equal(objects.get(String(dataref).replace("s3:/", ""))?.toString(), json);
    });

    it("travel in the record as long as it has 1 MiB at most, key included", async () => {
        const length = async (characters: number) => {
            const own = stage({ handle: { mode: "record", handler: () => ({ text: "x".repeat(characters) }) } });
            await own({ Records: [record("a", { text: "1" })] }, context);
            return put().pop()?.envelope;
        };
        const overhead = JSON.stringify(await length(0)).length + "a".length;
        assert.notEqual((await length(1_048_576 - overhead))?.data, undefined);
        assert.equal((await length(1_048_577 - overhead))?.data, undefined);
    });

    it("are there again for the next handler, one record's at a time", async () => {
        const { record: first } = claimed("a", big);
        const { record: second } = claimed("b", { text: "two" });
        const seen: unknown[] = [];
        const next = stage({
            into: undefined,
            handle: { mode: "record", handler: (datum) => void seen.push(datum, s3Calls().length) },
        });
        await next({ Records: [first, record("c", { text: "small" }), second] }, context);
        assert.deepEqual(seen, [big, 1, { text: "small" }, 1, { text: "two" }, 2]);
    });

    it("are there for a batch handler", async () => {
        const seen: unknown[] = [];
        const next = stage({
            into: undefined,
            handle: {
                mode: "batch",
                handler: (data) => {
                    seen.push(...data);
                    return data.map(() => undefined);
                },
            },
        });
        await next({ Records: [claimed("a", big).record, record("b", { text: "small" })] }, context);
        assert.deepEqual(seen, [big, { text: "small" }]);
    });

    it("must fit the schema like others", async () => {
        await stage({})({ Records: [claimed("a", { text: 5 }).record] }, context);
        assert.match(reasons()[0] ?? "", /does not fit the schema: \/text must be string/);
    });

    it("are kept with the record when it is rejected, beside the reference", async () => {
        const { record: one, key } = claimed("a", { text: 5 });
        await stage({})({ Records: [one] }, context);
        const [kept] = setAside().map(({ body }) => body.record as Record<string, unknown>);
        assert.deepEqual(kept?.data, { text: 5 });
        assert.equal(kept?.dataref, `s3://failures/${key}`);
    });

    it("are the record's own where it has both", async () => {
        await stage({})({ Records: [record("a", { text: "here" }, { dataref: "s3://elsewhere/x" })] }, context);
        assert.deepEqual(put()[0]?.envelope.data, { text: "here" });
        assert.equal(s3Calls().length, 0);
    });

    it("are rejected when they are gone, or no longer what was written", async () => {
        const { record: gone, key } = claimed("a", big);
        objects.delete(`/failures/${key}`);
        const { record: changed } = claimed("b", { text: "as written" }, '{"text":"as changed"}');
        await stage({})({ Records: [gone, changed, record("c", { text: "good" })] }, context);
        assert.match(reasons()[0] ?? "", /no longer in the bucket/);
        assert.match(reasons()[1] ?? "", /not those that were written/);
        assert.equal(put().length, 1);
    });

    it("are never read from where a producer pleases", async () => {
        const digest = sha256("x");
        const elsewhere = [
            `s3://other/claims/s/2026/01/31/${digest}.json`,
            `s3://failures.other/claims/s/2026/01/31/${digest}.json`,
            `s3://failures/rejected/s/2026/01/31/${digest}.json`,
            `s3://failures/claims/../rejected/2026/01/31/${digest}.json`,
            `s3://failures/claims/s/2026/01/31/${digest}.json?versionId=1`,
            `s3://failures/claims/s/2026/01/31/${digest}.json\n`,
            `s3://failures@other/claims/s/2026/01/31/${digest}.json`,
            "http://169.254.169.254/latest/meta-data/",
            "file:///etc/passwd",
        ];
        const event = { Records: elsewhere.map((dataref, index) => record(`r${index}`, undefined, { dataref })) };
        assert.deepEqual(await stage({})(event, context), { batchItemFailures: [] });
        assert.ok(s3Calls().every(({ operation }) => operation.startsWith("PUT")));
        assert.equal(reasons().length, elsewhere.length);
        for (const reason of reasons()) assert.match(reason, /leads out of the stream's own claims/);
    });

    it("are asked for again later when S3 cannot be read, and what came before goes on", async () => {
        for (const mode of ["record", "batch"] as const) {
            const { record: one } = claimed("b", big);
            answers.s3 = () => ({ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" });
            const seen: unknown[] = [];
            const handler = (data: unknown) => {
                seen.push(...(Array.isArray(data) ? data : [data]));
                return data;
            };
            const event = { Records: [record("a", { text: "1" }), one, record("c", { text: "3" })] };
            const response = await stage({ handle: { mode, handler } as Handle })(event, context);
            assert.deepEqual(response, { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
            assert.deepEqual(seen, [{ text: "1" }], mode);
            assert.deepEqual(put().pop()?.envelope.id, "a", mode);
        }
        assert.equal(setAside().length, 0);
    });

    it("are asked for again later when they cannot be written", async () => {
        answers.s3 = () => ({ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" });
        const handler = stage({
            handle: { mode: "record", handler: (datum) => ((datum as { text: string }).text === "b" ? big : datum) },
        });
        const event = { Records: ["a", "b"].map((id) => record(id, { text: id })) };
        assert.deepEqual(await handler(event, context), { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
        assert.equal(put().length, 1);
    });

    it("are rejected when they are larger than 64 MiB, read or written", async () => {
        const huge = stage({
            handle: { mode: "record", handler: () => ({ text: "x".repeat(MAX_CLAIM_BYTES) }) },
            into: { streamName: "out", bucket: "out-bucket", kind, validate: text },
        });
        await huge({ Records: [record("a", { text: "1" })] }, context);
        assert.match(reasons()[0] ?? "", /too large: 671088\d\d bytes of JSON, at most 67108864/);
        const { record: read, key } = claimed("b", {});
        objects.set(`/failures/${key}`, Buffer.alloc(MAX_CLAIM_BYTES + 1));
        await huge({ Records: [read] }, context);
        assert.match(reasons()[1] ?? "", /too large: more than 67108864 bytes/);
        assert.equal(put().length, 0);
    });

    it("do not make up for an id that is too long for a record", async () => {
        const id = "i".repeat(1_048_576);
        const own = stage({ handle: { mode: "record", handler: () => ({ text: "x", id }) } });
        await own({ Records: [record("a", { text: "1" })] }, context);
        assert.match(reasons()[0] ?? "", /id is too long/);
    });

    it("are missing in a record with neither data nor reference", async () => {
        await stage({})({ Records: [raw("a", '{"specversion":"1.0","id":"a","dataref":5}')] }, context);
        assert.match(reasons()[0] ?? "", /needs specversion, id and data \(or dataref\)/);
    });
});
