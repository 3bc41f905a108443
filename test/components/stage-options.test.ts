import assert from "node:assert/strict";
import { z } from "zod";
import { EventStream, type StageOptions } from "../../components";
import { type Deployment, mockDeployment } from "./deployment";

const Letter = z.object({ id: z.string(), text: z.string() });
const HOUR = 3600;

describe("a stage's options", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    /** What a stage with options makes. */
    async function stage(options: StageOptions, retentionHours?: number) {
        new EventStream("letters", { schema: Letter, retentionHours }).stage("reply", options, async () => {});
        await deployment.settled();
        const inputs = (name: string) => deployment.named(`reply-${name}`).inputs;
        return { mapping: inputs("mapping"), function: inputs("function"), logs: inputs("logs") };
    }

    function problemsOf(options: object, retentionHours?: number): string {
        const letters = new EventStream("letters", { schema: Letter, retentionHours });
        try {
            letters.batchStage("reply", options, async () => []);
        } catch (error) {
            return (error as Error).message;
        }
        return "";
    }

    it("have defaults that lose nothing and cost nothing", async () => {
        const made = await stage({});
        const { eventSourceArn: _, functionName: __, destinationConfig: ___, ...mapping } = made.mapping;
        assert.deepEqual(mapping, {
            startingPosition: "TRIM_HORIZON",
            batchSize: 100,
            maximumBatchingWindowInSeconds: 0,
            parallelizationFactor: 1,
            functionResponseTypes: ["ReportBatchItemFailures"],
            bisectBatchOnFunctionError: true,
            maximumRetryAttempts: 5,
            maximumRecordAgeInSeconds: 23 * HOUR,
        });
        assert.equal(made.function.memorySize, 512);
        assert.equal(made.function.timeout, 60);
        assert.equal(made.function.reservedConcurrentExecutions, undefined);
        assert.deepEqual(made.function.tracingConfig, { mode: "PassThrough" });
        assert.deepEqual(made.logs, { retentionInDays: 30 });
        assert.equal(deployment.counts()["aws:cloudwatch/metricAlarm:MetricAlarm"], undefined);
        assert.ok(!deployment.statements("reply-policy").some(({ Action }) => Action.join().includes("xray")));
    });

    it("reach the mapping, the function and its log", async () => {
        const made = await stage({
            batch: { size: 1, seconds: 300, parallel: 10 },
            attempts: 0,
            maxAge: 60,
            bisect: false,
            concurrency: 0,
            memory: 10_240,
            timeout: 900,
            logs: { retentionDays: 3653 },
            tracing: "active",
        });
        assert.equal(made.mapping.batchSize, 1);
        assert.equal(made.mapping.maximumBatchingWindowInSeconds, 300);
        assert.equal(made.mapping.parallelizationFactor, 10);
        assert.equal(made.mapping.maximumRetryAttempts, 0);
        assert.equal(made.mapping.maximumRecordAgeInSeconds, 60);
        assert.equal(made.mapping.bisectBatchOnFunctionError, false);
        assert.equal(made.function.reservedConcurrentExecutions, 0);
        assert.equal(made.function.memorySize, 10_240);
        assert.equal(made.function.timeout, 900);
        assert.equal(made.logs.retentionInDays, 3653);
        assert.deepEqual(made.function.tracingConfig, { mode: "Active" });
        const traces = deployment.statements("reply-policy").find(({ Action }) => Action[0]?.startsWith("xray:"));
        assert.deepEqual(traces?.Action, ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]);
        assert.deepEqual(traces?.Resource, ["*"]);
    });

    it("say all that is wrong at once, each with its value and range", () => {
        const wrong = {
            batch: { size: 0, seconds: 301, parallel: 11 },
            attempts: -1,
            maxAge: 59,
            bisect: "no",
            startAt: "yesterday",
            concurrency: -1,
            memory: 64,
            timeout: 901,
            logs: { retentionDays: 31 },
            tracing: "on",
            alarms: { age: 0, failures: 0, actions: ["somebody"] },
            runtime: "nodejs18.x",
            architecture: "arm",
        };
        const message = problemsOf(wrong);
        assert.match(message, /^LambdaStage "reply": /);
        for (const problem of [
            "batch.size is 0; it must be a whole number from 1 to 10000 records",
            "batch.seconds is 301; it must be a whole number from 0 to 300 seconds",
            "batch.parallel is 11; it must be a whole number from 1 to 10 batches of a shard",
            "attempts is -1; it must be a whole number from 0 to 10000",
            "maxAge is 59; it must be a whole number from 60 to 86340 seconds, below the stream's retention",
            'bisect is "no"; it must be true or false',
            'startAt is "yesterday"; it must be "horizon", "latest", a Date, or a time with its zone',
            "concurrency is -1; it must be a whole number of at least 0 calls at a time",
            "memory is 64; it must be a whole number from 128 to 10240 MiB",
            "timeout is 901; it must be a whole number from 1 to 900 seconds",
            "logs.retentionDays is 31; it must be 1, 3, 5, 7, 14, 30, 60, 90, ",
            'tracing is "on"; it must be "active" or "passthrough"',
            "alarms.age is 0; it must be a whole number from 1 to 59 seconds, the stage's maxAge",
            "alarms.failures is 0; it must be a whole number of at least 1 records",
            'alarms.actions has "somebody"; it must be an ARN',
            'runtime is "nodejs18.x"; it must be "nodejs22.x" or "nodejs24.x"',
            'architecture is "arm"; it must be "arm64" or "x86_64"',
        ]) {
            assert.ok(message.includes(problem), `${problem}\nin: ${message}`);
        }
    });

    it("keep the age of records below the stream's retention and Lambda's own limit", async () => {
        assert.match(problemsOf({ maxAge: 24 * HOUR }), /maxAge is 86400; it must be a whole number from 60 to 86340/);
        assert.match(problemsOf({ maxAge: 604_801 }, 8760), /maxAge is 604801; .* from 60 to 604800/);
        assert.equal((await stage({}, 8760)).mapping.maximumRecordAgeInSeconds, 604_800);
    });

    it("begin with the oldest record, the next one, or a time", async () => {
        const start = async (startAt: StageOptions["startAt"]) => {
            deployment.clear();
            const { startingPosition, startingPositionTimestamp } = (await stage({ startAt })).mapping;
            return [startingPosition, startingPositionTimestamp];
        };
        assert.deepEqual(await start("horizon"), ["TRIM_HORIZON", undefined]);
        assert.deepEqual(await start("latest"), ["LATEST", undefined]);
        assert.deepEqual(await start("2026-05-01T02:00+02:00"), ["AT_TIMESTAMP", "2026-05-01T00:00:00Z"]);
        assert.deepEqual(await start(new Date("2026-05-01T00:00:00.9Z")), ["AT_TIMESTAMP", "2026-05-01T00:00:00Z"]);
        assert.match(problemsOf({ startAt: "2026-05-01T00:00:00" }), /startAt is "2026-05-01T00:00:00"; it must be/);
        assert.match(problemsOf({ startAt: "2026-02-31T00:00:00Z" }), /startAt is "2026-02-31T00:00:00Z"; it must be/);
        assert.match(problemsOf({ startAt: new Date(Number.NaN) }), /startAt is no valid date/);
        const tomorrow = new Date(Date.now() + 24 * HOUR * 1000);
        assert.match(problemsOf({ startAt: tomorrow }), /startAt is .*; it must not be in the future/);
    });

    describe("alarms", () => {
        const topic = "arn:aws:sns:eu-central-1:123456789012:alarms";

        it("tell of age, rejections, exhausted attempts and failures that could not be kept", async () => {
            const { mapping } = await stage({ alarms: { age: 120, failures: 5, actions: [topic] } });
            assert.deepEqual(mapping.metricsConfig, { metrics: ["EventCount"] });
            const alarm = (name: string) => {
                const { alarmDescription, alarmActions, okActions, ...inputs } = deployment.named(
                    `reply-${name}-alarm`,
                ).inputs;
                assert.match(String(alarmDescription), /stage reply/);
                assert.deepEqual([alarmActions, okActions], [[topic], [topic]]);
                return inputs;
            };
            const all = { evaluationPeriods: 1, treatMissingData: "notBreaching" };
            assert.deepEqual(alarm("age"), {
                ...all,
                namespace: "AWS/Lambda",
                metricName: "IteratorAge",
                dimensions: { FunctionName: "reply-function" },
                comparisonOperator: "GreaterThanThreshold",
                statistic: "Maximum",
                period: 60,
                threshold: 120_000,
            });
            const counted = {
                ...all,
                comparisonOperator: "GreaterThanOrEqualToThreshold",
                statistic: "Sum",
                period: 300,
            };
            assert.deepEqual(alarm("rejected"), {
                ...counted,
                namespace: "sortline",
                metricName: "Rejected",
                dimensions: { service: "shop-dev", stage: "reply" },
                threshold: 5,
            });
            assert.deepEqual(alarm("exhausted"), {
                ...counted,
                namespace: "AWS/Lambda",
                metricName: "OnFailureDestinationDeliveredEventCount",
                dimensions: { EventSourceMappingUUID: "uuid-reply-mapping" },
                threshold: 5,
            });
            assert.deepEqual(alarm("undelivered"), {
                ...counted,
                namespace: "AWS/Lambda",
                metricName: "DestinationDeliveryFailures",
                dimensions: { FunctionName: "reply-function" },
                threshold: 1,
            });
        });

        it("have defaults, within the age of records", async () => {
            const thresholds = async (maxAge?: number) => {
                deployment.clear();
                await stage({ alarms: {}, maxAge });
                return ["age", "rejected"].map((name) => deployment.named(`reply-${name}-alarm`).inputs.threshold);
            };
            assert.deepEqual(await thresholds(), [HOUR * 1000, 1]);
            assert.deepEqual(await thresholds(600), [300_000, 1]);
        });

        it("take a transform", async () => {
            await stage({ alarms: {}, transform: { alarm: { tags: { team: "post" } } } });
            assert.deepEqual(deployment.named("reply-undelivered-alarm").inputs.tags, { team: "post" });
        });
    });
});
