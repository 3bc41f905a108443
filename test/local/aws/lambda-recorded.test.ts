import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
    CreateStreamCommand,
    DescribeStreamCommand,
    KinesisClient,
    PutRecordCommand,
    PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import {
    CreateEventSourceMappingCommand,
    type CreateEventSourceMappingRequest,
    CreateFunctionCommand,
    type CreateFunctionRequest,
    GetEventSourceMappingCommand,
    UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
    CreateQueueCommand,
    GetQueueAttributesCommand,
    ReceiveMessageCommand,
    SetQueueAttributesCommand,
    SQSClient,
} from "@aws-sdk/client-sqs";
import { account, region } from "../../../local/aws/service";
import { testData } from "../../test-data";
import { createRole, type LambdaTwin, startLambdaTwin, temporaryFolder } from "./lambda-twin";
import { answered, createComparison, type Recorded, refused } from "./recorded";
import { zip } from "./zip";

const echo = "process.stdout.write(JSON.stringify(event) + '\\n'); return event;";
const fail = "throw new Error('Test exception (this is intentional)');";
const failing = { input: "hello", value: "world", raise_error: 1 };

/** A record as functions print it. */
interface PrintedRecord {
    readonly kinesis: { readonly partitionKey: string; readonly data: string };
}

describe("Kinesis event source mappings as recorded on AWS", function () {
    this.timeout(60_000);
    const home = temporaryFolder();
    let recordings: ReadonlyMap<string, Recorded>;
    let twin: LambdaTwin;
    let role: string;
    let kinesis: KinesisClient;
    let logs: CloudWatchLogsClient;
    let sqs: SQSClient;
    let sns: SNSClient;
    let s3: S3Client;
    let count = 0;
    const tested: string[] = [];

    before(async function () {
        const file = join(testData(this, "aws-recorded"), "lambda-kinesis-event-source-mapping.snapshot.json");
        const cases = JSON.parse(readFileSync(file, "utf8")) as Record<string, { "recorded-content": Recorded }>;
        recordings = new Map(
            Object.entries(cases).map(([id, found]) => [id.slice(id.lastIndexOf("::") + 2), found["recorded-content"]]),
        );
        // At AWS's own pace: the waits of the recordings are in its numbers. The clock is moved through them.
        twin = await startLambdaTwin(home.folder, { pace: "aws" });
        const Action = ["kinesis:*", "sqs:*", "sns:*", "s3:ListBucket", "s3:PutObject", "logs:*"];
        role = await createRole(twin, "recorded-role", [{ Effect: "Allow", Action, Resource: "*" }]);
        kinesis = new KinesisClient(twin.configuration);
        logs = new CloudWatchLogsClient(twin.configuration);
        sqs = new SQSClient(twin.configuration);
        sns = new SNSClient(twin.configuration);
        s3 = new S3Client({ ...twin.configuration, forcePathStyle: true });
    });
    after(async () => {
        for (const client of [kinesis, logs, sqs, sns, s3]) client?.destroy();
        await twin?.close();
        home.remove();
    });

    /** A test by the name of its recording. */
    function recorded(name: string, run: (compare: Compare) => Promise<void>): void {
        tested.push(name);
        it(name, async () => {
            const recording = recordings.get(name);
            assert.ok(recording, `there is no recording ${name}`);
            const { matches } = createComparison();
            const compared: string[] = [];
            await run((part, actual) => {
                compared.push(part);
                matches(actual, recording[part], part);
            });
            assert.deepEqual(compared.sort(), Object.keys(recording).sort(), "the parts that were compared");
        });
    }
    type Compare = (part: string, actual: unknown) => void;

    /** Resolves when the condition holds, moving the clock on meanwhile: nothing waits for real. */
    async function eventually<T>(condition: () => Promise<T | undefined | false>, step = 100): Promise<T> {
        for (;;) {
            const value = await condition();
            if (value !== undefined && value !== false) return value;
            twin.clock.advance(step);
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
    }

    const newName = (kind: string) => `${kind}-${++count}`;

    async function stream(): Promise<string> {
        const StreamName = newName("stream");
        await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
        await eventually(async () => {
            const { StreamDescription } = await kinesis.send(new DescribeStreamCommand({ StreamName }));
            return StreamDescription?.StreamStatus === "ACTIVE";
        });
        return StreamName;
    }

    const streamArn = (name: string) => `arn:aws:kinesis:${region}:${account}:stream/${name}`;

    async function lambda(body: string, more: Partial<CreateFunctionRequest> = {}): Promise<string> {
        const FunctionName = newName("function");
        const ZipFile = zip("index.js", `exports.handler = async (event) => { ${body} };`);
        await twin.client.send(
            new CreateFunctionCommand({
                FunctionName,
                Role: role,
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Timeout: 30,
                Code: { ZipFile },
                ...more,
            }),
        );
        return FunctionName;
    }

    /** A mapping that reads. Gives what CreateEventSourceMapping answered. */
    async function mapping(input: CreateEventSourceMappingRequest) {
        const created = await twin.client.send(new CreateEventSourceMappingCommand(input));
        await state(created.UUID, "Enabled");
        return created;
    }

    async function state(UUID: string | undefined, wanted: string): Promise<void> {
        await eventually(
            async () => (await twin.client.send(new GetEventSourceMappingCommand({ UUID }))).State === wanted,
        );
    }

    const put = (StreamName: string, PartitionKey: string, data: string) =>
        kinesis.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(data) }));
    const putAll = (StreamName: string, records: readonly { key: string; data: string }[]) =>
        kinesis.send(
            new PutRecordsCommand({
                StreamName,
                Records: records.map(({ key, data }) => ({ PartitionKey: key, Data: Buffer.from(data) })),
            }),
        );
    /** Ten records as Python's `json.dumps` writes them. */
    const ten = (key: string) => Array.from({ length: 10 }, (_, id) => ({ key, data: `{"record_id": ${id}}` }));

    async function logLines(functionName: string): Promise<string[]> {
        const request = new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}` });
        const { events } = await logs.send(request).catch(() => ({ events: [] }));
        return (events ?? []).map(({ message = "" }) => message.trim());
    }

    /** What the function has printed, once that are so many. */
    async function printed(functionName: string, least: number): Promise<Record<string, unknown>[]> {
        return eventually(async () => {
            const lines = (await logLines(functionName)).filter((line) => line.startsWith("{"));
            return lines.length >= least && lines.map((line) => JSON.parse(line) as Record<string, unknown>);
        });
    }

    async function queue(): Promise<{ readonly url: string; readonly arn: string }> {
        const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName: newName("queue") }));
        const { Attributes } = await sqs.send(
            new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
        );
        return { url, arn: Attributes?.QueueArn ?? "" };
    }

    /** The answer with the first message. */
    const received = (QueueUrl: string) =>
        eventually(async () => {
            const result = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
            return result.Messages !== undefined && result;
        });

    recorded("test_esm_with_not_existing_kinesis_stream", async (compare) => {
        const FunctionName = await lambda(echo);
        const input = {
            EventSourceArn: streamArn("test-foobar-81ded7e8"),
            FunctionName,
            StartingPosition: "LATEST",
        } as const;
        compare("error", await refused(twin.client.send(new CreateEventSourceMappingCommand(input))));
    });

    recorded("test_create_kinesis_event_source_mapping", async (compare) => {
        const FunctionName = await lambda(echo);
        const name = await stream();
        const created = await mapping({ EventSourceArn: streamArn(name), FunctionName, StartingPosition: "LATEST" });
        compare("create_event_source_mapping_response", answered(created));
        await putAll(
            name,
            Array.from({ length: 10 }, (_, at) => ({ key: `test_${at}`, data: "hello" })),
        );
        const [event] = await printed(FunctionName, 1);
        compare("kinesis_records", event);
    });

    recorded(
        "test_create_kinesis_event_source_mapping_multiple_lambdas_single_kinesis_event_stream",
        async (compare) => {
            const name = await stream();
            const functions = { a: await lambda(echo), b: await lambda(echo) };
            for (const [id, FunctionName] of Object.entries(functions)) {
                const created = await mapping({
                    EventSourceArn: streamArn(name),
                    FunctionName,
                    StartingPosition: "TRIM_HORIZON",
                });
                compare(`create_event_source_mapping_response-${id}`, answered(created));
            }
            await putAll(name, [{ key: "test_1", data: "hello" }]);
            for (const [id, FunctionName] of Object.entries(functions)) {
                const [event] = await printed(FunctionName, 1);
                compare(`kinesis_records-${id}`, event);
            }
        },
    );

    recorded("test_duplicate_event_source_mappings", async (compare) => {
        const EventSourceArn = streamArn(await stream());
        const input = { EventSourceArn, FunctionName: await lambda(echo), StartingPosition: "LATEST" } as const;
        compare("create", answered(await mapping(input)));
        compare("error", await refused(twin.client.send(new CreateEventSourceMappingCommand(input))));
        await mapping({ ...input, FunctionName: await lambda(echo) });
    });

    recorded("test_kinesis_event_source_mapping_with_async_invocation", async (compare) => {
        // Prints only when it has finished: the second event can only come after that.
        const FunctionName = await lambda(
            `const executionStart = Date.now() / 1000;
             await new Promise((resolve) => setTimeout(resolve, 50));
             process.stdout.write(JSON.stringify({ executionStart, event }) + "\\n");`,
        );
        const name = await stream();
        const created = await mapping({
            EventSourceArn: streamArn(name),
            FunctionName,
            StartingPosition: "LATEST",
            BatchSize: 10,
        });
        compare("create_event_source_mapping_response", answered(created));
        for (const key of ["test_0", "test_1"]) await putAll(name, ten(key));
        compare("invocation_events", await printed(FunctionName, 2));
        const around = (await logLines(FunctionName)).filter((line) => /^(START|END) /.test(line));
        assert.deepEqual(
            around.map((line) => line.split(" ")[0]),
            ["START", "END", "START", "END"],
        );
    });

    recorded("test_kinesis_event_source_trim_horizon", async (compare) => {
        const FunctionName = await lambda(
            `process.stdout.write(JSON.stringify({ executionStart: Date.now() / 1000, event }) + "\\n");`,
        );
        const name = await stream();
        for (const key of ["test_0", "test_1"]) await putAll(name, ten(key));
        const created = await mapping({
            EventSourceArn: streamArn(name),
            FunctionName,
            StartingPosition: "TRIM_HORIZON",
            BatchSize: 10,
        });
        compare("create_event_source_mapping_response", answered(created));
        await putAll(name, ten("test_3"));
        compare("invocation_events", await printed(FunctionName, 3));
    });

    recorded("test_disable_kinesis_event_source_mapping", async (compare) => {
        const FunctionName = await lambda(echo);
        const name = await stream();
        const created = await mapping({
            EventSourceArn: streamArn(name),
            FunctionName,
            StartingPosition: "LATEST",
            BatchSize: 10,
        });
        compare("create_event_source_mapping_response", answered(created));
        await putAll(name, ten("test"));
        await printed(FunctionName, 1);
        const { UUID } = created;
        await twin.client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
        await state(UUID, "Disabled");
        await putAll(
            name,
            ten("test").map(({ key, data }) => ({ key, data: data.replace("record_id", "record_id_disabled") })),
        );
        twin.clock.advance(60_000);
        compare("invocation_events", await printed(FunctionName, 1));
        // What came meanwhile is still there: it was not read.
        await twin.client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
        const [, later] = await printed(FunctionName, 2);
        assert.equal((later?.Records as PrintedRecord[] | undefined)?.length, 10);
    });

    recorded("test_kinesis_event_source_mapping_with_on_failure_destination_config", async (compare) => {
        const name = await stream();
        const { url, arn } = await queue();
        const created = await mapping({
            FunctionName: await lambda(fail),
            BatchSize: 1,
            StartingPosition: "TRIM_HORIZON",
            EventSourceArn: streamArn(name),
            MaximumBatchingWindowInSeconds: 1,
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: arn } },
        });
        compare("create_event_source_mapping_response", answered(created));
        await put(name, "custom", JSON.stringify(failing));
        compare("sqs_payload", answered(await received(url)));
    });

    recorded("test_kinesis_event_source_mapping_with_sns_on_failure_destination_config", async (compare) => {
        const name = await stream();
        const { url, arn } = await queue();
        const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: newName("topic") }));
        await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: arn }));
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: {
                Effect: "Allow",
                Principal: { Service: "sns.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: arn,
                Condition: { ArnEquals: { "aws:SourceArn": TopicArn } },
            },
        });
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
        const created = await mapping({
            FunctionName: await lambda(fail),
            BatchSize: 1,
            StartingPosition: "TRIM_HORIZON",
            EventSourceArn: streamArn(name),
            MaximumBatchingWindowInSeconds: 1,
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: TopicArn } },
        });
        compare("create_event_source_mapping_response", answered(created));
        await put(name, "custom", JSON.stringify(failing));
        compare("failure_sns_message", (await received(url)).Messages?.[0]?.Body);
    });

    recorded("test_kinesis_event_source_mapping_with_s3_on_failure_destination", async (compare) => {
        const name = await stream();
        const Bucket = newName("bucket");
        await s3.send(new CreateBucketCommand({ Bucket }));
        const created = await mapping({
            FunctionName: await lambda(fail),
            BatchSize: 1,
            StartingPosition: "TRIM_HORIZON",
            EventSourceArn: streamArn(name),
            MaximumBatchingWindowInSeconds: 1,
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: `arn:aws:s3:::${Bucket}` } },
        });
        compare("create_event_source_mapping_response", answered(created));
        // The recording's function was given the record as Python writes JSON.
        await put(name, "custom", '{"input": "hello", "value": "world", "raise_error": 1}');
        const Key = await eventually(
            async () => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.[0]?.Key,
        );
        const stored = await s3.send(new GetObjectCommand({ Bucket, Key }));
        const text = (await stored.Body?.transformToString()) ?? "";
        compare("record_body", text);
        const { timestamp, KinesisBatchInfo } = JSON.parse(text);
        const day = timestamp.slice(0, 10).replaceAll("-", "/");
        const second = timestamp.slice(0, 19).replaceAll(":", ".");
        assert.ok(Key.startsWith(`aws/lambda/${created.UUID}/${KinesisBatchInfo.shardId}/${day}/${second}-`), Key);
    });

    recorded("test_kinesis_report_batch_item_failures", async (compare) => {
        const FunctionName = await lambda(
            `process.stdout.write(JSON.stringify(event) + "\\n");
             const fails = ({ kinesis }) => JSON.parse(Buffer.from(kinesis.data, "base64")).should_fail;
             const failed = event.Records.filter(fails);
             return { batchItemFailures: failed.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };`,
        );
        const name = await stream();
        const { url, arn } = await queue();
        const created = await mapping({
            FunctionName,
            BatchSize: 3,
            StartingPosition: "TRIM_HORIZON",
            EventSourceArn: streamArn(name),
            MaximumBatchingWindowInSeconds: 1,
            MaximumRetryAttempts: 3,
            DestinationConfig: { OnFailure: { Destination: arn } },
            FunctionResponseTypes: ["ReportBatchItemFailures"],
        });
        compare("create_event_source_mapping_response", answered(created));
        await putAll(
            name,
            Array.from({ length: 6 }, (_, at) => ({ key: `test_${at}`, data: `{"should_fail": ${at === 5}}` })),
        );
        const failure = await received(url);
        const records = (await printed(FunctionName, 6)).flatMap(({ Records }) => Records as PrintedRecord[]);
        const byKey = records.sort((a, b) => (a.kinesis.partitionKey < b.kinesis.partitionKey ? -1 : 1));
        compare("kinesis_records", { Records: byKey });
        compare("sqs_payload", answered(failure));
    });

    const respond = (response: string) => `process.stdout.write(JSON.stringify(event) + "\\n"); return ${response};`;

    for (const [id, body] of Object.entries({
        item_identifier_not_present_failure: respond("{ batchItemFailures: [{ itemIdentifier: 123 }] }"),
        empty_string_item_identifier_failure: respond('{ batchItemFailures: [{ itemIdentifier: "" }] }'),
        null_item_identifier_failure: respond("{ batchItemFailures: [{ itemIdentifier: null }] }"),
        invalid_key_foo_failure: respond("{ batchItemFailures: [{ foo: 123 }] }"),
        invalid_key_foo_null_value_failure: respond("{ batchItemFailures: [{ foo: null }] }"),
        unhandled_exception_in_function: `process.stdout.write(JSON.stringify(event) + "\\n"); ${fail}`,
    })) {
        recorded(`test_kinesis_report_batch_item_failure_scenarios[${id}]`, async (compare) => {
            const FunctionName = await lambda(body);
            const name = await stream();
            const { url, arn } = await queue();
            const created = await mapping({
                EventSourceArn: streamArn(name),
                FunctionName,
                StartingPosition: "TRIM_HORIZON",
                BatchSize: 1,
                MaximumBatchingWindowInSeconds: 1,
                FunctionResponseTypes: ["ReportBatchItemFailures"],
                MaximumRetryAttempts: 2,
                DestinationConfig: { OnFailure: { Destination: arn } },
            });
            compare("create_event_source_mapping_response", answered(created));
            await put(name, "test", "hello");
            const failure = await received(url);
            compare("kinesis_events", await printed(FunctionName, 3));
            compare("sqs_payload", answered(failure));
        });
    }

    for (const [id, response] of Object.entries({
        empty_string_success: '""',
        empty_list_success: "[]",
        null_success: "null",
        empty_dict_success: "{}",
        empty_batch_item_failure_success: "{ batchItemFailures: [] }",
        null_batch_item_failure_success: "{ batchItemFailures: null }",
    })) {
        recorded(`test_kinesis_report_batch_item_success_scenarios[${id}]`, async (compare) => {
            const FunctionName = await lambda(respond(response));
            const name = await stream();
            const created = await mapping({
                EventSourceArn: streamArn(name),
                FunctionName,
                StartingPosition: "TRIM_HORIZON",
                BatchSize: 1,
                MaximumBatchingWindowInSeconds: 1,
                FunctionResponseTypes: ["ReportBatchItemFailures"],
                MaximumRetryAttempts: 2,
            });
            compare("create_event_source_mapping_response", answered(created));
            await put(name, "test", "hello");
            await eventually(async () => twin.lambda.idle());
            compare("kinesis_events", await printed(FunctionName, 1));
        });
    }

    for (const [id, delaySeconds, MaximumRetryAttempts] of [
        ["expire-while-retrying", 0, -1],
        ["expire-before-ingestion", 61, 0],
    ] as const) {
        recorded(`test_kinesis_maximum_record_age_exceeded[${id}]`, async (compare) => {
            const name = await stream();
            await put(name, "test", "stream-data");
            twin.clock.advance(delaySeconds * 1000);
            const FunctionName = await lambda(fail);
            const { url, arn } = await queue();
            const created = await mapping({
                FunctionName,
                BatchSize: 1,
                StartingPosition: "TRIM_HORIZON",
                EventSourceArn: streamArn(name),
                MaximumBatchingWindowInSeconds: 1,
                MaximumRetryAttempts,
                MaximumRecordAgeInSeconds: 60,
                DestinationConfig: { OnFailure: { Destination: arn } },
            });
            compare("create_event_source_mapping_response", answered(created));
            // The clock stands still while the function runs: the number of invocations is that of Lambda's waits.
            await eventually(async () => {
                const lines = await logLines(FunctionName);
                const running = ["START ", "END "].map((kind) => lines.filter((line) => line.startsWith(kind)).length);
                if (running[0] === running[1]) twin.clock.advance(500);
                return twin.lambda.idle();
            }, 0);
            compare("record_age_exceeded_payload", answered(await received(url)));
        });
    }

    recorded("test_kinesis_maximum_record_age_exceeded_discard_records", async (compare) => {
        const name = await stream();
        await put(name, "test", "stream-data");
        twin.clock.advance(80_000);
        const FunctionName = await lambda(echo);
        const { url, arn } = await queue();
        await putAll(
            name,
            Array.from({ length: 5 }, (_, at) => ({ key: "test", data: `stream-data-${at + 1}` })),
        );
        const created = await mapping({
            FunctionName,
            BatchSize: 10,
            StartingPosition: "TRIM_HORIZON",
            EventSourceArn: streamArn(name),
            MaximumBatchingWindowInSeconds: 1,
            MaximumRetryAttempts: 0,
            MaximumRecordAgeInSeconds: 60,
            DestinationConfig: { OnFailure: { Destination: arn } },
        });
        compare("create_event_source_mapping_response", answered(created));
        compare("record_age_exceeded_payload", answered(await received(url)));
        const records = await eventually(async () => {
            const all = (await printed(FunctionName, 1)).flatMap(({ Records }) => Records as PrintedRecord[]);
            return all.length >= 5 && all;
        });
        compare("Records", records);
    });

    recorded("test_kinesis_empty_provided", async (compare) => {
        const bootstrap = `#!${process.execPath}
            const { request } = require("node:http");
            const base = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/";
            const call = (method, path) => new Promise((resolve, reject) => {
                request(base + path, { method }, (response) => response.resume().on("end", () => resolve(response)))
                    .on("error", reject).end();
            });
            (async () => {
                for (;;) {
                    const next = await call("GET", "next");
                    await call("POST", next.headers["lambda-runtime-aws-request-id"] + "/response");
                }
            })();`;
        const FunctionName = await lambda("", {
            Runtime: "provided.al2023",
            Code: { ZipFile: zip("bootstrap", bootstrap) },
        });
        const name = await stream();
        const created = await mapping({
            EventSourceArn: streamArn(name),
            FunctionName,
            StartingPosition: "TRIM_HORIZON",
            BatchSize: 1,
            MaximumBatchingWindowInSeconds: 1,
            MaximumRetryAttempts: 2,
        });
        compare("create_event_source_mapping_response", answered(created));
        await put(name, "test", "hello");
        await eventually(async () => (await logLines(FunctionName)).some((line) => line.startsWith("REPORT ")));
        await eventually(async () => twin.lambda.idle());
        const found = await twin.client.send(new GetEventSourceMappingCommand({ UUID: created.UUID }));
        compare("get_esm_result", answered(found));
        assert.equal((await logLines(FunctionName)).filter((line) => line.startsWith("REPORT ")).length, 1);
    });

    recorded("test_kinesis_event_filtering_json_pattern", async (compare) => {
        // Prints with the spaces that Python's `json.dumps` writes.
        const body = `const written = ({ kinesis }) => {
                const members = Object.entries(JSON.parse(Buffer.from(kinesis.data, "base64")));
                return "{" + members.map((pair) => pair.map((one) => JSON.stringify(one)).join(": ")).join(", ") + "}";
            };
            process.stdout.write("[" + event.Records.map(written).join(", ") + "]\\n");`;
        const name = await stream();
        const functions = [await lambda(body), await lambda(body)];
        const parts = ["create_event_source_mapping_response", "create_event_source_mapping_2_response"];
        for (const [at, FunctionName] of functions.entries()) {
            const created = await mapping({
                FunctionName,
                BatchSize: 1,
                StartingPosition: "TRIM_HORIZON",
                EventSourceArn: streamArn(name),
                MaximumBatchingWindowInSeconds: 1,
                MaximumRetryAttempts: 1,
                FilterCriteria: {
                    Filters: [{ Pattern: JSON.stringify({ data: { event_type: [`function_${at + 1}`] } }) }],
                },
            });
            compare(String(parts[at]), answered(created));
        }
        await put(name, "custom", JSON.stringify({ event_type: "function_1", message: "foo" }));
        await put(name, "custom", JSON.stringify({ event_type: "function_2", message: "bar" }));
        const payloads = await eventually(async () => {
            const lines = await Promise.all(functions.map((each) => logLines(each)));
            return lines.every((own) => own.some((line) => line.startsWith("REPORT "))) && lines;
        });
        await eventually(async () => twin.lambda.idle());
        const [first, second] = payloads.map((lines) => lines.filter((line) => line.startsWith("[")));
        assert.equal(first?.length, 1);
        compare("kinesis-record-lambda-payload", first[0]);
        assert.equal(second?.length, 1);
    });

    it("leave out none of the recordings", () => {
        assert.deepEqual([...recordings.keys()].sort(), [...tested].sort());
    });
});
