import assert from "node:assert/strict";
import type { CreateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { root } from "../../../local/aws/service";
import { createPipelines, type KinesisEvent, streamArn, textsOf } from "./lambda-pipeline";
import { until } from "./lambda-twin";

const minute = 60_000;

/** Counts records, as the state of the window. */
const count = "return { state: { count: (event.state?.count ?? 0) + event.Records.length } };";

describe("tumbling windows of event source mappings", () => {
    const pipelines = createPipelines();
    const clock = () => pipelines.twin().clock;

    before(() => pipelines.start());
    after(() => pipelines.end());

    /** A pipeline with windows of a minute, at the beginning of one. */
    async function windowed(answer: string, mapping: Partial<CreateEventSourceMappingRequest> = {}) {
        clock().advance(minute - (clock().now() % minute));
        return pipelines.pipeline(answer, { TumblingWindowInSeconds: 60, ...mapping });
    }
    type Pipeline = Awaited<ReturnType<typeof windowed>>;

    /** One batch after the other. */
    async function putEach(stream: Pipeline, ...data: string[]): Promise<void> {
        for (const each of data) {
            const before = stream.calls().length;
            await stream.put(each);
            await until(() => stream.calls().length > before);
            await stream.settled();
        }
    }

    /** What of an event tells its place in a window. */
    const told = ({ Records, state, isFinalInvokeForWindow, isWindowTerminatedEarly }: KinesisEvent) => ({
        texts: textsOf([Records])[0],
        state,
        final: isFinalInvokeForWindow,
        early: isWindowTerminatedEarly,
    });
    const within = (texts: string, state: object) => ({ texts, state, final: false, early: false });
    const last = (state: object, early = false) => ({ texts: "", state, final: true, early });

    it("carry the state from batch to batch and end by the clock, without another record", async () => {
        const stream = await windowed(count);
        const start = clock().now() - (clock().now() % minute);
        await putEach(stream, "a", "b");
        clock().advance(minute);
        await until(() => stream.calls().length === 3);
        await stream.settled();
        await putEach(stream, "c");
        assert.deepEqual(stream.calls().map(told), [
            within("a", {}),
            within("b", { count: 1 }),
            last({ count: 2 }),
            within("c", {}),
        ]);
        const iso = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;
        const [first, , final, next] = stream.calls();
        for (const event of [first, final]) {
            assert.deepEqual(event?.window, { start: iso(start), end: iso(start + minute) });
            assert.equal(event?.shardId, "shardId-000000000000");
            assert.equal(event?.eventSourceARN, streamArn(stream.name));
        }
        assert.deepEqual(next?.window, { start: iso(start + minute), end: iso(start + 2 * minute) });
    });

    it("have no records of another window: a later record ends the earlier window first", async () => {
        const stream = await windowed(count, { Enabled: false });
        await stream.put("a", "b");
        clock().advance(minute);
        await stream.put("c");
        await pipelines.twin().lambda.operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: true }, root);
        await until(() => stream.calls().length === 3);
        assert.deepEqual(stream.calls().map(told), [within("ab", {}), last({ count: 2 }), within("c", {})]);
    });

    it("end in time, however long a batch may be waited for", async () => {
        const stream = await windowed(count, { MaximumBatchingWindowInSeconds: 300 });
        await stream.put("a");
        assert.deepEqual(stream.calls(), []);
        clock().advance(minute);
        await until(() => stream.calls().length === 2);
        await stream.put("b");
        clock().advance(minute);
        await until(() => stream.calls().length === 4);
        const one = [within("a", {}), last({ count: 1 })];
        assert.deepEqual(stream.calls().map(told), [...one, within("b", {}), last({ count: 1 })]);
    });

    it("take an answer without state as a failure of the batch", async () => {
        const stream = await windowed(
            "return event.isFinalInvokeForWindow ? { state: {} } : { batchItemFailures: [] };",
            {
                MaximumRetryAttempts: 1,
            },
        );
        await stream.put("a");
        const failure = await stream.failure();
        assert.equal(failure.requestContext.approximateInvokeCount, 2);
        assert.equal(failure.responseContext?.functionError, null);
        assert.deepEqual(stream.calls().map(told), [within("a", {}), within("a", {})]);
    });

    it("keep what was done before a reported failure, with the state that was returned", async () => {
        const stream = await windowed(
            `const at = event.state.count === undefined ? event.Records.findIndex((each) => text(each) === "b") : -1;
             const done = at < 0 ? event.Records : event.Records.slice(0, at);
             const state = { count: (event.state.count ?? 0) + done.length };
             const failed = at < 0 ? [] : [{ itemIdentifier: event.Records[at].kinesis.sequenceNumber }];
             return { state, batchItemFailures: failed };`,
            { FunctionResponseTypes: ["ReportBatchItemFailures"] },
        );
        await stream.put("a", "b", "c");
        await stream.settled();
        clock().advance(minute);
        await until(() => stream.calls().length === 3);
        assert.deepEqual(stream.calls().map(told), [within("abc", {}), within("bc", { count: 1 }), last({ count: 3 })]);
    });

    it("keep the state through the parts of a bisected batch", async () => {
        const stream = await windowed(
            `if (event.Records.some((each) => text(each) === "x")) throw new Error("poison"); ${count}`,
            { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 },
        );
        await stream.put("a", "x", "b", "c");
        await stream.settled();
        assert.deepEqual(stream.calls().map(told), [
            within("axbc", {}),
            within("ax", {}),
            within("a", {}),
            within("x", { count: 1 }),
            within("bc", { count: 1 }),
        ]);
        assert.equal((await stream.failure()).KinesisBatchInfo.batchSize, 1);
    });

    it("go on with their state after a restart, and end then when they were over meanwhile", async () => {
        const stream = await windowed(count);
        await putEach(stream, "a");
        await pipelines.restart();
        await putEach(stream, "b");
        assert.deepEqual(stream.calls().map(told), [within("a", {}), within("b", { count: 1 })]);
        clock().advance(60 * minute);
        await until(() => stream.calls().length === 3);
        assert.deepEqual(told(stream.calls()[2] as KinesisEvent), last({ count: 2 }));
    });

    it("end early when the state outgrows a megabyte, and go on with a new one", async () => {
        const stream = await windowed(
            `if (event.isFinalInvokeForWindow) return { state: {} };
             return { state: { size: "x".repeat(text(event.Records[0]) === "big" ? 1_048_576 : 1) } };`,
        );
        await putEach(stream, "big");
        await until(() => stream.calls().length === 2);
        await stream.settled();
        await putEach(stream, "small");
        clock().advance(minute);
        await until(() => stream.calls().length === 4);
        const [first, early, second, final] = stream.calls().map(told);
        assert.deepEqual(first, within("big", {}));
        assert.deepEqual([early?.texts, early?.final, early?.early], ["", true, true]);
        assert.equal(String(early?.state?.size).length, 1_048_576);
        assert.deepEqual(second, within("small", {}));
        assert.deepEqual(final, last({ size: "x" }));
        assert.equal(new Set(stream.calls().map(({ window }) => window?.start)).size, 1);
    });

    it("hold back what comes later until their last invocation has succeeded", async () => {
        const stream = await windowed(
            `if (event.isFinalInvokeForWindow && process.env.READY !== "yes") throw new Error("not yet"); ${count}`,
            { MaximumRetryAttempts: 0 },
        );
        await putEach(stream, "a");
        clock().advance(minute);
        await stream.put("b");
        await until(() => stream.calls().filter((event) => event.isFinalInvokeForWindow).length === 3);
        assert.equal(stream.events().flat().length, 1);
        await pipelines
            .twin()
            .lambda.operations.UpdateFunctionConfiguration(
                { FunctionName: stream.name, Environment: { Variables: { READY: "yes" } } },
                root,
            );
        await until(() => stream.events().flat().length === 2);
        const said = pipelines.twin().reports.map(({ message }) => message);
        assert.equal(said.filter((message) => message.includes("the last invocation of a window failed")).length, 1);
    });

    it("end early with their shard, and begin anew in its children", async () => {
        const stream = await windowed(count);
        await putEach(stream, "a");
        await pipelines.twin().services.kinesis.operations.SplitShard(
            {
                StreamName: stream.name,
                ShardToSplit: "shardId-000000000000",
                NewStartingHashKey: String(2n ** 127n),
            },
            root,
        );
        await until(() => stream.calls().length === 2);
        await putEach(stream, "b");
        assert.deepEqual(stream.calls().map(told), [within("a", {}), last({ count: 1 }, true), within("b", {})]);
        assert.deepEqual(
            stream.calls().map(({ shardId }) => shardId === "shardId-000000000000"),
            [true, true, false],
        );
    });

    it("end early when the mapping gets windows of another length, or none", async () => {
        const stream = await windowed(count);
        await putEach(stream, "a");
        const update = (TumblingWindowInSeconds: number) =>
            pipelines
                .twin()
                .lambda.operations.UpdateEventSourceMapping({ UUID: stream.uuid, TumblingWindowInSeconds }, root);
        await update(600);
        await until(() => stream.calls().length === 2);
        await putEach(stream, "b");
        await update(0);
        await until(() => stream.calls().length === 4);
        await putEach(stream, "c");
        const [, first, , second, without] = stream.calls();
        assert.deepEqual(told(first as KinesisEvent), last({ count: 1 }, true));
        assert.deepEqual(told(second as KinesisEvent), last({ count: 1 }, true));
        assert.deepEqual(Object.keys(without ?? {}), ["Records"]);
    });

    it("leave room for the state in an event", async () => {
        const stream = await windowed(`return { state: { size: "x".repeat(1_000_000) } };`);
        await putEach(stream, "a");
        const Records = Array.from({ length: 4 }, (_, at) => ({
            PartitionKey: String(at),
            Data: Buffer.alloc(1_048_000, "r"),
        }));
        await pipelines.twin().services.kinesis.operations.PutRecords({ StreamName: stream.name, Records }, root);
        await until(() => stream.events().flat().length === 5);
        const sizes = stream.calls().map((event) => Buffer.byteLength(JSON.stringify(event)));
        assert.ok(
            sizes.every((size) => size <= 6_291_456),
            String(sizes),
        );
        assert.deepEqual(
            stream.events().map((records) => records.length),
            [1, 3, 1],
        );
    });

    it("are refused together with parallel lanes, and longer than 15 minutes", async () => {
        await assert.rejects(windowed(count, { ParallelizationFactor: 2 }), {
            code: "InvalidParameterValueException",
            message:
                /TumblingWindowInSeconds is 60 and ParallelizationFactor 2: a tumbling window needs a ParallelizationFactor of 1/,
        });
        await assert.rejects(windowed(count, { TumblingWindowInSeconds: 901 }), {
            code: "ValidationException",
            message:
                "1 validation error detected: Value '901' at 'tumblingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal to 900",
        });
    });

    it("go on with what is left of a batch in parts that fit beside the state, which has grown", async () => {
        const stream = await windowed(
            `const state = { text: "x".repeat(900_000) };
             const [, second] = event.state.text === undefined ? event.Records : [];
             const failed = second === undefined ? [] : [{ itemIdentifier: second.kinesis.sequenceNumber }];
             return { state, batchItemFailures: failed };`,
            { Enabled: false, FunctionResponseTypes: ["ReportBatchItemFailures"] },
        );
        const { kinesis } = pipelines.twin().services;
        for (const size of [10, 900_000, 900_000, 900_000, 900_000, 900_000]) {
            const Data = Buffer.alloc(size);
            await kinesis.operations.PutRecord({ StreamName: stream.name, PartitionKey: "a", Data }, root);
        }
        await pipelines.twin().lambda.operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: true }, root);
        await until(() => stream.events().flat().length >= 11);
        await stream.settled();
        assert.deepEqual(
            stream.events().map((records) => records.length),
            [6, 4, 1],
        );
    });
});

describe("tumbling windows at AWS's pace", () => {
    const pipelines = createPipelines({ pace: "aws" });
    before(() => pipelines.start());
    after(() => pipelines.end());

    it("wait for two minutes after their end for records that are still to come", async () => {
        const { clock } = pipelines.twin();
        clock.advance(minute - (clock.now() % minute));
        const stream = await pipelines.pipeline(count, { TumblingWindowInSeconds: 60 });
        await stream.put("a");
        await until(() => {
            clock.advance(1_000);
            return stream.calls().length === 1;
        });
        await stream.settled();
        const end = new Date(stream.calls()[0]?.window?.end ?? "").getTime();
        // The clock goes on by itself as well: not to the last millisecond.
        clock.advance(end + 2 * minute - 10_000 - clock.now());
        assert.equal(pipelines.twin().lambda.idle(), true);
        clock.advance(10_000);
        await until(() => stream.calls().length === 2);
        assert.equal(stream.calls()[1]?.isFinalInvokeForWindow, true);
    });
});
