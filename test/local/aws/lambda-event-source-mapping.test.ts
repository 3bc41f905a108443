import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import {
    type CreateEventSourceMappingRequest,
    GetEventSourceMappingCommand,
    ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { account, region, root } from "../../../local/aws/service";
import {
    bundle,
    createRole,
    type Grant,
    type LambdaTwin,
    logsGrant,
    startLambdaTwin,
    temporaryFolder,
    until,
} from "./lambda-twin";

const streamArn = (name: string) => `arn:aws:kinesis:${region}:${account}:stream/${name}`;
const queueArn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;

const grants: readonly Grant[] = [
    logsGrant,
    {
        Effect: "Allow",
        Action: ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"],
        Resource: "*",
    },
    { Effect: "Allow", Action: ["sqs:SendMessage", "s3:PutObject", "s3:ListBucket"], Resource: "*" },
];

interface KinesisRecord {
    readonly eventID: string;
    readonly kinesis: {
        readonly sequenceNumber: string;
        readonly data: string;
        readonly partitionKey: string;
        readonly approximateArrivalTimestamp?: number;
    };
}

describe("Kinesis event source mappings on the twin", () => {
    const home = temporaryFolder();
    let twin: LambdaTwin;
    let role: string;
    let count = 0;

    before(async () => {
        twin = await startLambdaTwin(home.folder);
        role = await createRole(twin, "reader", grants);
    });
    after(async () => {
        await twin.close();
        home.remove();
    });

    /** A stream, and a function that appends each event to a file and answers as `answer` says. */
    async function pipeline(answer: string, mapping: Partial<CreateEventSourceMappingRequest> = {}) {
        const name = `case-${++count}`;
        const file = `${home.folder}/${name}.log`;
        const source = `
            import { appendFileSync } from "node:fs";
            const text = (record) => Buffer.from(record.kinesis.data, "base64").toString();
            export const handler = async (event, context) => {
                appendFileSync(${JSON.stringify(file)}, JSON.stringify(event) + "\\n");
                ${answer}
            };`;
        await twin.services.kinesis.operations.CreateStream({ StreamName: name, ShardCount: 1 }, root);
        await twin.services.sqs.operations.CreateQueue({ QueueName: name }, root);
        await twin.lambda.operations.CreateFunction(
            {
                FunctionName: name,
                Role: role,
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Code: { folder: bundle(home.folder, source) },
            },
            root,
        );
        const created = await twin.lambda.operations.CreateEventSourceMapping(
            {
                FunctionName: name,
                EventSourceArn: streamArn(name),
                StartingPosition: "TRIM_HORIZON",
                DestinationConfig: { OnFailure: { Destination: queueArn(name) } },
                ...mapping,
            },
            root,
        );
        return {
            name,
            uuid: created.UUID ?? "",
            created,
            put: async (...data: string[]) => {
                const { Records } = await twin.services.kinesis.operations.PutRecords(
                    { StreamName: name, Records: data.map((d) => ({ PartitionKey: d, Data: Buffer.from(d) })) },
                    root,
                );
                return (Records ?? []).map(({ SequenceNumber }) => SequenceNumber ?? "");
            },
            events: (): KinesisRecord[][] =>
                existsSync(file)
                    ? readFileSync(file, "utf8")
                          .trim()
                          .split("\n")
                          .map((line) => (JSON.parse(line) as { Records: KinesisRecord[] }).Records)
                    : [],
            failure: async () => {
                const { QueueUrl } = await twin.services.sqs.operations.GetQueueUrl({ QueueName: name }, root);
                return until(async () => {
                    const { Messages } = await twin.services.sqs.operations.ReceiveMessage({ QueueUrl }, root);
                    const body = Messages?.[0]?.Body;
                    return body === undefined ? undefined : (JSON.parse(body) as Record<string, never>);
                });
            },
            settled: () => until(() => twin.lambda.idle()),
        };
    }

    const texts = (events: KinesisRecord[][]) =>
        events.map((records) => records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString()).join(""));

    it("hands records over in order, once, in Lambda's event format", async () => {
        const stream = await pipeline("", { BatchSize: 10 });
        const sequenceNumbers = await stream.put("a", "b", "c");
        await stream.settled();
        const [records] = stream.events();
        assert.deepEqual(texts(stream.events()), ["abc"]);
        const { approximateArrivalTimestamp, ...kinesis } = records?.[0]?.kinesis ?? {};
        assert.equal(typeof approximateArrivalTimestamp, "number");
        assert.deepEqual(
            { ...records?.[0], kinesis },
            {
                kinesis: {
                    kinesisSchemaVersion: "1.0",
                    partitionKey: "a",
                    sequenceNumber: sequenceNumbers[0],
                    data: "YQ==",
                },
                eventSource: "aws:kinesis",
                eventVersion: "1.0",
                eventID: `shardId-000000000000:${sequenceNumbers[0]}`,
                eventName: "aws:kinesis:record",
                invokeIdentityArn: role,
                awsRegion: region,
                eventSourceARN: streamArn(stream.name),
            },
        );
    });

    it("describes a new mapping with Lambda's defaults", async () => {
        const { name, uuid, created } = await pipeline("", { DestinationConfig: undefined });
        const { LastModified, ...described } = created;
        assert.ok(LastModified instanceof Date);
        assert.deepEqual(described, {
            BatchSize: 100,
            BisectBatchOnFunctionError: false,
            DestinationConfig: { OnFailure: {} },
            EventSourceArn: streamArn(name),
            EventSourceMappingArn: `arn:aws:lambda:${region}:${account}:event-source-mapping:${uuid}`,
            FunctionArn: `arn:aws:lambda:${region}:${account}:function:${name}`,
            FunctionResponseTypes: [],
            LastProcessingResult: "No records processed",
            MaximumBatchingWindowInSeconds: 0,
            MaximumRecordAgeInSeconds: -1,
            MaximumRetryAttempts: -1,
            ParallelizationFactor: 1,
            StartingPosition: "TRIM_HORIZON",
            State: "Creating",
            StateTransitionReason: "User action",
            TumblingWindowInSeconds: 0,
            UUID: uuid,
        });
        const listed = await twin.client.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
        assert.deepEqual(
            listed.EventSourceMappings?.map(({ UUID, State }) => [UUID, State]),
            [[uuid, "Enabled"]],
        );
        const got = await twin.client.send(new GetEventSourceMappingCommand({ UUID: uuid }));
        assert.deepEqual(got.LastModified, LastModified);
    });

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
            assert.deepEqual(texts(stream.events()), ["a"]);
        });
    }

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
            assert.deepEqual(texts(stream.events()), ["a", "a", "a"]);
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
        assert.deepEqual(texts(stream.events()), ["abc", "def", "f", "f", "f", "f"]);
        assert.equal((failed.requestContext as { approximateInvokeCount: number }).approximateInvokeCount, 4);
        assert.equal((failed.responseContext as { functionError: null }).functionError, null);
    });

    it("repeats everything from the lowest reported failure and, without bisect, gives all of that up", async () => {
        const stream = await pipeline(failingOn("bd"), {
            MaximumRetryAttempts: 1,
            FunctionResponseTypes: ["ReportBatchItemFailures"],
        });
        await stream.put("a", "b", "c", "d");
        const failed = await stream.failure();
        assert.deepEqual(texts(stream.events()), ["abcd", "bcd", "bcd"]);
        assert.equal((failed.KinesisBatchInfo as { batchSize: number }).batchSize, 3);
    });

    it("bisects down to the record that fails, keeps the order and stores that record alone in S3", async () => {
        const bucket = "bisect-failures";
        await twin.services.s3.operations.CreateBucket({ Bucket: bucket }, root);
        const stream = await pipeline('if (event.Records.some((r) => text(r) === "f")) throw new Error("poison");', {
            BisectBatchOnFunctionError: true,
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: `arn:aws:s3:::${bucket}` } },
        });
        const sequenceNumbers = await stream.put("a", "b", "c", "d", "e", "f", "g", "h");
        await stream.settled();
        assert.deepEqual(texts(stream.events()), ["abcdefgh", "abcd", "efgh", "ef", "e", "f", "f", "gh"]);
        const { Contents } = await twin.services.s3.operations.ListObjectsV2({ Bucket: bucket }, root);
        const [object, ...others] = Contents ?? [];
        assert.equal(others.length, 0);
        const prefix = `aws/lambda/${stream.uuid}/shardId-000000000000/`;
        const key = object?.Key ?? "";
        assert.ok(key.startsWith(prefix), key);
        assert.match(
            key.slice(prefix.length),
            /^\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        );
        const stored = JSON.parse(twin.services.s3.readObject(bucket, key).toString());
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
        assert.deepEqual(texts([stored.payload.Records]), ["f"]);
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
        assert.deepEqual(texts(stream.events()), ["abcde", "bcde", "bc", "b", "b", "c", "de"]);
        assert.equal((failed.KinesisBatchInfo as { batchSize: number }).batchSize, 1);
    });

    it("gives up records that are too old before the function sees them, and no younger ones", async () => {
        const stream = await pipeline("", { MaximumRecordAgeInSeconds: 60, Enabled: false });
        const [old] = await stream.put("old");
        twin.store.database.exec("UPDATE kinesis_records SET arrival = arrival - 61000");
        await stream.put("young", "younger");
        await twin.lambda.operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: true }, root);
        const failed = await stream.failure();
        await stream.settled();
        assert.deepEqual(texts(stream.events()), ["youngyounger"]);
        assert.equal(failed.responseContext, undefined);
        const { condition, approximateInvokeCount } = failed.requestContext as Record<string, unknown>;
        assert.deepEqual([condition, approximateInvokeCount], ["RecordAgeExceeded", 1]);
        const { batchSize, endSequenceNumber } = failed.KinesisBatchInfo as Record<string, unknown>;
        assert.deepEqual([batchSize, endSequenceNumber], [1, old]);
    });

    it("passes on only what fits a filter", async () => {
        const stream = await pipeline("", {
            FilterCriteria: {
                Filters: [
                    { Pattern: JSON.stringify({ data: { type: [{ prefix: "or" }], size: [{ numeric: [">", 3] }] } }) },
                ],
            },
        });
        await stream.put(
            '{"type":"order","size":4}',
            '{"type":"order","size":3}',
            "no JSON",
            '{"type":"other","size":9}',
        );
        await stream.settled();
        assert.deepEqual(texts(stream.events()), ['{"type":"order","size":4}']);
    });

    it("keeps the order of each partition key when a shard is read in parallel", async () => {
        const slow = "await new Promise((resolve) => setTimeout(resolve, event.Records.length));";
        const stream = await pipeline(slow, { ParallelizationFactor: 4, BatchSize: 5 });
        const Records = Array.from({ length: 60 }, (_, n) => ({
            PartitionKey: `key-${n % 6}`,
            Data: Buffer.from(String(n)),
        }));
        await twin.services.kinesis.operations.PutRecords({ StreamName: stream.name, Records }, root);
        await stream.settled();
        const seen = stream.events().flat();
        assert.equal(seen.length, 60);
        for (let key = 0; key < 6; key++) {
            const own = seen.filter(({ kinesis }) => kinesis.partitionKey === `key-${key}`);
            const numbers = own.map(({ kinesis }) => Number(Buffer.from(kinesis.data, "base64")));
            assert.deepEqual(
                numbers,
                Array.from({ length: 10 }, (_, n) => n * 6 + key),
            );
        }
    });

    it("waits for a full batch within its window, and leaves the rest for when the window is over", async () => {
        const stream = await pipeline("", { BatchSize: 3, MaximumBatchingWindowInSeconds: 300 });
        await stream.put("a");
        await stream.put("b");
        await stream.put("c", "d");
        await until(() => stream.events().length === 1);
        assert.deepEqual(texts(stream.events()), ["abc"]);
        assert.equal(twin.lambda.idle(), false);
        await twin.lambda.operations.UpdateEventSourceMapping(
            { UUID: stream.uuid, MaximumBatchingWindowInSeconds: 0 },
            root,
        );
        await stream.settled();
        assert.deepEqual(texts(stream.events()), ["abc", "d"]);
    });

    it("makes no event larger than 6 MB", async () => {
        const stream = await pipeline("return Buffer.byteLength(JSON.stringify(event)) < 6291456 ? 1 : fail;");
        const data = "x".repeat(900_000);
        for (let n = 0; n < 2; n++) {
            const Records = Array.from({ length: 5 }, () => ({ PartitionKey: "k", Data: Buffer.from(data) }));
            await twin.services.kinesis.operations.PutRecords({ StreamName: stream.name, Records }, root);
        }
        await stream.settled();
        assert.equal(stream.events().flat().length, 10);
        assert.ok(stream.events().every((records) => records.length <= 5));
    });

    it("begins with records that come later at LATEST, and with the first of a time at AT_TIMESTAMP", async () => {
        const name = "positions";
        await twin.services.kinesis.operations.CreateStream({ StreamName: name, ShardCount: 1 }, root);
        const put = (text: string) =>
            twin.services.kinesis.operations.PutRecord(
                { StreamName: name, PartitionKey: "k", Data: Buffer.from(text) },
                root,
            );
        await put("first");
        await until(() => Date.now() > started(name));
        const between = new Date();
        await put("second");
        const latest = await pipeline("", { EventSourceArn: streamArn(name), StartingPosition: "LATEST" });
        const timed = await pipeline("", {
            EventSourceArn: streamArn(name),
            StartingPosition: "AT_TIMESTAMP",
            StartingPositionTimestamp: between,
        });
        await put("third");
        await timed.settled();
        assert.deepEqual(texts(latest.events()), ["third"]);
        assert.equal(texts(timed.events()).join(""), "secondthird");
    });

    /** When the newest record came. */
    function started(name: string): number {
        const [record] = twin.services.kinesis.read({ streamName: name, shardId: "shardId-000000000000", limit: 1 });
        return record?.arrival.getTime() ?? 0;
    }

    it("reads nothing while disabled and goes on where it was", async () => {
        const stream = await pipeline("");
        await stream.put("a");
        await stream.settled();
        const { operations } = twin.lambda;
        await operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: false }, root);
        assert.equal((await operations.GetEventSourceMapping({ UUID: stream.uuid }, root)).State, "Disabled");
        await stream.put("b");
        await stream.settled();
        assert.deepEqual(texts(stream.events()), ["a"]);
        await operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: true }, root);
        await stream.settled();
        assert.deepEqual(texts(stream.events()), ["a", "b"]);
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
            twin.reports.some(({ message }) => message.includes(stream.name) && message.includes("waits")),
        );
        assert.deepEqual(texts(stream.events()), ["bad"]);
        await twin.services.s3.operations.CreateBucket({ Bucket: bucket }, root);
        await stream.settled();
        const { Contents } = await twin.services.s3.operations.ListObjectsV2({ Bucket: bucket }, root);
        assert.equal(Contents?.length, 1);
        assert.deepEqual(texts(stream.events()), ["bad", "good"]);
    });

    it("refuses a stream that is missing, a role that may not read, a second mapping and what it cannot do", async () => {
        const stream = await pipeline("");
        const base = {
            FunctionName: stream.name,
            EventSourceArn: streamArn(stream.name),
            StartingPosition: "LATEST",
        } as const;
        const create = (input: Partial<CreateEventSourceMappingRequest>) =>
            twin.lambda.operations.CreateEventSourceMapping({ ...base, ...input }, root);
        await assert.rejects(create({ EventSourceArn: streamArn("nowhere") }), {
            code: "InvalidParameterValueException",
            message: `Stream not found: ${streamArn("nowhere")}`,
        });
        await assert.rejects(create({}), {
            code: "ResourceConflictException",
            message: `The event source arn (" ${streamArn(stream.name)} ") and function (" ${stream.name} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${stream.uuid}`,
        });
        await assert.rejects(create({ TumblingWindowInSeconds: 5 }), {
            code: "NotImplemented",
            message: /TumblingWindow/,
        });
        await assert.rejects(
            create({ BatchSize: 10_001, MaximumRecordAgeInSeconds: 3 }),
            /BatchSize.*MaximumRecordAge/,
        );
        await assert.rejects(create({ FunctionName: "nobody" }), { code: "ResourceNotFoundException" });

        const Role = await createRole(twin, "blind", [logsGrant]);
        await twin.lambda.operations.UpdateFunctionConfiguration({ FunctionName: stream.name, Role }, root);
        await twin.services.kinesis.operations.CreateStream({ StreamName: "unread", ShardCount: 1 }, root);
        await assert.rejects(create({ EventSourceArn: streamArn("unread") }), {
            code: "InvalidParameterValueException",
            message: /^Cannot access stream .*lacks kinesis:GetRecords/,
        });
    });

    it("forgets a deleted mapping", async () => {
        const stream = await pipeline("");
        await twin.lambda.operations.DeleteEventSourceMapping({ UUID: stream.uuid }, root);
        await stream.put("a");
        await stream.settled();
        assert.deepEqual(stream.events(), []);
        await assert.rejects(twin.client.send(new GetEventSourceMappingCommand({ UUID: stream.uuid })), {
            name: "ResourceNotFoundException",
        });
    });

    it("delivers everything when the twin ends in the middle and starts again", async () => {
        const slow = "await new Promise((resolve) => setTimeout(resolve, 20));";
        const stream = await pipeline(slow, { BatchSize: 2 });
        const all = Array.from({ length: 20 }, (_, n) => `<${n}>`);
        await stream.put(...all);
        await until(() => stream.events().length >= 3);
        await twin.close();
        twin = await startLambdaTwin(home.folder);
        await stream.settled();
        assert.deepEqual([...new Set(texts(stream.events()).join("").match(/<\d+>/g))], all);
        // Only the batch that was in progress came twice.
        assert.ok(stream.events().flat().length <= all.length + 2);
    });

    it("counts it as no failure of the function when the function loses the twin", async () => {
        const slow = "await new Promise((resolve) => setTimeout(resolve, 300));";
        const stream = await pipeline(slow, { MaximumRetryAttempts: 0 });
        await stream.put("a");
        await until(() => stream.events().length === 1);
        await twin.disconnect();
        await until(() =>
            twin.reports.some(({ message }) => message.includes(`${stream.name} waits: The environment`)),
        );
        await twin.close();
        twin = await startLambdaTwin(home.folder);
        await stream.settled();
        assert.deepEqual([...new Set(texts(stream.events()))], ["a"]);
        assert.ok(stream.events().length >= 2);
        const { QueueUrl } = await twin.services.sqs.operations.GetQueueUrl({ QueueName: stream.name }, root);
        assert.equal((await twin.services.sqs.operations.ReceiveMessage({ QueueUrl }, root)).Messages, undefined);
    });
});
