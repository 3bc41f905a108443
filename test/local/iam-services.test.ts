import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, DeleteAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetShardIteratorCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
    DeleteObjectsCommand,
    GetObjectCommand,
    ListBucketsCommand,
    ListObjectsV2Command,
    PutObjectCommand,
    S3Client,
} from "@aws-sdk/client-s3";
import { CreateTrainingJobCommand, DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { PolicyStatement } from "../../local/aws/iam";
import { account, region, root } from "../../local/aws/service";
import { type ClientOptions, startTwinUnderTest, type TwinUnderTest } from "./twin-under-test";

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const allow = (Action: string | string[], Resource: string | string[] = "*", more: object = {}): PolicyStatement => ({
    Effect: "Allow",
    Action,
    Resource,
    ...more,
});

const stream = arn("kinesis", "stream/mail");
const queue = arn("sqs", "work");
const topic = arn("sns", "alarms");
const table = arn("dynamodb", "table/index");
const group = arn("logs", "log-group:/aws/lambda/parse");
const endpoint = arn("sagemaker", "endpoint/classifier");

/** What of an error the caller sees. */
interface Denial {
    readonly name: string;
    readonly status: number;
    readonly message: string;
}

interface Call {
    readonly service: string;
    readonly does: string;
    call(options: ClientOptions): Promise<unknown>;
    /** With these statements it succeeds, or ends with the error of this name, for which it must be let in. */
    readonly allowed: readonly PolicyStatement[];
    readonly endsWith?: string;
    /** With these it is denied, in AWS's words. */
    readonly denied: readonly PolicyStatement[];
    readonly denial: Denial;
}

/** Sends one command with a client of its own. */
function send(
    Client: new (
        options: ClientOptions & { forcePathStyle: true },
    ) => {
        send(command: never): Promise<unknown>;
        destroy(): void;
    },
    command: object,
) {
    return async (options: ClientOptions): Promise<unknown> => {
        const client = new Client({ ...options, forcePathStyle: true });
        return client.send(command as never).finally(() => client.destroy());
    };
}

/** The usual words of a denial. */
const lacks = (action: string, resource: string, name = "AccessDeniedException", status = 400): Denial => ({
    name,
    status,
    message: `${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
});
const inS3 = (action: string, resource: string) => lacks(action, `"${resource}"`, "AccessDenied", 403);
const inSqs = (action: string) => lacks(action, queue, "AccessDenied", 403);

const image = `492215442770.dkr.ecr.${region}.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3`;
const record = { StreamName: "mail", PartitionKey: "1", Data: Buffer.from("x") };
const read = new GetObjectCommand({ Bucket: "mail", Key: "in/a" });
const put = new PutObjectCommand({ Bucket: "mail", Key: "out/a", Body: "x" });
const list = new ListObjectsV2Command({ Bucket: "mail", Prefix: "in/" });
const message = new SendMessageCommand({ QueueUrl: "http://127.0.0.1/000000000000/work", MessageBody: "x" });
const receive = new ReceiveMessageCommand({ QueueUrl: "http://127.0.0.1/000000000000/work" });
const item = new GetItemCommand({ TableName: "index", Key: { id: { S: "1" } } });
const parameters = new GetParametersCommand({ Names: ["/mail/key", "limit"] });
const listing = (prefix: string) =>
    allow("s3:ListBucket", "arn:aws:s3:::mail", { Condition: { StringLike: { "s3:prefix": prefix } } });

const calls: Call[] = [
    {
        service: "kinesis",
        does: "put a record",
        call: send(KinesisClient, new PutRecordCommand(record)),
        allowed: [allow("kinesis:PutRecord", stream)],
        denied: [allow("kinesis:PutRecords", stream)],
        denial: lacks("kinesis:PutRecord", stream),
    },
    {
        service: "kinesis",
        does: "put a record by a wildcard",
        call: send(KinesisClient, new PutRecordCommand(record)),
        allowed: [allow("kinesis:Put*", arn("kinesis", "stream/m?il"))],
        denied: [allow("kinesis:Put*", arn("kinesis", "stream/m?"))],
        denial: lacks("kinesis:PutRecord", stream),
    },
    {
        service: "kinesis",
        does: "read what is not denied",
        call: send(
            KinesisClient,
            new GetShardIteratorCommand({
                StreamName: "mail",
                ShardId: "shardId-000000000000",
                ShardIteratorType: "LATEST",
            }),
        ),
        allowed: [allow("*")],
        denied: [allow("*"), { Effect: "Deny", Action: "kinesis:Get*", Resource: stream }],
        denial: {
            ...lacks("kinesis:GetShardIterator", stream),
            message: `kinesis:GetShardIterator on resource: ${stream} with an explicit deny in an identity-based policy`,
        },
    },
    {
        service: "s3",
        does: "get an object",
        call: send(S3Client, read),
        allowed: [allow("s3:GetObject", "arn:aws:s3:::mail/in/*")],
        denied: [allow("s3:*", "arn:aws:s3:::mail")],
        denial: inS3("s3:GetObject", "arn:aws:s3:::mail/in/a"),
    },
    {
        service: "s3",
        does: "put an object of a folder",
        call: send(S3Client, put),
        allowed: [allow("s3:PutObject", "arn:aws:s3:::mail/out/*")],
        denied: [allow("s3:PutObject", "arn:aws:s3:::mail/in/*")],
        denial: inS3("s3:PutObject", "arn:aws:s3:::mail/out/a"),
    },
    {
        service: "s3",
        does: "list a prefix",
        call: send(S3Client, list),
        allowed: [listing("in/*")],
        denied: [listing("out/*")],
        denial: inS3("s3:ListBucket", "arn:aws:s3:::mail"),
    },
    {
        service: "s3",
        does: "see all buckets",
        call: send(S3Client, new ListBucketsCommand()),
        allowed: [allow("s3:ListAllMyBuckets")],
        denied: [allow("s3:ListBucket")],
        denial: {
            name: "AccessDenied",
            status: 403,
            message: "s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action",
        },
    },
    {
        service: "s3",
        does: "learn that a key is missing",
        call: send(S3Client, new GetObjectCommand({ Bucket: "mail", Key: "in/missing" })),
        allowed: [allow("s3:GetObject", "arn:aws:s3:::mail/*"), allow("s3:ListBucket", "arn:aws:s3:::mail")],
        endsWith: "NoSuchKey",
        denied: [allow("s3:GetObject", "arn:aws:s3:::mail/*")],
        denial: inS3("s3:ListBucket", "arn:aws:s3:::mail"),
    },
    {
        service: "sns",
        does: "publish to a topic",
        call: send(SNSClient, new PublishCommand({ TopicArn: topic, Message: "m" })),
        allowed: [allow("sns:Publish", topic)],
        denied: [allow("sns:Publish", `${topic}2`)],
        denial: lacks("SNS:Publish", topic, "AuthorizationErrorException", 403),
    },
    {
        service: "sqs",
        does: "send a message",
        call: send(SQSClient, message),
        allowed: [allow("sqs:SendMessage", queue)],
        denied: [allow("sqs:ReceiveMessage", queue)],
        denial: inSqs("sqs:sendmessage"),
    },
    {
        service: "sqs",
        does: "send a batch",
        call: send(
            SQSClient,
            new SendMessageBatchCommand({ QueueUrl: message.input.QueueUrl, Entries: [{ Id: "1", MessageBody: "x" }] }),
        ),
        allowed: [allow("sqs:SendMessage", queue)],
        denied: [allow("sqs:SendMessageBatch", queue)],
        denial: inSqs("sqs:sendmessage"),
    },
    {
        service: "sqs",
        does: "receive messages of this queue",
        call: send(SQSClient, receive),
        allowed: [{ Effect: "Allow", Action: "sqs:*", NotResource: `${queue}2` }],
        denied: [{ Effect: "Allow", Action: "sqs:*", NotResource: queue }],
        denial: inSqs("sqs:receivemessage"),
    },
    {
        service: "dynamodb",
        does: "get an item",
        call: send(DynamoDBClient, item),
        allowed: [allow("dynamodb:GetItem", table)],
        denied: [allow("dynamodb:GetItem", `${table}/index/*`)],
        denial: lacks("dynamodb:GetItem", table),
    },
    {
        service: "dynamodb",
        does: "write a batch",
        call: send(
            DynamoDBClient,
            new BatchWriteItemCommand({ RequestItems: { index: [{ PutRequest: { Item: { id: { S: "1" } } } }] } }),
        ),
        allowed: [allow("dynamodb:BatchWriteItem", table)],
        denied: [allow("dynamodb:PutItem", table)],
        denial: lacks("dynamodb:BatchWriteItem", table),
    },
    {
        service: "dynamodb",
        does: "list tables",
        call: send(DynamoDBClient, new ListTablesCommand()),
        allowed: [allow("dynamodb:ListTables")],
        denied: [{ Effect: "Allow", NotAction: "dynamodb:List*", Resource: "*" }],
        denial: lacks("dynamodb:ListTables", arn("dynamodb", "table/*")),
    },
    {
        service: "sagemaker-runtime",
        does: "invoke an endpoint by its ARN in lower case",
        call: send(SageMakerRuntimeClient, new InvokeEndpointCommand({ EndpointName: "Classifier", Body: "{}" })),
        allowed: [allow("sagemaker:InvokeEndpoint", endpoint)],
        endsWith: "ValidationError",
        denied: [allow("sagemaker:InvokeEndpoint", arn("sagemaker", "endpoint/Classifier"))],
        denial: lacks("sagemaker:InvokeEndpoint", endpoint),
    },
    {
        service: "sagemaker",
        does: "describe an endpoint",
        call: send(SageMakerClient, new DescribeEndpointCommand({ EndpointName: "classifier" })),
        allowed: [allow("sagemaker:Describe*", endpoint)],
        endsWith: "ValidationException",
        denied: [allow("sagemaker:InvokeEndpoint", endpoint)],
        denial: lacks("sagemaker:DescribeEndpoint", endpoint),
    },
    {
        service: "ssm",
        does: "get a parameter",
        call: send(SSMClient, new GetParameterCommand({ Name: "/mail/key", WithDecryption: true })),
        allowed: [allow("ssm:GetParameter", arn("ssm", "parameter/mail/*"))],
        denied: [allow("ssm:GetParameters", arn("ssm", "parameter/mail/*"))],
        denial: lacks("ssm:GetParameter", arn("ssm", "parameter/mail/key")),
    },
    {
        service: "ssm",
        does: "get several parameters",
        call: send(SSMClient, parameters),
        allowed: [allow("ssm:GetParameters", [arn("ssm", "parameter/mail/key"), arn("ssm", "parameter/limit")])],
        denied: [allow("ssm:GetParameters", arn("ssm", "parameter/mail/key"))],
        denial: lacks("ssm:GetParameters", arn("ssm", "parameter/limit")),
    },
    {
        service: "lambda",
        does: "invoke a function",
        call: send(LambdaClient, new InvokeCommand({ FunctionName: "parse" })),
        allowed: [allow("lambda:InvokeFunction", arn("lambda", "function:parse"))],
        endsWith: "ResourceNotFoundException",
        denied: [allow("lambda:InvokeFunction", arn("lambda", "function:route"))],
        denial: lacks("lambda:InvokeFunction", arn("lambda", "function:parse"), "AccessDeniedException", 403),
    },
    {
        service: "lambda",
        does: "list functions",
        call: send(LambdaClient, new ListFunctionsCommand()),
        allowed: [allow("lambda:ListFunctions")],
        denied: [allow("lambda:ListFunctions", arn("lambda", "function:*"))],
        denial: lacks("lambda:ListFunctions", "*", "AccessDeniedException", 403),
    },
    {
        service: "cloudwatch",
        does: "delete an alarm",
        call: send(CloudWatchClient, new DeleteAlarmsCommand({ AlarmNames: ["late"] })),
        allowed: [allow("cloudwatch:DeleteAlarms", arn("cloudwatch", "alarm:late"))],
        endsWith: "ResourceNotFound",
        denied: [allow("cloudwatch:DeleteAlarms", arn("cloudwatch", "alarm:other"))],
        denial: lacks("cloudwatch:DeleteAlarms", arn("cloudwatch", "alarm:late"), "AccessDenied", 403),
    },
    {
        service: "logs",
        does: "read the streams of a group",
        call: send(CloudWatchLogsClient, new DescribeLogStreamsCommand({ logGroupName: "/aws/lambda/parse" })),
        allowed: [allow("logs:DescribeLogStreams", `${group}:*`)],
        denied: [allow("logs:DescribeLogStreams", group)],
        denial: lacks("logs:DescribeLogStreams", `${group}:log-stream:`),
    },
];

describe("a role that calls a service of the twin", () => {
    let running: TwinUnderTest;

    before(async () => {
        running = await startTwinUnderTest();
        const { kinesis, s3, sqs, sns, dynamodb, logs, ssm } = running.twin.services;
        await kinesis.operations.CreateStream({ StreamName: "mail", ShardCount: 1 }, root);
        await s3.operations.CreateBucket({ Bucket: "mail" }, root);
        await s3.operations.PutObject({ Bucket: "mail", Key: "in/a", Body: Buffer.from("x") }, root);
        await sqs.operations.CreateQueue({ QueueName: "work" }, root);
        await sns.operations.CreateTopic({ Name: "alarms" }, root);
        await dynamodb.operations.CreateTable(
            {
                TableName: "index",
                AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
                KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
                BillingMode: "PAY_PER_REQUEST",
            },
            root,
        );
        await logs.operations.CreateLogGroup({ logGroupName: "/aws/lambda/parse" }, root);
        await ssm.operations.PutParameter({ Name: "/mail/key", Value: "1", Type: "SecureString" }, root);
        await ssm.operations.PutParameter({ Name: "limit", Value: "2", Type: "String" }, root);
    });
    after(() => running.close());

    let roles = 0;
    async function role(statements: readonly PolicyStatement[]) {
        const name = `role-${++roles}`;
        const options = await running.clientOf(name, statements);
        return { options, user: `User: arn:aws:sts::${account}:assumed-role/${name}/session` };
    }

    const denied =
        (user: string, { name, status, message }: Denial) =>
        (error: unknown) => {
            const thrown = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
            assert.equal(thrown.message, `${user} is not authorized to perform: ${message}`);
            assert.deepEqual([thrown.name, thrown.$metadata?.httpStatusCode], [name, status]);
            return true;
        };

    for (const { service, does, call, allowed, endsWith, denied: insufficient, denial } of calls) {
        it(`may in ${service} ${does}`, async () => {
            const { options } = await role(allowed);
            if (endsWith === undefined) await call(options);
            else await assert.rejects(call(options), { name: endsWith });
        });

        it(`may not in ${service} ${does} without the grant`, async () => {
            const { options, user } = await role(insufficient);
            await assert.rejects(call(options), denied(user, denial));
        });
    }

    it("is let in by the bucket's policy, and kept out by it", async () => {
        const { s3 } = running.twin.services;
        const { options: guest } = await role([]);
        const { options: owner, user } = await role([allow("s3:*")]);
        const name = `role-${roles - 1}`;
        await s3.operations.CreateBucket({ Bucket: "shared" }, root);
        await s3.operations.PutObject({ Bucket: "shared", Key: "a", Body: Buffer.from("x") }, root);
        const statements = [
            allow("s3:GetObject", "arn:aws:s3:::shared/*", {
                Principal: { AWS: `arn:aws:iam::${account}:role/${name}` },
            }),
            { Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: "arn:aws:s3:::shared/*" },
        ];
        const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
        await s3.operations.PutBucketPolicy({ Bucket: "shared", Policy }, root);
        const get = send(S3Client, new GetObjectCommand({ Bucket: "shared", Key: "a" }));
        const write = send(S3Client, new PutObjectCommand({ Bucket: "shared", Key: "a", Body: "x" }));
        await get(guest);
        await get(owner);
        await assert.rejects(
            write(owner),
            denied(user, {
                name: "AccessDenied",
                status: 403,
                message:
                    's3:PutObject on resource: "arn:aws:s3:::shared/a" with an explicit deny in a resource-based policy',
            }),
        );
    });

    it("is let in by the queue's policy, which cannot hold what is not evaluated", async () => {
        const { sqs } = running.twin.services;
        const { options } = await role([]);
        const QueueUrl = message.input.QueueUrl;
        const set = (statement: object) =>
            sqs.operations.SetQueueAttributes(
                { QueueUrl, Attributes: { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) } },
                root,
            );
        const statement = allow("sqs:SendMessage", queue, {
            Principal: { AWS: `arn:aws:iam::${account}:role/role-${roles}` },
        });
        await set(statement);
        await send(SQSClient, message)(options);
        await assert.rejects(set({ ...statement, Condition: { StringEquals: { "aws:PrincipalTag/team": "mail" } } }), {
            code: "NotImplemented",
            message: /key aws:PrincipalTag\/team/,
        });
        await assert.rejects(set({ ...statement, Action: "SendMessage" }), { code: "InvalidAttributeValue" });
    });

    it("is let in by the function's policy, and nobody else", async () => {
        const { lambda } = running.twin.services;
        const folder = mkdtempSync(join(tmpdir(), "sortline-code-"));
        writeFileSync(join(folder, "index.js"), "exports.handler = async () => {};");
        const { options } = await role([]);
        const guest = `arn:aws:iam::${account}:role/role-${roles}`;
        const settings = { FunctionName: "shared", Runtime: "nodejs24.x", Handler: "index.handler" } as const;
        await lambda.operations.CreateFunction({ ...settings, Role: guest, Code: { folder } }, root);
        rmSync(folder, { recursive: true });
        const call = send(LambdaClient, new InvokeCommand({ FunctionName: "shared", InvocationType: "DryRun" }));
        const { options: stranger, user } = await role([]);
        await assert.rejects(call(options), { name: "AccessDeniedException" });
        const permission = { StatementId: "guest", Action: "lambda:InvokeFunction", Principal: guest };
        await lambda.operations.AddPermission({ FunctionName: "shared", ...permission }, root);
        await call(options);
        const denial = lacks("lambda:InvokeFunction", arn("lambda", "function:shared"), "AccessDeniedException", 403);
        await assert.rejects(call(stranger), denied(user, denial));
    });

    it("sees of several objects to be deleted which ones it may not", async () => {
        const { options, user } = await role([allow("s3:DeleteObject", "arn:aws:s3:::mail/tmp/*")]);
        const Objects = [{ Key: "tmp/a" }, { Key: "in/a" }];
        const answer = await send(S3Client, new DeleteObjectsCommand({ Bucket: "mail", Delete: { Objects } }))(options);
        const { Deleted, Errors } = answer as { Deleted: object[]; Errors: object[] };
        assert.deepEqual(Deleted, [{ Key: "tmp/a" }]);
        assert.deepEqual(Errors, [
            {
                Key: "in/a",
                Code: "AccessDenied",
                Message: `${user} is not authorized to perform: s3:DeleteObject on resource: "arn:aws:s3:::mail/in/a" because no identity-based policy allows the s3:DeleteObject action`,
            },
        ]);
    });

    it("may hand a role to SageMaker only with the right to pass it", async () => {
        const { options, user } = await role([allow("sagemaker:*")]);
        const RoleArn = `arn:aws:iam::${account}:role/trainer`;
        const start = send(
            SageMakerClient,
            new CreateTrainingJobCommand({
                TrainingJobName: "Job-1",
                RoleArn,
                AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: "File" },
                OutputDataConfig: { S3OutputPath: "s3://mail/out" },
                ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 },
                StoppingCondition: { MaxRuntimeInSeconds: 60 },
            }),
        );
        await assert.rejects(start(options), denied(user, lacks("iam:PassRole", RoleArn)));
        const pass = (service: string) =>
            allow("iam:PassRole", RoleArn, { Condition: { StringEquals: { "iam:PassedToService": service } } });
        const other = await role([allow("sagemaker:*"), pass("lambda.amazonaws.com")]);
        await assert.rejects(start(other.options), denied(other.user, lacks("iam:PassRole", RoleArn)));
        const passing = await role([allow("sagemaker:*"), pass("sagemaker.amazonaws.com")]);
        await assert.rejects(start(passing.options), /Could not assume role/);
    });
});
