import assert from "node:assert/strict";
import { root } from "../../../local/aws/service";
import { createPipelines, textsOf } from "./lambda-pipeline";
import { until } from "./lambda-twin";

const hour = 3_600_000;

describe("records that wait on the twin", () => {
    const pipelines = createPipelines();
    const { pipeline } = pipelines;
    // Each test moves the clock.
    beforeEach(pipelines.start);
    afterEach(pipelines.end);

    it("are given up when they reach the maximum age while there is no room for an invocation", async () => {
        const stream = await pipeline("", {
            MaximumRecordAgeInSeconds: 60,
            MetricsConfig: { Metrics: ["EventCount"] },
        });
        const { lambda, services, clock } = pipelines.twin();
        const FunctionName = stream.name;
        await lambda.operations.PutFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 0 }, root);
        await stream.put("old");
        const sumOf = async (MetricName: string, Name: string, Value: string) => {
            const { Datapoints = [] } = await services.cloudwatch.operations.GetMetricStatistics(
                {
                    Namespace: "AWS/Lambda",
                    MetricName,
                    Dimensions: [{ Name, Value }],
                    StartTime: new Date(clock.now() - hour),
                    EndTime: new Date(clock.now() + hour),
                    Period: 7200,
                    Statistics: ["Sum"],
                },
                root,
            );
            return Datapoints[0]?.Sum;
        };
        // Told of what is about to be invoked.
        await until(async () => (await sumOf("IteratorAge", "FunctionName", FunctionName)) !== undefined);
        clock.advance(61_000);
        assert.equal((await stream.failure()).requestContext.condition, "RecordAgeExceeded");
        await stream.put("young");
        await lambda.operations.DeleteFunctionConcurrency({ FunctionName }, root);
        await until(() => stream.events().length > 0);
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["young"]);
        assert.equal(await sumOf("InvokedEventCount", "EventSourceMappingUUID", stream.uuid), 1);
    });

    it("are given up when their stream no longer has them, where the mapping sets no end: others have their turn", async () => {
        const stream = await pipeline(
            'if (event.Records.some((record) => text(record) === "poison")) throw new Error("x");',
            {
                BatchSize: 1,
            },
        );
        const { clock } = pipelines.twin();
        const [poison] = await stream.put("poison");
        await until(() => stream.events().length > 0);
        clock.advance(23 * hour);
        await stream.put("good");
        clock.advance(2 * hour);
        const failed = await stream.failure();
        assert.deepEqual(
            [failed.requestContext.condition, failed.KinesisBatchInfo.endSequenceNumber],
            ["RecordAgeExceeded", poison],
        );
        await until(() => textsOf(stream.events()).includes("good"));
        await stream.settled();
    });

    it("are held, and told of, when they are too large for an event, until they are too old", async () => {
        const stream = await pipeline("");
        const { services, clock, reports } = pipelines.twin();
        const { StreamARN } = (
            await services.kinesis.operations.DescribeStreamSummary({ StreamName: stream.name }, root)
        ).StreamDescriptionSummary ?? { StreamARN: "" };
        await services.kinesis.operations.UpdateMaxRecordSize({ StreamARN, MaxRecordSizeInKiB: 10_240 }, root);
        await stream.put("small");
        await until(() => stream.events().length > 0);
        await services.kinesis.operations.PutRecord(
            { StreamName: stream.name, PartitionKey: "large", Data: Buffer.alloc(6_000_000) },
            root,
        );
        await until(() =>
            reports.some(({ message }) => message.includes(stream.name) && message.includes("holds record")),
        );
        assert.deepEqual(
            stream.events().map((records) => records.length),
            [1],
        );
        clock.advance(25 * hour);
        assert.equal((await stream.failure()).KinesisBatchInfo.batchSize, 1);
        await stream.put("next");
        await until(() => textsOf(stream.events()).includes("next"));
        await stream.settled();
    });
});
