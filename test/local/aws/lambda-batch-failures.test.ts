import assert from "node:assert/strict";
import { account, region, root } from "../../../local/aws/service";
import { createPipelines, streamArn, textsOf } from "./lambda-pipeline";
import { until } from "./lambda-twin";

describe("batches that fail on the twin", () => {
    const pipelines = createPipelines();
    const { pipeline } = pipelines;
    before(pipelines.start);
    after(pipelines.end);

    const reporting = {
        BatchSize: 1,
        MaximumRetryAttempts: 2,
        FunctionResponseTypes: ["ReportBatchItemFailures"] as const,
    };
    const mappingOf = ({ FunctionResponseTypes, ...rest }: typeof reporting) => ({
        ...rest,
        FunctionResponseTypes: [...FunctionResponseTypes],
    });

    for (const answer of [
        '""',
        "null",
        "{}",
        "[]",
        "{ batchItemFailures: [] }",
        "{ batchItemFailures: null }",
        "undefined",
    ]) {
        it(`takes the answer ${answer} as a success`, async () => {
            const stream = await pipeline(`return ${answer};`, mappingOf(reporting));
            await stream.put("a");
            await stream.settled();
            assert.deepEqual(textsOf(stream.events()), ["a"]);
        });
    }

    it("counts what became of the events, where the mapping is to", async () => {
        const stream = await pipeline(
            'if (textsOf(event).includes("b")) throw new Error("boom"); function textsOf({ Records }) { return Records.map(text).join(""); }',
            {
                BatchSize: 2,
                MaximumRetryAttempts: 1,
                MetricsConfig: { Metrics: ["EventCount"] },
            },
        );
        assert.deepEqual(stream.created.MetricsConfig, { Metrics: ["EventCount"] });
        await stream.put("a", "b");
        await stream.failure();
        await stream.put("c");
        await stream.settled();
        const Dimensions = [{ Name: "EventSourceMappingUUID", Value: stream.uuid }];
        const count = async (MetricName: string) => {
            const now = Date.now();
            const { Datapoints = [] } = await pipelines.twin().services.cloudwatch.operations.GetMetricStatistics(
                {
                    Namespace: "AWS/Lambda",
                    MetricName,
                    Dimensions,
                    StartTime: new Date(now - 3_600_000),
                    EndTime: new Date(now + 60_000),
                    Period: 86_400,
                    Statistics: ["Sum"],
                },
                root,
            );
            return Datapoints[0]?.Sum;
        };
        // Two events were invoked twice and then given up; one went through.
        assert.deepEqual(
            await Promise.all(
                [
                    "InvokedEventCount",
                    "FailedInvokeEventCount",
                    "DroppedEventCount",
                    "OnFailureDestinationDeliveredEventCount",
                ].map(count),
            ),
            [5, 4, 2, 2],
        );
    });

    for (const [answer, functionError] of [
        ['return { batchItemFailures: [{ itemIdentifier: "" }] };', null],
        ["return { batchItemFailures: [{ itemIdentifier: null }] };", null],
        ["return { batchItemFailures: [{ foo: event.Records[0].kinesis.sequenceNumber }] };", null],
        ["return { batchItemFailures: [{ foo: null }] };", null],
        ['return { batchItemFailures: [{ itemIdentifier: "123" }] };', null],
        ['throw new Error("boom");', "Unhandled"],
    ] as const) {
        it(`fails the whole batch after: ${answer}`, async () => {
            const stream = await pipeline(answer, mappingOf(reporting));
            const [sequenceNumber] = await stream.put("a");
            const { requestContext, timestamp, KinesisBatchInfo, ...rest } = await stream.failure();
            const { approximateArrivalOfFirstRecord, approximateArrivalOfLastRecord, ...info } = KinesisBatchInfo as {
                [key: string]: string;
            };
            assert.deepEqual(textsOf(stream.events()), ["a", "a", "a"]);
            assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
            assert.equal(approximateArrivalOfFirstRecord, approximateArrivalOfLastRecord);
            assert.deepEqual(
                { ...(requestContext as object), requestId: undefined },
                {
                    functionArn: `arn:aws:lambda:${region}:${account}:function:${stream.name}`,
                    condition: "RetryAttemptsExhausted",
                    approximateInvokeCount: 3,
                    requestId: undefined,
                },
            );
            assert.deepEqual(rest, {
                responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError },
                version: "1.0",
            });
            assert.deepEqual(info, {
                shardId: "shardId-000000000000",
                startSequenceNumber: sequenceNumber,
                endSequenceNumber: sequenceNumber,
                batchSize: 1,
                streamArn: streamArn(stream.name),
            });
        });
    }

    const failingOn = (bad: string) => `
        const failed = event.Records.filter((record) => ${JSON.stringify(bad)}.includes(text(record)));
        return { batchItemFailures: failed.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };`;

    it("keeps what came before a reported failure and begins to count its attempts anew", async () => {
        const stream = await pipeline(failingOn("f"), {
            BatchSize: 3,
            MaximumBatchingWindowInSeconds: 300,
            MaximumRetryAttempts: 3,
            FunctionResponseTypes: ["ReportBatchItemFailures"],
        });
        await stream.put("a", "b", "c", "d", "e", "f");
        const failed = await stream.failure();
        assert.deepEqual(textsOf(stream.events()), ["abc", "def", "f", "f", "f", "f"]);
        assert.equal(failed.requestContext.approximateInvokeCount, 4);
        assert.equal(failed.responseContext?.functionError, null);
    });

    it("gives what is left all its attempts, also when the whole batch had failed before", async () => {
        const stream = await pipeline(
            `globalThis.calls = (globalThis.calls ?? 0) + 1;
             if (globalThis.calls === 1) throw new Error("once");
             ${failingOn("c")}`,
            { MaximumRetryAttempts: 1, FunctionResponseTypes: ["ReportBatchItemFailures"] },
        );
        await stream.put("a", "b", "c");
        const failed = await stream.failure();
        assert.deepEqual(textsOf(stream.events()), ["abc", "abc", "c", "c"]);
        assert.equal(failed.requestContext.approximateInvokeCount, 2);
    });

    it("repeats everything from the lowest reported failure and, without bisect, gives all of that up", async () => {
        const stream = await pipeline(failingOn("bd"), {
            MaximumRetryAttempts: 1,
            FunctionResponseTypes: ["ReportBatchItemFailures"],
        });
        await stream.put("a", "b", "c", "d");
        const failed = await stream.failure();
        assert.deepEqual(textsOf(stream.events()), ["abcd", "bcd", "bcd"]);
        assert.equal(failed.KinesisBatchInfo.batchSize, 3);
    });

    it("bisects down to the record that fails, keeps the order and stores that record alone in S3", async () => {
        const bucket = "bisect-failures";
        await pipelines.twin().services.s3.operations.CreateBucket({ Bucket: bucket }, root);
        const stream = await pipeline('if (event.Records.some((r) => text(r) === "f")) throw new Error("poison");', {
            BisectBatchOnFunctionError: true,
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: `arn:aws:s3:::${bucket}` } },
        });
        const sequenceNumbers = await stream.put("a", "b", "c", "d", "e", "f", "g", "h");
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["abcdefgh", "abcd", "efgh", "ef", "e", "f", "f", "gh"]);
        const { Contents } = await pipelines.twin().services.s3.operations.ListObjectsV2({ Bucket: bucket }, root);
        const [object, ...others] = Contents ?? [];
        assert.equal(others.length, 0);
        const prefix = `aws/lambda/${stream.uuid}/shardId-000000000000/`;
        const key = object?.Key ?? "";
        assert.ok(key.startsWith(prefix), key);
        assert.match(
            key.slice(prefix.length),
            /^\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        );
        const stored = JSON.parse(pipelines.twin().services.s3.readObject(bucket, key).toString());
        assert.deepEqual(Object.keys(stored).sort(), [
            "KinesisBatchInfo",
            "payload",
            "requestContext",
            "responseContext",
            "timestamp",
            "version",
        ]);
        assert.equal(stored.requestContext.approximateInvokeCount, 2);
        assert.equal(stored.KinesisBatchInfo.startSequenceNumber, sequenceNumbers[5]);
        assert.deepEqual(textsOf([stored.payload.Records]), ["f"]);
    });

    it("bisects what a function keeps reporting as failed, so that nothing after it is lost", async () => {
        // As an adapter does that stops at the first error.
        const stopping = `
            const at = event.Records.findIndex((record) => text(record) === "b");
            const from = at < 0 ? [] : [event.Records[at]];
            return { batchItemFailures: from.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };`;
        const stream = await pipeline(stopping, {
            BisectBatchOnFunctionError: true,
            MaximumRetryAttempts: 1,
            FunctionResponseTypes: ["ReportBatchItemFailures"],
        });
        await stream.put("a", "b", "c", "d", "e");
        const failed = await stream.failure();
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["abcde", "bcde", "bc", "b", "b", "c", "de"]);
        assert.equal(failed.KinesisBatchInfo.batchSize, 1);
    });

    it("gives up records that are too old before the function sees them, and no younger ones", async () => {
        const stream = await pipeline("", { MaximumRecordAgeInSeconds: 60, Enabled: false });
        const [old] = await stream.put("old");
        pipelines.twin().store.database.exec("UPDATE kinesis_batches SET arrival = arrival - 61000");
        await stream.put("young", "younger");
        await pipelines.twin().lambda.operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: true }, root);
        const failed = await stream.failure();
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["youngyounger"]);
        assert.equal(failed.responseContext, undefined);
        const { condition, approximateInvokeCount } = failed.requestContext;
        assert.deepEqual([condition, approximateInvokeCount], ["RecordAgeExceeded", 1]);
        const { batchSize, endSequenceNumber } = failed.KinesisBatchInfo;
        assert.deepEqual([batchSize, endSequenceNumber], [1, old]);
    });

    it("holds a failed batch back until its failure is written down", async () => {
        const bucket = "late-failures";
        const stream = await pipeline('if (text(event.Records[0]) === "bad") throw new Error("bad");', {
            BatchSize: 1,
            MaximumRetryAttempts: 0,
            DestinationConfig: { OnFailure: { Destination: `arn:aws:s3:::${bucket}` } },
        });
        await stream.put("bad", "good");
        await until(() =>
            pipelines.twin().reports.some(({ message }) => message.includes(stream.name) && message.includes("waits")),
        );
        assert.deepEqual(textsOf(stream.events()), ["bad"]);
        await pipelines.twin().services.s3.operations.CreateBucket({ Bucket: bucket }, root);
        await stream.settled();
        const { Contents } = await pipelines.twin().services.s3.operations.ListObjectsV2({ Bucket: bucket }, root);
        assert.equal(Contents?.length, 1);
        assert.deepEqual(textsOf(stream.events()), ["bad", "good"]);
    });
});
