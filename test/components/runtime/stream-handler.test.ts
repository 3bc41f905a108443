import assert from "node:assert/strict";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { objectStore } from "../../../components/runtime/object-store";
import type { StreamRecord } from "../../../components/runtime/record-reader";
import { RejectRecord } from "../../../components/runtime/reject-record";
import { type StreamHandlerOptions, streamHandler } from "../../../components/runtime/stream-handler";
import { type Answer, type AwsServer, awsServer, type Call, input } from "../aws-server";

const kind = { type: "letters", dataschema: "urn:sortline:letters:1" };
const text = Object.assign((data: unknown) => typeof (data as { text?: unknown }).text === "string", {
    errors: [{ instancePath: "/text", message: "must be string" }],
});

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";

function record(id: string, data: unknown, traceparent: unknown = `00-${traceId}-${parentId}-01`) {
    const envelope = { specversion: "1.0", id, source: "/test", type: "letters", data, traceparent };
    return raw(id, JSON.stringify(envelope));
}

function raw(id: string, bytes: string): StreamRecord {
    return {
        eventID: `shardId-0:${id}`,
        kinesis: { data: Buffer.from(bytes).toString("base64"), sequenceNumber: `seq-${id}` },
    };
}

const context = { getRemainingTimeInMillis: () => 60_000 };

describe("the handler of a stage", () => {
    let kinesis: AwsServer;
    let s3: AwsServer;
    let answerPut: (call: Call) => Answer | Promise<Answer>;
    let answerS3: (call: Call) => Answer | Promise<Answer>;
    let client: KinesisClient;
    const printed: string[] = [];
    const metrics: string[] = [];
    const { info, warn, error } = console;
    const { write } = process.stdout;
    const { AWS_ENDPOINT_URL_S3: endpoint } = process.env;

    before(async () => {
        process.stdout.write = ((text: string, ...others: []) => {
            if (!text.startsWith('{"_aws"')) return write.call(process.stdout, text, ...others);
            metrics.push(text);
            return true;
        }) as typeof write;
        for (const name of ["info", "warn", "error"] as const) {
            console[name] = (...values: unknown[]) => void printed.push(JSON.stringify(values));
        }
        kinesis = await awsServer("http2", (call) => answerPut(call));
        s3 = await awsServer("http1", (call) => answerS3(call));
        process.env.AWS_ENDPOINT_URL_S3 = s3.address;
        client = new KinesisClient(kinesis.client);
    });
    after(async () => {
        Object.assign(console, { info, warn, error });
        process.stdout.write = write;
        if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL_S3;
        else process.env.AWS_ENDPOINT_URL_S3 = endpoint;
        client.destroy();
        await kinesis.close();
        await s3.close();
    });
    beforeEach(() => {
        kinesis.calls.length = 0;
        s3.calls.length = 0;
        printed.length = 0;
        metrics.length = 0;
        answerPut = (call) => ({ body: { Records: (input(call).Records as unknown[]).map(() => ({})) } });
        answerS3 = () => ({});
    });

    const stage = (options: Partial<StreamHandlerOptions>) =>
        streamHandler({
            pipeline: "test-dev",
            stage: "upper",
            source: "/test/upper",
            handle: { mode: "record", handler: (datum) => datum },
            validate: text,
            into: { streamName: "out", bucket: "out-claims", kind, validate: text },
            bucket: "failures",
            kinesis: () => client,
            store: objectStore(() => client.config),
            ...options,
        });
    const put = () =>
        kinesis.calls.flatMap((call) =>
            (input(call).Records as { Data: string; PartitionKey: string }[]).map(({ Data, PartitionKey }) => ({
                key: PartitionKey,
                envelope: JSON.parse(Buffer.from(Data, "base64").toString()) as Record<string, unknown>,
            })),
        );
    const setAside = () =>
        s3.calls.map((call) => ({ path: decodeURIComponent(call.path.split("?")[0] ?? ""), body: input(call) }));

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
        assert.match(String(traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
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
                        : [{ text: "x" }, { id: "own", text: "y" }, { text: "z" }],
            },
        });
        await handler({ Records: [record("a", { text: "drop" }), record("b", { text: "make" })] }, context);
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            ["b/0", "own", "b/2"],
        );
    });

    it("takes the partition key from the stream's callback", async () => {
        const handler = stage({
            into: {
                streamName: "out",
                bucket: "out-claims",
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
        assert.match(object?.path ?? "", /^\/failures\/rejected\/upper\/\d{4}\/\d\d\/\d\d\/b\.json$/);
        const { rejectedAt, ...body } = object?.body ?? {};
        assert.ok(!Number.isNaN(Date.parse(String(rejectedAt))));
        assert.deepEqual(body, {
            stage: "upper",
            reason: "It cannot be read.",
            record: JSON.parse(Buffer.from(bad.kinesis.data, "base64").toString()),
        });
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
        assert.equal(s3.calls.length, 0);
        assert.ok(printed.some((line) => line.includes('"id":"b"')));
        assert.ok(!printed.join().includes("secret"), "a message may quote the record: it stays out of the log");
    });

    it("tries again from a record that could not be set aside", async () => {
        answerS3 = () => ({
            status: 403,
            body: "<Error><Code>AccessDenied</Code><Message>bucket of mail</Message></Error>",
        });
        const handler = stage({});
        const event = { Records: [record("a", { text: "1" }), record("b", { text: 1 }), record("c", { text: "2" })] };
        assert.deepEqual(await handler(event, context), { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
    });

    it("repeats only the records that the stream refused", async () => {
        let calls = 0;
        answerPut = (call) => {
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
        answerPut = () => ({ status: 400, body: { __type: "AccessDeniedException", message: "no" } });
        const event = { Records: ["a", "b"].map((id) => record(id, { text: id })) };
        assert.deepEqual(await stage({})(event, context), { batchItemFailures: [{ itemIdentifier: "seq-a" }] });
        assert.equal(kinesis.calls.length, 1, "what is denied is not asked for again");
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
    });
});
