import assert from "node:assert/strict";
import {
    CloudWatchLogsClient,
    DescribeLogGroupsCommand,
    FilterLogEventsCommand,
    PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
    BatchWriteItemCommand,
    DescribeTableCommand,
    DynamoDBClient,
    GetItemCommand,
    ListTagsOfResourceCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeRuleCommand, EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
    DescribeStreamCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    KinesisClient,
    ListStreamsCommand,
    PutRecordCommand,
    PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeModelPackageGroupCommand, ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { isThrottlingError, isTransientError } from "@smithy/core/retry";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { FaultAccount } from "../../../../local/aws/faults";
import { root } from "../../../../local/aws/service";
import { type ClientOptions, startTwinUnderTest, type TwinUnderTest } from "../../twin-under-test";

describe("faults of services", () => {
    let running: TwinUnderTest;
    let client: ClientOptions;
    let queueUrl: string;
    const destroyed: { destroy(): void }[] = [];
    const made = <Client extends { destroy(): void }>(each: Client): Client => {
        destroyed.push(each);
        return each;
    };

    before(async () => {
        running = await startTwinUnderTest();
        client = running.client;
        const { kinesis, s3, sqs } = running.twin.services;
        await kinesis.operations.CreateStream({ StreamName: "mail", ShardCount: 2 }, root);
        await s3.operations.CreateBucket({ Bucket: "mail" }, root);
        queueUrl = String((await sqs.operations.CreateQueue({ QueueName: "mail" }, root)).QueueUrl);
    });
    afterEach(() => {
        running.twin.setFaults(undefined);
        for (const each of destroyed.splice(0)) each.destroy();
    });
    after(() => running.close());

    const inject = (...rules: object[]) => running.twin.setFaults({ seed: 7, rules });
    const record = (key: string) => ({ PartitionKey: key, Data: Buffer.from(key) });
    const put = (key: string) => new PutRecordCommand({ StreamName: "mail", ...record(key) });
    /** The partition keys in the stream, in order of shards. */
    async function stored(): Promise<string[]> {
        const { operations } = running.twin.services.kinesis;
        const { Shards = [] } = await operations.ListShards({ StreamName: "mail" }, root);
        const keys: string[] = [];
        for (const { ShardId } of Shards) {
            const input = { StreamName: "mail", ShardId, ShardIteratorType: "TRIM_HORIZON" as const };
            const { ShardIterator } = await operations.GetShardIterator(input, root);
            const { Records = [] } = await operations.GetRecords({ ShardIterator }, root);
            keys.push(...Records.map(({ PartitionKey }) => String(PartitionKey)));
        }
        return keys;
    }

    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        PutRecord: () => made(new KinesisClient(client)).send(put("refused")),
        GetRecords: async () => {
            const kinesis = made(new KinesisClient(client));
            const { ShardIterator } = await running.twin.services.kinesis.operations.GetShardIterator(
                { StreamName: "mail", ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" },
                root,
            );
            return kinesis.send(new GetRecordsCommand({ ShardIterator }));
        },
        ListStreams: () => made(new KinesisClient(client)).send(new ListStreamsCommand()),
        GetItem: () =>
            made(new DynamoDBClient(client)).send(new GetItemCommand({ TableName: "t", Key: { id: { S: "1" } } })),
        DescribeTable: () => made(new DynamoDBClient(client)).send(new DescribeTableCommand({ TableName: "t" })),
        PutObject: () => s3().send(new PutObjectCommand({ Bucket: "mail", Key: "refused", Body: "x" })),
        HeadObject: () => s3().send(new HeadObjectCommand({ Bucket: "mail", Key: "any" })),
        SendMessage: () =>
            made(new SQSClient(client)).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "x" })),
        Invoke: () => made(new LambdaClient(client)).send(new InvokeCommand({ FunctionName: "any" })),
        DescribeLogGroups: () => made(new CloudWatchLogsClient(client)).send(new DescribeLogGroupsCommand()),
        PutEvents: () => made(new EventBridgeClient(client)).send(new PutEventsCommand({ Entries: [] })),
        ListModels: () => made(new SageMakerClient(client)).send(new ListModelsCommand()),
        InvokeEndpoint: () =>
            made(new SageMakerRuntimeClient(client)).send(
                new InvokeEndpointCommand({ EndpointName: "any", Body: "x" }),
            ),
        GetParameter: () => made(new SSMClient(client)).send(new GetParameterCommand({ Name: "/any" })),
    };
    const s3 = () => made(new S3Client({ ...client, forcePathStyle: true }));

    for (const [operation, code, status] of [
        ["PutRecord", "ProvisionedThroughputExceededException", 400],
        ["GetRecords", "ProvisionedThroughputExceededException", 400],
        ["ListStreams", "LimitExceededException", 400],
        ["GetItem", "ProvisionedThroughputExceededException", 400],
        ["DescribeTable", "ThrottlingException", 400],
        ["PutObject", "SlowDown", 503],
        ["SendMessage", "RequestThrottled", 400],
        ["Invoke", "TooManyRequestsException", 429],
        ["DescribeLogGroups", "ThrottlingException", 400],
        ["PutEvents", "ThrottlingException", 400],
        ["ListModels", "ThrottlingException", 400],
        ["InvokeEndpoint", "ThrottlingException", 400],
        ["GetParameter", "ThrottlingException", 400],
    ] as const) {
        it(`throttles ${operation} as ${code}, by which the SDK knows to try again`, async () => {
            inject({ service: "*", operation, fault: "throttle" });
            const error = await failure(calls[operation]);
            assert.equal(error.name, code);
            assert.equal(error.$metadata.httpStatusCode, status);
            assert.ok(isThrottlingError(error));
            assert.equal(error.$response?.headers["x-sortline-fault"], "throttle (rule 1, call 1)");
        });
    }

    for (const [operation, code] of [
        ["PutRecord", "InternalFailure"],
        ["GetItem", "InternalServerError"],
        ["PutObject", "InternalError"],
        ["HeadObject", "Unknown"],
        ["SendMessage", "InternalFailure"],
        ["Invoke", "ServiceException"],
        ["DescribeLogGroups", "ServiceUnavailableException"],
        ["PutEvents", "InternalException"],
        ["ListModels", "InternalFailure"],
        ["InvokeEndpoint", "InternalFailure"],
        ["GetParameter", "InternalServerError"],
    ] as const) {
        it(`fails ${operation} inside as ${code}, by which the SDK knows to try again`, async () => {
            inject({ service: "*", operation, fault: "error" });
            const error = await failure(calls[operation]);
            assert.equal(error.name, code);
            assert.equal(error.$metadata.httpStatusCode, 500);
            assert.ok(isTransientError(error));
        });
    }

    for (const [protocol, more] of [
        ["HTTP/2", {}],
        ["HTTP/1.1", { requestHandler: new NodeHttpHandler() }],
    ] as const) {
        it(`drops a connection before the call is done: a client tries again, and nothing is doubled (${protocol})`, async () => {
            const kinesis = made(new KinesisClient({ ...client, ...more, maxAttempts: 3 }));
            inject({ service: "kinesis", operation: "PutRecord", fault: "drop", calls: [1] });
            await kinesis.send(put(`before ${protocol}`));
            assert.equal((await stored()).filter((key) => key === `before ${protocol}`).length, 1);
        });

        it(`loses an acknowledgement: the record is stored, and stored again when the client tries again (${protocol})`, async () => {
            const kinesis = made(new KinesisClient({ ...client, ...more, maxAttempts: 3 }));
            inject({ service: "kinesis", operation: "PutRecord", fault: "drop", when: "after", calls: [1] });
            await kinesis.send(put(`after ${protocol}`));
            assert.equal((await stored()).filter((key) => key === `after ${protocol}`).length, 2);
        });
    }

    it("fails after the call is done", async () => {
        inject({ service: "s3", operation: "PutObject", fault: "error", when: "after", status: 503 });
        const error = await failure(() => s3().send(new PutObjectCommand({ Bucket: "mail", Key: "done", Body: "x" })));
        assert.equal(error.$metadata.httpStatusCode, 503);
        assert.equal(running.twin.services.s3.readObject("mail", "done").toString(), "x");
    });

    it("lets go of a large object whose answer is lost", async () => {
        const Body = Buffer.alloc(1_000_000, "x");
        await s3().send(new PutObjectCommand({ Bucket: "mail", Key: "large", Body }));
        inject({ service: "s3", operation: "GetObject", fault: "drop", when: "after", calls: [1] });
        const client3 = made(new S3Client({ ...client, forcePathStyle: true, maxAttempts: 3 }));
        const { Body: read } = await client3.send(new GetObjectCommand({ Bucket: "mail", Key: "large" }));
        assert.equal((await read?.transformToByteArray())?.length, Body.length);
    });

    it("refuses some records of a call, names their shards, and stores the others in their order", async () => {
        inject({ service: "kinesis", operation: "PutRecords", fault: "throttle", records: 0.3 });
        const keys = Array.from({ length: 200 }, (_, index) => `part ${String(index).padStart(3, "0")}`);
        const send = () =>
            made(new KinesisClient(client)).send(
                new PutRecordsCommand({ StreamName: "mail", Records: keys.map(record) }),
            );
        const { FailedRecordCount, Records = [] } = await send();
        const refused = keys.filter((_, index) => Records[index]?.ErrorCode !== undefined);
        assert.equal(FailedRecordCount, refused.length);
        assert.ok(refused.length > 40 && refused.length < 80, String(refused.length));
        for (const { ErrorCode, ErrorMessage, SequenceNumber } of Records) {
            if (SequenceNumber !== undefined) continue;
            assert.equal(ErrorCode, "ProvisionedThroughputExceededException");
            assert.match(
                String(ErrorMessage),
                /^Rate exceeded for shard shardId-00000000000[01] in stream mail under account 000000000000\.$/,
            );
        }
        const kept = (await stored()).filter((key) => key.startsWith("part"));
        assert.deepEqual(
            [...kept].sort(),
            keys.filter((key) => !refused.includes(key)),
        );
        // The same again after the plan was put into force again.
        inject({ service: "kinesis", operation: "PutRecords", fault: "throttle", records: 0.3 });
        const again = await send();
        assert.deepEqual(
            keys.filter((_, index) => again.Records?.[index]?.ErrorCode !== undefined),
            refused,
        );
    });

    it("lets through what is put again alone, and answers where it refuses all", async () => {
        const send = (count: number) =>
            made(new KinesisClient(client)).send(
                new PutRecordsCommand({
                    StreamName: "mail",
                    Records: Array.from({ length: count }, () => record("x")),
                }),
            );
        inject({ service: "kinesis", operation: "PutRecords", fault: "throttle", records: 0.5 });
        const refused: (number | undefined)[] = [];
        for (let call = 0; call < 20; call++) refused.push((await send(1)).FailedRecordCount);
        assert.deepEqual([...new Set(refused)].sort(), [0, 1]);
        inject({ service: "kinesis", operation: "PutRecords", fault: "throttle", records: 1 });
        assert.equal((await send(3)).FailedRecordCount, 3);
    });

    it("delays a call that is then done", async () => {
        inject({ service: "kinesis", operation: "PutRecord", fault: "delay", milliseconds: 300 });
        const hasty = made(new KinesisClient({ ...client, requestHandler: { requestTimeout: 50 } }));
        await assert.rejects(hasty.send(put("slow")), { name: "TimeoutError" });
        await made(new KinesisClient(client)).send(put("slow"));
        assert.ok((await stored()).includes("slow"));
    });

    it("spares the deployment, and what the twin does inside", async () => {
        inject({ service: "*", fault: "error" });
        await running.twin.services.kinesis.operations.ListStreams({}, root);
        const deployed = await running.twin.stack.up(() => {});
        assert.equal(deployed.outputs.account, "000000000000");
        assert.equal(running.twin.faults()?.newest.length, 0);
    });

    it("finds a stream of the program by its name there", async () => {
        await running.twin.stack.up(() => {});
        const { streamName } = running.twin.stack.export().outputs;
        inject({ service: "kinesis", resource: "input", fault: "throttle" });
        const kinesis = made(new KinesisClient(client));
        const read = (StreamName: string) =>
            kinesis.send(
                new GetShardIteratorCommand({
                    StreamName,
                    ShardId: "shardId-000000000000",
                    ShardIteratorType: "LATEST",
                }),
            );
        await assert.rejects(read(String(streamName)), { name: "ProvisionedThroughputExceededException" });
        await read("mail");
    });

    const anyTable = "arn:aws:dynamodb:eu-central-1:000000000000:table/index";
    const byResource: readonly (readonly [operation: string, resource: string, call: () => Promise<unknown>])[] = [
        ["GetRecords", "mail", () => Promise.resolve(calls.GetRecords?.())],
        [
            "DescribeStream",
            "mail",
            () =>
                made(new KinesisClient(client)).send(
                    new DescribeStreamCommand({ StreamARN: "arn:aws:kinesis:eu-central-1:000000000000:stream/mail" }),
                ),
        ],
        ["SendMessage", "mail", () => Promise.resolve(calls.SendMessage?.())],
        [
            "Publish",
            "news",
            () =>
                made(new SNSClient(client)).send(
                    new PublishCommand({
                        TopicArn: "arn:aws:sns:eu-central-1:000000000000:news",
                        Message: "x",
                    }),
                ),
        ],
        [
            "PutEvents",
            "shop",
            () =>
                made(new EventBridgeClient(client)).send(
                    new PutEventsCommand({
                        Entries: [
                            { EventBusName: "shop", Source: "a", DetailType: "b", Detail: "{}" },
                            { Source: "a", DetailType: "b", Detail: "{}" },
                        ],
                    }),
                ),
        ],
        [
            "PutEvents",
            "default",
            () =>
                made(new EventBridgeClient(client)).send(
                    new PutEventsCommand({ Entries: [{ Source: "a", DetailType: "b", Detail: "{}" }] }),
                ),
        ],
        [
            "DescribeRule",
            "nightly",
            () => made(new EventBridgeClient(client)).send(new DescribeRuleCommand({ Name: "nightly" })),
        ],
        [
            "BatchWriteItem",
            "index",
            () =>
                made(new DynamoDBClient(client)).send(
                    new BatchWriteItemCommand({
                        RequestItems: { index: [{ DeleteRequest: { Key: { id: { S: "1" } } } }] },
                    }),
                ),
        ],
        [
            "ListTagsOfResource",
            "index",
            () => made(new DynamoDBClient(client)).send(new ListTagsOfResourceCommand({ ResourceArn: anyTable })),
        ],
        [
            "GetParameter",
            "/mail/key",
            () => made(new SSMClient(client)).send(new GetParameterCommand({ Name: "/mail/key" })),
        ],
        [
            "GetParameters",
            "/mail/*",
            () => made(new SSMClient(client)).send(new GetParametersCommand({ Names: ["other", "/mail/key:2"] })),
        ],
        [
            "FilterLogEvents",
            "/aws/lambda/fn",
            () =>
                made(new CloudWatchLogsClient(client)).send(
                    new FilterLogEventsCommand({
                        logGroupIdentifier: "arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/fn",
                    }),
                ),
        ],
        [
            "PutLogEvents",
            "/aws/lambda/fn",
            () =>
                made(new CloudWatchLogsClient(client)).send(
                    new PutLogEventsCommand({ logGroupName: "/aws/lambda/fn", logStreamName: "s", logEvents: [] }),
                ),
        ],
        [
            "ListEventSourceMappings",
            "fn",
            () =>
                made(new LambdaClient(client)).send(
                    new ListEventSourceMappingsCommand({
                        FunctionName: "arn:aws:lambda:eu-central-1:000000000000:function:fn",
                    }),
                ),
        ],
        ["InvokeEndpoint", "any", () => Promise.resolve(calls.InvokeEndpoint?.())],
        [
            "DescribeModelPackageGroup",
            "models",
            () =>
                made(new SageMakerClient(client)).send(
                    new DescribeModelPackageGroupCommand({ ModelPackageGroupName: "models" }),
                ),
        ],
    ];
    for (const [operation, resource, call] of byResource) {
        it(`find a call of ${operation} by its resource ${resource}, and no other`, async () => {
            inject(
                { service: "*", operation, resource: "none-of-these", fault: "throttle" },
                { service: "*", operation, resource, fault: "throttle" },
            );
            assert.ok(isThrottlingError(await failure(call)));
            assert.deepEqual(
                running.twin.faults()?.rules.map(({ injected }) => injected),
                [0, 1],
            );
        });
    }

    it("are put into force, told of and ended through the twin's own endpoint", async () => {
        assert.deepEqual(await running.control("faults"), { status: 200, content: null });
        const send = async (plan: unknown) => {
            const response = await fetch(`${client.endpoint}/_sortline/faults`, {
                method: "PUT",
                headers: { authorization: `Bearer ${client.credentials.accessKeyId}` },
                body: JSON.stringify(plan),
            });
            return { status: response.status, content: (await response.json()) as { message: string } };
        };
        const rule = { service: "kinesis", operation: "PutRecord", fault: "throttle", max: 1 };
        assert.equal((await send({ seed: 7, rules: [rule] })).status, 200);
        await assert.rejects(made(new KinesisClient(client)).send(put("x")));
        await made(new KinesisClient(client)).send(put("x"));
        const bad = await send({ seed: 7, rules: [{ ...rule, max: 0 }] });
        assert.equal(bad.status, 400);
        assert.match(bad.content.message, /rules\[0\]\.max is 0; it must be a whole number from 1\./);
        const { seed, rules, newest } = (await running.control("faults")).content as FaultAccount;
        assert.deepEqual({ seed, rules }, { seed: 7, rules: [{ rule, calls: 2, injected: 1 }] });
        assert.deepEqual(
            newest.map(({ call, number }) => [call, number]),
            [["kinesis PutRecord mail", 1]],
        );
        assert.deepEqual(await send(null), { status: 200, content: null });
        await made(new KinesisClient(client)).send(put("x"));
    });
});

interface ServiceFailure extends Error {
    readonly cause?: Error;
    readonly $metadata: { readonly httpStatusCode?: number };
    readonly $response?: { readonly statusCode: number; readonly headers: Record<string, string> };
}

async function failure(call: (() => Promise<unknown>) | undefined): Promise<ServiceFailure> {
    try {
        await call?.();
    } catch (error) {
        return error as ServiceFailure;
    }
    throw new Error("The call did not fail.");
}
