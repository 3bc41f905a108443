import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/aws/service";
import { done, type Engine, resourceEvents, startEngine } from "./engine";

describe("the resource types", () => {
    let engine: Engine;
    let names: Record<string, string>;
    const warnings = () =>
        engine.events.flatMap((event) => (event.kind === "log" && event.severity === "warning" ? [event.message] : []));

    before(async () => {
        engine = await startEngine();
        names = (await engine.deploy("services")).outputs.names as Record<string, string>;
    });
    after(() => engine.close());

    it("say once of what is only recorded that it has no effect here", () => {
        const recorded = warnings().map((warning) => warning.split(" ")[0]);
        assert.deepEqual(recorded.sort(), [
            "aws:appautoscaling/policy:Policy",
            "aws:appautoscaling/target:Target",
            "aws:kms/alias:Alias",
            "aws:kms/key:Key",
            "aws:ses/receiptRule:ReceiptRule",
        ]);
    });

    it("are all updated in place where AWS does so, the immutable ones replaced", async () => {
        await engine.deploy("services", { "services:changed": "true" });
        const replaced = done(engine.events).filter((each) => !each.startsWith("update"));
        assert.deepEqual(replaced, ["replace model", "replace configuration", "delete configuration", "delete model"]);
        assert.ok(done(engine.events).includes("update handler"));
        assert.deepEqual(warnings(), []);
    });

    it("put the update into effect in the services", async () => {
        const { cloudwatch, kinesis, lambda, logs, s3, sqs, sns, iam, events } = engine.services;
        const { MetricAlarms = [] } = await cloudwatch.operations.DescribeAlarms({}, root);
        assert.deepEqual(
            MetricAlarms.map(({ MetricName, Threshold, StateValue }) => [MetricName, Threshold, StateValue]),
            [["Errors", 2, "INSUFFICIENT_DATA"]],
        );
        const stream = await kinesis.operations.DescribeStreamSummary({ StreamName: names.stream }, root);
        assert.equal(stream.StreamDescriptionSummary?.EncryptionType, "NONE");
        assert.equal(stream.StreamDescriptionSummary?.RetentionPeriodHours, 24);
        const handler = await lambda.operations.GetFunction({ FunctionName: names.handler }, root);
        assert.equal(handler.Configuration?.Timeout, 5);
        assert.deepEqual(handler.Configuration?.Environment?.Variables, { STAGE: "second" });
        assert.equal(handler.Concurrency?.ReservedConcurrentExecutions, 2);
        const { EventSourceMappings = [] } = await lambda.operations.ListEventSourceMappings({}, root);
        assert.deepEqual(
            EventSourceMappings.map(({ BatchSize, BisectBatchOnFunctionError }) => [
                BatchSize,
                BisectBatchOnFunctionError,
            ]),
            [[100, true]],
        );
        const { logGroups = [] } = await logs.operations.DescribeLogGroups({ logGroupNamePrefix: names.logs }, root);
        assert.equal(logGroups[0]?.retentionInDays, undefined);
        const { metricFilters = [] } = await logs.operations.DescribeMetricFilters({ logGroupName: names.logs }, root);
        assert.deepEqual(
            metricFilters.map(({ metricTransformations = [] }) => metricTransformations[0]?.metricValue),
            ["$.took"],
        );
        assert.equal(s3.readObject(String(names.bucket), "code.txt").toString(), "second");
        const { Attributes } = await sqs.operations.GetQueueAttributes(
            { QueueUrl: names.queue, AttributeNames: ["All"] },
            root,
        );
        assert.equal(Attributes?.VisibilityTimeout, "30");
        const { Tags: queueTags } = await sqs.operations.ListQueueTags({ QueueUrl: names.queue }, root);
        assert.deepEqual(queueTags, { stage: "second" });
        const topic = await sns.operations.GetTopicAttributes({ TopicArn: names.topic }, root);
        assert.equal(topic.Attributes?.DisplayName, "");
        const { Tags: topicTags } = await sns.operations.ListTagsForResource({ ResourceArn: names.topic }, root);
        assert.deepEqual(topicTags, [{ Key: "stage", Value: "second" }]);
        assert.match(topic.Attributes?.Policy ?? "", /events\.amazonaws\.com/);
        const [subscription] =
            (await sns.operations.ListSubscriptionsByTopic({ TopicArn: names.topic }, root)).Subscriptions ?? [];
        const subscribed = await sns.operations.GetSubscriptionAttributes(
            { SubscriptionArn: subscription?.SubscriptionArn },
            root,
        );
        assert.equal(subscribed.Attributes?.RawMessageDelivery, "true");
        const { AttachedPolicies } = await iam.operations.ListAttachedRolePolicies(
            { RoleName: String(names.role) },
            root,
        );
        assert.deepEqual(
            AttachedPolicies.map(({ PolicyName }) => PolicyName),
            ["AWSLambdaKinesisExecutionRole"],
        );
        assert.equal((await events.operations.DescribeRule({ Name: names.rule }, root)).State, "DISABLED");
        const { EventBuses = [] } = await events.operations.ListEventBuses({ NamePrefix: "bus" }, root);
        assert.deepEqual(
            EventBuses.map(({ Description }) => Description),
            [""],
        );
        const { Rules = [] } = await events.operations.ListRules({ EventBusName: EventBuses[0]?.Name }, root);
        const { Targets = [] } = await events.operations.ListTargetsByRule(
            { Rule: Rules[0]?.Name, EventBusName: EventBuses[0]?.Name },
            root,
        );
        assert.deepEqual(Targets[0]?.RetryPolicy, { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
        assert.deepEqual(JSON.parse(JSON.stringify(Targets[0]?.HttpParameters)), {
            PathParameterValues: ["$.detail.id"],
            HeaderParameters: { "x-stage": "second" },
        });
        const { ApiDestinations = [] } = await events.operations.ListApiDestinations({}, root);
        assert.deepEqual(
            ApiDestinations.map(({ InvocationRateLimitPerSecond }) => InvocationRateLimitPerSecond),
            [300],
        );
    });

    it("keep the secrets of connections out of events, exports and files", async () => {
        const exported = JSON.stringify(engine.export());
        for (const text of [exported, JSON.stringify(engine.events)]) {
            assert.ok(!/(first|second)-secret/.test(text), "a connection's key is in clear");
        }
        for (const file of ["store.sqlite", "store.sqlite-wal"]) {
            const content = readFileSync(join(engine.store.folder, file));
            assert.ok(
                !/(first|second)-secret/.test(content.toString("latin1")),
                `${file} has a connection's key in clear`,
            );
        }
    });

    it("need nothing more once they are as described", async () => {
        const { changes } = await engine.deploy("services", { "services:changed": "true" });
        assert.deepEqual([changes.create, changes.update, changes.replace, changes.delete], [0, 0, 0, 0]);
    });

    it("are all deleted with the stack, the objects of a forceDestroy bucket included", async () => {
        const { cloudwatch, s3, lambda, kinesis, dynamodb, sns } = engine.services;
        await s3.operations.PutObject({ Bucket: names.bucket, Key: "left", Body: Buffer.from("x") }, root);
        await engine.destroy("services");
        assert.deepEqual(
            resourceEvents(engine.events).filter(({ status }) => status === "failed"),
            [],
        );
        assert.deepEqual((await s3.operations.ListBuckets({}, root)).Buckets ?? [], []);
        assert.deepEqual((await lambda.operations.ListFunctions({}, root)).Functions, []);
        assert.deepEqual((await kinesis.operations.ListStreams({}, root)).StreamNames, []);
        assert.deepEqual((await sns.operations.ListTopics({}, root)).Topics, []);
        assert.deepEqual((await cloudwatch.operations.DescribeAlarms({}, root)).MetricAlarms, []);
        await assert.rejects(dynamodb.operations.DescribeTable({ TableName: names.table }, root));
    });
});

describe("a queue's address", () => {
    it("follows the twin to another port, for those who use it too, without a replacement", async () => {
        const first = await startEngine();
        const { outputs: before } = await first.deploy("replaced");
        await first.close(true);
        const second = await startEngine(first.store.folder, "http://127.0.0.1:2");
        try {
            const { outputs } = await second.deploy("replaced");
            assert.equal(outputs.queueUrl, String(before.queueUrl).replace("127.0.0.1:1", "127.0.0.1:2"));
            assert.deepEqual(done(second.events), ["update work-policy"]);
        } finally {
            await second.close();
        }
    });
});
