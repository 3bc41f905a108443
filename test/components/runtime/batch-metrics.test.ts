import assert from "node:assert/strict";
import type { StreamRecord } from "../../../components/runtime/record-reader";
import { RejectRecord } from "../../../components/runtime/reject-record";
import { input } from "../aws-server";
import { context, record, stageUnderTest } from "./stage-under-test";

describe("the metrics of a batch", () => {
    const { answers, metrics, printed, stage } = stageUnderTest();
    const arrived = (one: StreamRecord, secondsAgo: number): StreamRecord => ({
        ...one,
        kinesis: { ...one.kinesis, approximateArrivalTimestamp: Date.now() / 1000 - secondsAgo },
    });
    const handler = () =>
        stage({
            handle: {
                mode: "record",
                handler: (datum) => {
                    const { text } = datum as { text: string };
                    if (text === "bad") throw new RejectRecord("It is bad.");
                    if (text === "down") throw new Error("down");
                    return [datum, datum];
                },
            },
        });
    const event = () => ({
        Records: [
            arrived(record("secret-id-1", { text: "secret text" }), 2),
            arrived(record("secret-id-2", { text: "bad" }), 60),
            arrived(record("secret-id-3", { text: "down" }), 1),
            arrived(record("secret-id-4", { text: "4" }), 0),
        ],
    });

    it("are one line in the embedded metric format, by pipeline and stage", async () => {
        await handler()(event(), { ...context, awsRequestId: "request-1" });
        const [line, ...others] = metrics;
        assert.equal(others.length, 0);
        const { _aws, HandlerDuration, OldestRecordAge, ...values } = line ?? {};
        assert.deepEqual(values, {
            service: "test-dev",
            stage: "upper",
            requestId: "request-1",
            Records: 4,
            Results: 2,
            Rejected: 1,
            Retried: 2,
            FailedPuts: 0,
            ColdStart: 1,
        });
        assert.ok(typeof HandlerDuration === "number" && HandlerDuration >= 0);
        assert.ok(typeof OldestRecordAge === "number" && OldestRecordAge >= 60_000 && OldestRecordAge < 120_000);
        const { CloudWatchMetrics } = _aws as { CloudWatchMetrics: Record<string, unknown>[] };
        const [directive, ...more] = CloudWatchMetrics;
        assert.equal(more.length, 0);
        assert.equal(directive?.Namespace, "sortline");
        assert.deepEqual(directive?.Dimensions, [["service", "stage"]]);
        const count = (Name: string) => ({ Name, Unit: "Count" });
        const milliseconds = (Name: string) => ({ Name, Unit: "Milliseconds" });
        assert.deepEqual(directive?.Metrics, [
            ...["Records", "Results", "Rejected", "Retried", "FailedPuts"].map(count),
            ...["HandlerDuration", "OldestRecordAge"].map(milliseconds),
            count("ColdStart"),
        ]);
        assert.doesNotMatch(JSON.stringify(metrics), /secret/);
    });

    it("tell of a cold start once", async () => {
        const warm = handler();
        for (let batch = 0; batch < 3; batch++) await warm(event(), context);
        assert.deepEqual(
            metrics.map(({ ColdStart }) => ColdStart),
            [1, undefined, undefined],
        );
        assert.deepEqual(
            metrics.map(({ Records }) => Records),
            [4, 4, 4],
            "nothing is carried over",
        );
        assert.match(
            printed.filter((line) => line.includes('"batch"'))[0] ?? "",
            /"coldStart":true,"shard":"shardId-0"/,
        );
    });

    it("count how often the next stream did not take a record, and what goes back to Lambda for it", async () => {
        let calls = 0;
        answers.put = (call) => {
            if (++calls === 2) return { status: 400, body: { __type: "AccessDeniedException", message: "no" } };
            const error = { ErrorCode: "ProvisionedThroughputExceededException" };
            return {
                body: { Records: (input(call).Records as unknown[]).map((_, index) => (index < 2 ? error : {})) },
            };
        };
        const records = ["a", "b"].map((id) => record(id, { text: id }));
        assert.deepEqual(await handler()({ Records: records }, context), {
            batchItemFailures: [{ itemIdentifier: "seq-a" }],
        });
        const [{ Results, Retried, FailedPuts, OldestRecordAge } = {}] = metrics;
        assert.deepEqual(
            { Results, Retried, FailedPuts, OldestRecordAge },
            { Results: 4, Retried: 2, FailedPuts: 4, OldestRecordAge: undefined },
        );
    });
});
