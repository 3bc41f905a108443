import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { root } from "../../local/aws/service";
import { startTwinUnderTest, type TwinUnderTest } from "./twin-under-test";

/** Room for the twin, in bytes. */
const room = 24 << 20;

describe("a twin whose disk is full", function () {
    this.timeout(120_000);
    let disk: string;
    let running: TwinUnderTest;
    let queueUrl: string;

    before(async function () {
        disk = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-disk-"));
        try {
            execFileSync("mount", ["-t", "tmpfs", "-o", `size=${room}`, "tmpfs", disk], { stdio: "ignore" });
        } catch {
            // A small disk takes the right to mount one.
            fs.rmdirSync(disk);
            this.skip();
        }
        running = await startTwinUnderTest(path.join(disk, "home"));
        const { kinesis, s3, sqs, dynamodb } = running.twin.services;
        await kinesis.operations.CreateStream({ StreamName: "mail", ShardCount: 1 }, root);
        await s3.operations.CreateBucket({ Bucket: "mail" }, root);
        queueUrl = String((await sqs.operations.CreateQueue({ QueueName: "mail" }, root)).QueueUrl);
        await dynamodb.operations.CreateTable(
            {
                TableName: "mail",
                BillingMode: "PAY_PER_REQUEST",
                AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
                KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
            },
            root,
        );
    });
    after(async () => {
        await running?.close();
        if (!fs.existsSync(disk)) return;
        execFileSync("umount", [disk]);
        fs.rmdirSync(disk);
    });

    const ballast = () => path.join(disk, "ballast");
    const free = () => fs.rmSync(ballast(), { force: true });
    /** Fills the disk to its last byte. */
    function fill(): void {
        const file = fs.openSync(ballast(), "w");
        try {
            for (const size of [1 << 16, 1 << 12, 1]) {
                try {
                    for (;;) fs.writeSync(file, Buffer.alloc(size));
                } catch (error) {
                    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
                }
            }
        } finally {
            fs.closeSync(file);
        }
    }

    const text = (index: number) => `${index} ${"x".repeat(20_000)}`;
    const indexOf = (body: string | undefined) => Number(body?.split(" ")[0]);

    interface Kept {
        /** Whether it can be read while the disk is full. */
        readonly isReadable: boolean;
        /** Has something with a number accepted. */
        put(index: number): Promise<unknown>;
        /** The numbers of what is there. */
        all(): Promise<number[]>;
        close(): void;
    }
    const services: Readonly<Record<string, () => Kept>> = {
        Kinesis() {
            const kinesis = new KinesisClient(running.client);
            return {
                isReadable: true,
                async put(index) {
                    const { FailedRecordCount } = await kinesis.send(
                        new PutRecordsCommand({
                            StreamName: "mail",
                            Records: [{ PartitionKey: "1", Data: Buffer.from(text(index)) }],
                        }),
                    );
                    assert.equal(FailedRecordCount, 0);
                },
                async all() {
                    const start = { StreamName: "mail", ShardId: "shardId-000000000000" };
                    let { ShardIterator } = await kinesis.send(
                        new GetShardIteratorCommand({ ...start, ShardIteratorType: "TRIM_HORIZON" }),
                    );
                    const found: number[] = [];
                    for (;;) {
                        const { Records = [], NextShardIterator } = await kinesis.send(
                            new GetRecordsCommand({ ShardIterator }),
                        );
                        if (Records.length === 0) return found;
                        found.push(...Records.map(({ Data }) => indexOf(Buffer.from(Data ?? []).toString())));
                        ShardIterator = NextShardIterator;
                    }
                },
                close: () => kinesis.destroy(),
            };
        },
        S3() {
            const s3 = new S3Client({ ...running.client, forcePathStyle: true });
            return {
                isReadable: true,
                put: (index) => s3.send(new PutObjectCommand({ Bucket: "mail", Key: `${index}`, Body: text(index) })),
                async all() {
                    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "mail" }));
                    const found: number[] = [];
                    for (const { Key } of Contents) {
                        const { Body } = await s3.send(new GetObjectCommand({ Bucket: "mail", Key }));
                        const body = await Body?.transformToString();
                        assert.equal(body, text(Number(Key)));
                        found.push(Number(Key));
                    }
                    assert.equal(fs.readdirSync(path.join(disk, "home", "objects")).length, found.length);
                    return found.sort((a, b) => a - b);
                },
                close: () => s3.destroy(),
            };
        },
        SQS() {
            const sqs = new SQSClient(running.client);
            return {
                // To receive a message is to hide it, which is written.
                isReadable: false,
                put: (index) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: text(index) })),
                async all() {
                    const found: number[] = [];
                    for (;;) {
                        const { Messages = [] } = await sqs.send(
                            new ReceiveMessageCommand({
                                QueueUrl: queueUrl,
                                MaxNumberOfMessages: 10,
                                VisibilityTimeout: 2,
                            }),
                        );
                        if (Messages.length === 0) return found.sort((a, b) => a - b);
                        found.push(...Messages.map(({ Body }) => indexOf(Body)));
                    }
                },
                close: () => sqs.destroy(),
            };
        },
        DynamoDB() {
            const dynamodb = new DynamoDBClient(running.client);
            return {
                isReadable: true,
                put: (index) =>
                    dynamodb.send(
                        new PutItemCommand({
                            TableName: "mail",
                            Item: { id: { S: `${index}` }, text: { S: text(index) } },
                        }),
                    ),
                async all() {
                    const found: number[] = [];
                    let ExclusiveStartKey: Record<string, { S: string }> | undefined;
                    do {
                        const page = await dynamodb.send(new ScanCommand({ TableName: "mail", ExclusiveStartKey }));
                        found.push(...(page.Items ?? []).map(({ text }) => indexOf(text?.S)));
                        ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
                    } while (ExclusiveStartKey !== undefined);
                    return found.sort((a, b) => a - b);
                },
                close: () => dynamodb.destroy(),
            };
        },
    };

    for (const name of Object.keys(services)) {
        it(`says so in ${name}, keeps all that it accepted, and goes on when there is space again`, async () => {
            const open = () => services[name]?.() ?? assert.fail();
            let service = open();
            const accepted: number[] = [];
            const put = async (index: number) => {
                await service.put(index);
                accepted.push(index);
            };
            for (let index = 0; index < 5; index++) await put(index);
            fill();
            const failures: (Error & { $metadata: { httpStatusCode?: number } })[] = [];
            for (let index = 100; failures.length < 3; index++) {
                await put(index).catch((error) => void failures.push(error));
            }
            for (const { message, $metadata } of failures) {
                assert.match(message, /the disk is full\. Free some space, then try again/);
                assert.equal($metadata.httpStatusCode, 500);
            }
            if (service.isReadable) assert.deepEqual(await service.all(), accepted);
            free();
            for (let index = 200; index < 205; index++) await put(index);
            service.close();
            running = await running.restart();
            service = open();
            try {
                assert.deepEqual(await service.all(), accepted);
            } finally {
                service.close();
            }
        });
    }

    it("says so where a function is to start, and goes on with it and its logs when there is space again", async () => {
        const { iam, lambda, logs } = running.twin.services;
        const trusted = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
        const statement = { Effect: "Allow", Action: "logs:*", Resource: "*" };
        const { Role } = await iam.operations.CreateRole(
            {
                RoleName: "f",
                AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trusted] }),
            },
            root,
        );
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
        await iam.operations.PutRolePolicy({ RoleName: "f", PolicyName: "own", PolicyDocument }, root);
        const code = path.join(disk, "code");
        fs.mkdirSync(code, { recursive: true });
        fs.writeFileSync(
            path.join(code, "index.js"),
            'exports.handler = async () => { console.log("ran"); return 1; };',
        );
        for (const FunctionName of ["warm", "cold"]) {
            await lambda.operations.CreateFunction(
                {
                    FunctionName,
                    Role: Role.Arn,
                    Runtime: "nodejs22.x",
                    Handler: "index.handler",
                    Code: { folder: code },
                },
                root,
            );
        }
        const client = new LambdaClient(running.client);
        const invoke = async (FunctionName: string) => {
            const { Payload } = await client.send(new InvokeCommand({ FunctionName }));
            return Buffer.from(Payload ?? []).toString();
        };
        try {
            assert.equal(await invoke("warm"), "1");
            fill();
            assert.equal(await invoke("warm"), "1");
            await assert.rejects(invoke("cold"), /the disk is full\. Free some space, then try again/);
            free();
            assert.equal(await invoke("cold"), "1");
            assert.equal(await invoke("warm"), "1");
            assert.ok(lambda.idle());
            for (const [name, count] of [
                ["cold", 1],
                ["warm", 2],
            ] as const) {
                const { events } = await logs.operations.FilterLogEvents(
                    { logGroupName: `/aws/lambda/${name}`, filterPattern: "ran" },
                    root,
                );
                assert.equal(events?.length, count);
            }
        } finally {
            client.destroy();
        }
    });

    it("says so in a deployment, and the next one goes on from there", async () => {
        fill();
        await assert.rejects(
            running.twin.stack.up(() => {}),
            /the disk is full\. Free some space, then try again/,
        );
        free();
        const { outputs } = await running.twin.stack.up(() => {});
        assert.match(String(outputs.streamName), /^input-/);
    });

    it("says so where it starts", async () => {
        await running.twin.close();
        fill();
        await assert.rejects(startTwinUnderTest(path.join(disk, "home")), /disk is full\. Free some space/);
        free();
        running = await startTwinUnderTest(path.join(disk, "home"));
    });
});
