import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import {
    CreateStreamCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    KinesisClient,
    PutRecordCommand,
    PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
    CreateQueueCommand,
    DeleteMessageCommand,
    ReceiveMessageCommand,
    SendMessageBatchCommand,
    SendMessageCommand,
    SQSClient,
} from "@aws-sdk/client-sqs";
import { account, region, root } from "../../local/aws/service";
import { bundle, temporaryFolder, until } from "./aws/lambda-twin";
import { startTwinUnderTest, type TwinUnderTest } from "./twin-under-test";

describe("The services' own metrics", () => {
    const home = temporaryFolder();
    let twin: TwinUnderTest;
    let cloudwatch: CloudWatchClient;

    before(async () => {
        twin = await startTwinUnderTest();
        cloudwatch = new CloudWatchClient(twin.client);
        await twin.clientOf("worker", [{ Effect: "Allow", Action: ["kinesis:*", "logs:*"], Resource: "*" }]);
    });

    after(async () => {
        cloudwatch.destroy();
        await twin.close();
        home.remove();
    });

    /** Statistics of the last hours together, by metric name: `Sum Errors` and the like. */
    async function metrics(Namespace: string, dimensions: Record<string, string>, names: readonly string[]) {
        const now = twin.twin.clock.now();
        const { MetricDataResults = [] } = await cloudwatch.send(
            new GetMetricDataCommand({
                StartTime: new Date(now - 36_000_000),
                EndTime: new Date(now + 60_000),
                MetricDataQueries: names.map((name, index) => {
                    const [Stat = "", MetricName = ""] = name.split(" ");
                    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
                    const Metric = { Namespace, MetricName, Dimensions };
                    return { Id: `m${index}`, MetricStat: { Metric, Stat, Period: 86_400 } };
                }),
            }),
        );
        return Object.fromEntries(names.map((name, index) => [name, MetricDataResults[index]?.Values?.[0]]));
    }

    const create = (FunctionName: string, source: string) =>
        twin.twin.services.lambda.operations.CreateFunction(
            {
                FunctionName,
                Role: `arn:aws:iam::${account}:role/worker`,
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Code: { folder: bundle(home.folder, source) } as never,
            },
            root,
        );

    it("count records, bytes and readers of a stream", async () => {
        const client = new KinesisClient(twin.client);
        const StreamName = "measured";
        await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
        await client.send(new PutRecordCommand({ StreamName, PartitionKey: "a", Data: Buffer.alloc(100) }));
        const Records = Array.from({ length: 5 }, (_, index) => ({ PartitionKey: `${index}`, Data: Buffer.alloc(10) }));
        await client.send(new PutRecordsCommand({ StreamName, Records }));
        const { ShardIterator } = await client.send(
            new GetShardIteratorCommand({
                StreamName,
                ShardId: "shardId-000000000000",
                ShardIteratorType: "TRIM_HORIZON",
            }),
        );
        await client.send(new GetRecordsCommand({ ShardIterator }));
        client.destroy();
        const wanted = {
            "Sum IncomingRecords": 6,
            "Sum IncomingBytes": 150,
            "Sum PutRecord.Success": 1,
            "Sum PutRecords.Success": 1,
            "Sum PutRecords.SuccessfulRecords": 5,
            "Sum PutRecords.FailedRecords": 0,
            "Sum WriteProvisionedThroughputExceeded": 0,
            "Sum GetRecords.Records": 6,
            "Sum GetRecords.Bytes": 150,
            "SampleCount GetRecords.IteratorAgeMilliseconds": 1,
        };
        assert.deepEqual(await metrics("AWS/Kinesis", { StreamName }, Object.keys(wanted)), wanted);
    });

    it("count invocations and errors of a function, by function and over all", async () => {
        const client = new LambdaClient(twin.client);
        const FunctionName = "measured";
        await create(
            FunctionName,
            "export const handler = async (e: {fail?: boolean}) => { if (e.fail) throw new Error('no'); };",
        );
        for (const payload of [{}, { fail: true }]) {
            await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));
        }
        await twin.twin.services.lambda.operations.PutFunctionEventInvokeConfig(
            { FunctionName, MaximumRetryAttempts: 0 },
            root,
        );
        await client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: '{"fail":true}' }));
        await until(() => twin.twin.services.lambda.idle());
        await create("closed", "export const handler = async () => {};");
        await twin.twin.services.lambda.operations.PutFunctionConcurrency(
            { FunctionName: "closed", ReservedConcurrentExecutions: 0 },
            root,
        );
        const throttled = client.send(new InvokeCommand({ FunctionName: "closed" }));
        await assert.rejects(throttled, { name: "TooManyRequestsException" });
        client.destroy();
        const wanted = {
            "Sum Invocations": 3,
            "Sum Errors": 2,
            "SampleCount Duration": 3,
            "Sum Throttles": 0,
            "Maximum ConcurrentExecutions": 1,
            "Sum AsyncEventsReceived": 1,
            "Sum AsyncEventsDropped": 1,
            "SampleCount AsyncEventAge": 1,
        };
        assert.deepEqual(await metrics("AWS/Lambda", { FunctionName }, Object.keys(wanted)), wanted);
        assert.deepEqual(
            await metrics("AWS/Lambda", { FunctionName, Resource: FunctionName }, Object.keys(wanted)),
            wanted,
        );
        const refused = { "Sum Throttles": 1, "Sum Invocations": undefined };
        assert.deepEqual(await metrics("AWS/Lambda", { FunctionName: "closed" }, Object.keys(refused)), refused);
        const all = await metrics("AWS/Lambda", {}, ["Sum Invocations"]);
        assert.ok((all["Sum Invocations"] ?? 0) >= 3);
    });

    it("tell how old the records are that a function reads", async () => {
        const { kinesis, lambda } = twin.twin.services;
        const FunctionName = "reader";
        await create(FunctionName, "export const handler = async () => {};");
        await kinesis.operations.CreateStream({ StreamName: "read", ShardCount: 1 }, root);
        await kinesis.operations.PutRecord({ StreamName: "read", PartitionKey: "a", Data: Buffer.from("{}") }, root);
        await lambda.operations.CreateEventSourceMapping(
            {
                FunctionName,
                EventSourceArn: `arn:aws:kinesis:${region}:${account}:stream/read`,
                StartingPosition: "TRIM_HORIZON",
            },
            root,
        );
        await until(async () => {
            const age = "SampleCount IteratorAge";
            return (await metrics("AWS/Lambda", { FunctionName }, [age]))[age] === 1;
        });
        const name = "SampleCount GetRecords.IteratorAgeMilliseconds";
        assert.equal((await metrics("AWS/Kinesis", { StreamName: "read" }, [name]))[name], 1);
    });

    it("count messages, and tell each minute what waits in a queue and how long", async () => {
        const client = new SQSClient(twin.client);
        const QueueName = "measured";
        const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName }));
        await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "twelve bytes" }));
        const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: Id }));
        await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
        twin.twin.clock.advance(10 * 60_000);
        const wanted = {
            "Sum NumberOfMessagesSent": 3,
            "Sum SentMessageSize": 14,
            "Sum NumberOfMessagesReceived": 1,
            "Sum NumberOfMessagesDeleted": 1,
            "Maximum ApproximateNumberOfMessagesVisible": 2,
            "SampleCount ApproximateNumberOfMessagesVisible": 10,
        };
        assert.deepEqual(await metrics("AWS/SQS", { QueueName }, Object.keys(wanted)), wanted);
        const age = "Maximum ApproximateAgeOfOldestMessage";
        const oldest = (await metrics("AWS/SQS", { QueueName }, [age]))[age] ?? 0;
        assert.ok(oldest > 500 && oldest <= 600, `${oldest} s`);
        // What nobody uses is measured for six hours, and then no longer.
        const { sqs } = twin.twin.services;
        await sqs.operations.PurgeQueue({ QueueUrl }, root);
        twin.twin.clock.advance(24 * 3_600_000);
        const { Metrics = [] } = await cloudwatch.send(
            new ListMetricsCommand({ Namespace: "AWS/SQS", RecentlyActive: "PT3H" }),
        );
        assert.deepEqual(Metrics, []);
        client.destroy();
    });
});
