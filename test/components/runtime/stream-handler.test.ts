import assert from "node:assert/strict";
import { RejectRecord } from "../../../components/runtime/reject-record";
import { input } from "../aws-server";
import { context, kind, parentId, raw, record, stageUnderTest, text, traceId } from "./stage-under-test";

describe("the handler of a stage", () => {
    const { answers, printed, kinesisCalls, s3Calls, stage, put, setAside } = stageUnderTest();

    it("writes what the handler returns, in order, in envelopes", async () => {
        const handler = stage({
            handle: { mode: "record", handler: (datum) => ({ text: (datum as { text: string }).text.toUpperCase() }) },
        });
        const event = { Records: [record("a", { text: "one" }), record("b", { text: "two" })] };
        assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
        const [first, second] = put();
        assert.equal(first?.key, "a");
        const { time, traceparent, ...envelope } = first?.envelope ?? {};
        assert.deepEqual(envelope, {
            specversion: "1.0",
            id: "a",
            source: "/test/upper",
            type: "letters",
            dataschema: "urn:sortline:letters:1",
            datacontenttype: "application/json",
            data: { text: "ONE" },
        });
        assert.match(String(traceparent), new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
        assert.ok(!String(traceparent).includes(parentId), "a span of its own");
        assert.ok(!Number.isNaN(Date.parse(String(time))));
        assert.deepEqual(second?.envelope.data, { text: "TWO" });
    });

    it("drops a record for undefined and numbers the records of an array", async () => {
        const handler = stage({
            handle: {
                mode: "record",
                handler: (datum) =>
                    (datum as { text: string }).text === "drop"
                        ? undefined
                        : [{ text: "x" }, { id: "own", text: "y" }, undefined, { text: "z" }],
            },
        });
        await handler({ Records: [record("a", { text: "drop" }), record("b", { text: "make" })] }, context);
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            ["b/0", "own", "b/3"],
        );
    });

    it("takes the partition key from the stream's callback", async () => {
        const handler = stage({
            into: {
                streamName: "out",
                bucket: "out-bucket",
                kind,
                validate: text,
                partitionBy: (datum) => (datum as { text: string }).text,
            },
        });
        const long = "k".repeat(300);
        await handler({ Records: [record("a", { text: "thread" }), record("b", { text: long })] }, context);
        assert.equal(put()[0]?.key, "thread");
        assert.match(put()[1]?.key ?? "", /^[0-9a-f]{64}$/);
    });

    it("says what the stream's callback returned instead of a partition key, and tries again", async () => {
        const kinds = new Map<unknown, string>([
            [undefined, "undefined"],
            [null, "object"],
            ["", "an empty string"],
            [4711, "number"],
            [Promise.resolve("key"), "object"],
            [{ Meier: 1 }, "object"],
        ]);
        for (const [key, returned] of kinds) {
            printed.length = 0;
            const partitionBy = (datum: unknown) =>
                ((datum as { text: string }).text === "bad" ? key : "key") as string;
            const handler = stage({
                into: { streamName: "out", bucket: "out-bucket", kind, validate: text, partitionBy },
            });
            const event = { Records: [record("a", { text: "good" }), record("b", { text: "bad" })] };
            assert.deepEqual(await handler(event, context), { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
            const message = `partitionBy of the stream letters returned ${returned} in the stage upper, not a text of some length.`;
            const line = printed.find((each) => each.includes("record-failed")) ?? "";
            assert.ok(line.includes(JSON.stringify({ error: "ResultError", message }).slice(1, -1)), line);
            assert.doesNotMatch(printed.join(), /4711|Meier/);
        }
        assert.deepEqual([put().length, setAside().length], [kinds.size, 0]);
    });

    it("sets a rejected record aside with its reason and goes on", async () => {
        const handler = stage({
            handle: {
                mode: "record",
                handler: (datum) => {
                    if ((datum as { text: string }).text === "bad") throw new RejectRecord("It cannot be read.");
                    return datum;
                },
            },
        });
        const bad = record("b", { text: "bad" });
        const event = { Records: [record("a", { text: "1" }), bad, record("c", { text: "2" })] };
        assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            ["a", "c"],
        );
        const [object, ...others] = setAside();
        assert.equal(others.length, 0);
        assert.match(object?.path ?? "", /^\/failures\/rejected\/upper\/\d{4}\/\d\d\/\d\d\/b-[0-9a-f]{12}\.json$/);
        const { rejectedAt, ...body } = object?.body ?? {};
        assert.ok(!Number.isNaN(Date.parse(String(rejectedAt))));
        assert.deepEqual(body, {
            stage: "upper",
            reason: "It cannot be read.",
            received: { eventID: "shardId-0:b" },
            record: JSON.parse(Buffer.from(bad.kinesis.data, "base64").toString()),
        });
    });

    it("says which records it set aside, and where, when it is asked, and how each came to the stream", async () => {
        const bad = record("b", { text: 5 });
        const kinesis = { ...bad.kinesis, partitionKey: "thread", approximateArrivalTimestamp: 1_735_689_600.5 };
        const event = { Records: [record("a", { text: "1" }), { ...bad, kinesis }], reportRejections: true };
        const { batchItemFailures, rejections } = await stage({})(event, context);
        const [object] = setAside();
        assert.deepEqual(batchItemFailures, []);
        assert.deepEqual(rejections, [{ itemIdentifier: "seq-b", key: object?.path.slice("/failures/".length) }]);
        assert.deepEqual(object?.body.received, {
            eventID: "shardId-0:b",
            partitionKey: "thread",
            arrivedAt: "2025-01-01T00:00:00.500Z",
        });
    });

    it("finds a key for any id: as a partition, and in the failure bucket", async () => {
        const half = "half \ud83d";
        const ids = [
            "../../../../../../../x",
            half,
            "line\nbreak",
            "a//b",
            "/a",
            "x".repeat(900),
            "b/0",
            "grüße 1.eml",
        ];
        const good = ids.map((id) => record(id, { text: "good" }));
        const bad = ids.map((id) => record(id, { text: 5 }));
        assert.deepEqual(await stage({})({ Records: [...bad, ...good] }, context), { batchItemFailures: [] });
        assert.equal(put().length, ids.length);
        assert.match(put()[1]?.key ?? "", /^[0-9a-f]{64}$/);
        const names = setAside().map(
            ({ path }) => /\/\d{4}\/\d\d\/\d\d\/(.*)-[0-9a-f]{12}\.json$/.exec(path)?.[1] ?? "",
        );
        assert.deepEqual(names.slice(-2), ["b/0", "grüße 1.eml"]);
        assert.equal(names.length, ids.length);
        for (const name of names.slice(0, -2)) assert.match(name, /^[0-9a-f]{64}$/);
        const kept = setAside().map(({ body }) => (body.record as { id: string }).id);
        assert.equal(kept[1], half, "the record itself is kept as it was");
    });

    it("sets aside what is no envelope or breaks a schema, each with a reason", async () => {
        const handler = stage({
            handle: {
                mode: "record",
                handler: (datum) => {
                    const { text: wanted } = datum as { text: string };
                    return wanted === "wrong" ? { text: 5 } : datum;
                },
            },
        });
        const event = {
            Records: [
                raw("a", "not json"),
                raw("b", '{"hello":1}'),
                record("c", { text: 1 }),
                record("d", { text: "wrong" }),
                record("f", { text: "good" }),
            ],
        };
        assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            ["f"],
        );
        const reasons = setAside().map(({ body }) => String(body.reason));
        assert.equal(reasons.length, 4);
        assert.match(reasons[0] ?? "", /not JSON/);
        assert.match(reasons[1] ?? "", /not a CloudEvents/);
        assert.match(reasons[2] ?? "", /does not fit the schema: \/text must be string/);
        assert.match(reasons[3] ?? "", /does not fit the stream letters: \/text must be string/);
        assert.equal(setAside()[0]?.body.record, event.Records[0]?.kinesis.data, "what is no envelope is kept whole");
    });

    it("stops at any other error: emits what came before and reports the record", async () => {
        const seen: string[] = [];
        const handler = stage({
            handle: {
                mode: "record",
                handler: (datum) => {
                    seen.push((datum as { text: string }).text);
                    if (seen.length === 2) throw new Error("secret text of a mail");
                    return datum;
                },
            },
        });
        const event = { Records: ["a", "b", "c"].map((id) => record(id, { text: id })) };
        assert.deepEqual(await handler(event, context), { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
        assert.deepEqual(seen, ["a", "b"], "the third waits for the second");
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            ["a"],
        );
        assert.equal(s3Calls().length, 0);
        assert.ok(printed.some((line) => line.includes('"id":"b"')));
        assert.ok(!printed.join().includes("secret"), "a message may quote the record: it stays out of the log");
    });

    it("keeps both of two records that were rejected under one id, and one of a repetition", async () => {
        const handler = stage({
            handle: {
                mode: "record",
                handler: () => {
                    throw new RejectRecord("No.");
                },
            },
        });
        const event = { Records: [record("same", { text: "1" }), record("same", { text: "2" })] };
        await handler(event, context);
        await handler(event, context);
        assert.deepEqual(
            setAside()
                .map(({ body }) => (body.record as { data: { text: string } }).data.text)
                .sort(),
            ["1", "2"],
        );
    });

    it("tries again from a record that could not be set aside", async () => {
        answers.s3 = () => ({
            status: 403,
            body: "<Error><Code>AccessDenied</Code><Message>bucket of mail</Message></Error>",
        });
        const handler = stage({});
        const event = { Records: [record("a", { text: "1" }), record("b", { text: 1 }), record("c", { text: "2" })] };
        assert.deepEqual(await handler(event, context), { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
    });

    it("repeats only the records that the stream refused", async () => {
        let calls = 0;
        answers.put = (call) => {
            calls++;
            const records = input(call).Records as unknown[];
            const refused = calls === 1 ? { ErrorCode: "ProvisionedThroughputExceededException" } : {};
            return { body: { Records: records.map((_, index) => (index === 1 ? refused : {})) } };
        };
        const event = { Records: ["a", "b", "c"].map((id) => record(id, { text: id })) };
        assert.deepEqual(await stage({})(event, context), { batchItemFailures: [] });
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            ["a", "b", "c", "b"],
        );
    });

    it("reports the record whose result could not be written", async () => {
        answers.put = () => ({ status: 400, body: { __type: "AccessDeniedException", message: "no" } });
        const event = { Records: ["a", "b"].map((id) => record(id, { text: id })) };
        assert.deepEqual(await stage({})(event, context), { batchItemFailures: [{ itemIdentifier: "seq-a" }] });
        assert.equal(kinesisCalls().length, 1, "what is denied is not asked for again");
    });

    it("stops in time to write what is done", async () => {
        let left = 10_000;
        const handler = stage({
            handle: {
                mode: "record",
                handler: (datum) => {
                    left = 1000;
                    return datum;
                },
            },
        });
        const event = { Records: ["a", "b"].map((id) => record(id, { text: id })) };
        const response = await handler(event, { getRemainingTimeInMillis: () => left });
        assert.deepEqual(response, { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
        assert.equal(put().length, 1);
    });

    describe("in batch mode", () => {
        it("calls the handler once with all valid records and keeps results with their records", async () => {
            const calls: unknown[][] = [];
            const handler = stage({
                handle: {
                    mode: "batch",
                    handler: (data) => {
                        calls.push([...data]);
                        return data.map((datum, index) => (index === 0 ? undefined : datum));
                    },
                },
            });
            const event = {
                Records: [record("a", { text: "1" }), record("b", { text: 2 }), record("c", { text: "3" })],
            };
            assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
            assert.deepEqual(calls, [[{ text: "1" }, { text: "3" }]]);
            assert.deepEqual(
                put().map(({ envelope }) => envelope.id),
                ["c"],
            );
            assert.equal(setAside().length, 1);
        });

        it("asks for each record alone when the handler rejects the batch", async () => {
            const handler = stage({
                handle: {
                    mode: "batch",
                    handler: (data) => {
                        if (data.some((datum) => (datum as { text: string }).text === "bad")) {
                            throw new RejectRecord("bad");
                        }
                        return data;
                    },
                },
            });
            const event = { Records: ["x", "bad", "y"].map((id) => record(id, { text: id })) };
            assert.deepEqual(await handler(event, context), { batchItemFailures: [] });
            assert.deepEqual(
                put().map(({ envelope }) => envelope.id),
                ["x", "y"],
            );
            assert.equal(setAside()[0]?.body.reason, "bad");
        });

        it("writes what a slow call has made, though there was no time for another", async () => {
            let left = 10_000;
            const handler = stage({
                handle: {
                    mode: "batch",
                    handler: (data) => {
                        left = 1000;
                        return data;
                    },
                },
            });
            const event = { Records: ["a", "b"].map((id) => record(id, { text: id })) };
            const response = await handler(event, { getRemainingTimeInMillis: () => left });
            assert.deepEqual(response, { batchItemFailures: [] });
            assert.equal(put().length, 2);
        });

        it("reports the first valid record for any other error, and for an answer of another length", async () => {
            const handlers = [
                () => {
                    throw new Error("down");
                },
                () => [],
            ];
            for (const handler of handlers) {
                const event = {
                    Records: [record("a", { text: 0 }), ...["b", "c"].map((id) => record(id, { text: id }))],
                };
                const response = await stage({ handle: { mode: "batch", handler } })(event, context);
                assert.deepEqual(response, { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
            }
            assert.equal(put().length, 0);
        });

        it("says what a handler returned that is not one entry for each record", async () => {
            const kinds: readonly (readonly [unknown, string])[] = [
                [[], "an array of 0"],
                [["Meier", "Meier", "Meier"], "an array of 3"],
                [undefined, "undefined"],
                ["Meier", "string"],
                [new Set(["Meier", "Meier"]), "object"],
            ];
            for (const [result, returned] of kinds) {
                printed.length = 0;
                const handle = { mode: "batch", handler: async () => result } as const;
                const event = { Records: ["a", "b"].map((id) => record(id, { text: id })) };
                assert.deepEqual(await stage({ handle })(event, context), {
                    batchItemFailures: [{ itemIdentifier: "seq-a" }],
                });
                const message = `The batch handler returned ${returned} in the stage upper, not an array of 2, an entry a record.`;
                const line = printed.find((each) => each.includes("record-failed")) ?? "";
                assert.ok(line.includes(JSON.stringify({ error: "ResultError", message }).slice(1, -1)), line);
                assert.doesNotMatch(printed.join(), /Meier/);
            }
            assert.deepEqual([put().length, setAside().length], [0, 0]);
        });
    });
});
