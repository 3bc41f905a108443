import assert from "node:assert/strict";
import {
    type CreateEventSourceMappingRequest,
    GetEventSourceMappingCommand,
    ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { account, region, root } from "../../../local/aws/service";
import { createPipelines, streamArn, textsOf } from "./lambda-pipeline";
import { createRole, logsGrant, until } from "./lambda-twin";

describe("Kinesis event source mappings on the twin", () => {
    const pipelines = createPipelines();
    const { pipeline } = pipelines;
    before(pipelines.start);
    after(pipelines.end);

    it("hands records over in order, once, in Lambda's event format", async () => {
        const stream = await pipeline("", { BatchSize: 10 });
        const sequenceNumbers = await stream.put("a", "b", "c");
        await stream.settled();
        const [records] = stream.events();
        assert.deepEqual(textsOf(stream.events()), ["abc"]);
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
                invokeIdentityArn: pipelines.role(),
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
        const listed = await pipelines.twin().client.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
        assert.deepEqual(
            listed.EventSourceMappings?.map(({ UUID, State }) => [UUID, State]),
            [[uuid, "Enabled"]],
        );
        const got = await pipelines.twin().client.send(new GetEventSourceMappingCommand({ UUID: uuid }));
        assert.deepEqual(got.LastModified, LastModified);
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
        assert.deepEqual(textsOf(stream.events()), ['{"type":"order","size":4}']);
    });

    it("keeps the order of each partition key when a shard is read in parallel", async () => {
        const slow = "await new Promise((resolve) => setTimeout(resolve, event.Records.length));";
        const stream = await pipeline(slow, { ParallelizationFactor: 4, BatchSize: 5 });
        const Records = Array.from({ length: 60 }, (_, n) => ({
            PartitionKey: `key-${n % 6}`,
            Data: Buffer.from(String(n)),
        }));
        await pipelines.twin().services.kinesis.operations.PutRecords({ StreamName: stream.name, Records }, root);
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
        assert.deepEqual(textsOf(stream.events()), ["abc"]);
        assert.equal(pipelines.twin().lambda.idle(), false);
        await pipelines
            .twin()
            .lambda.operations.UpdateEventSourceMapping({ UUID: stream.uuid, MaximumBatchingWindowInSeconds: 0 }, root);
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["abc", "d"]);
    });

    it("makes no event larger than 6 MB", async () => {
        const stream = await pipeline("return Buffer.byteLength(JSON.stringify(event)) < 6291456 ? 1 : fail;");
        const data = "x".repeat(900_000);
        for (let n = 0; n < 2; n++) {
            const Records = Array.from({ length: 5 }, () => ({ PartitionKey: "k", Data: Buffer.from(data) }));
            await pipelines.twin().services.kinesis.operations.PutRecords({ StreamName: stream.name, Records }, root);
        }
        await stream.settled();
        assert.equal(stream.events().flat().length, 10);
        assert.ok(stream.events().every((records) => records.length <= 5));
    });

    it("begins with records that come later at LATEST, and with the first of a time at AT_TIMESTAMP", async () => {
        const name = "positions";
        await pipelines.twin().services.kinesis.operations.CreateStream({ StreamName: name, ShardCount: 1 }, root);
        const put = (text: string) =>
            pipelines
                .twin()
                .services.kinesis.operations.PutRecord(
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
        assert.deepEqual(textsOf(latest.events()), ["third"]);
        assert.equal(textsOf(timed.events()).join(""), "secondthird");
    });

    /** When the newest record came. */
    function started(name: string): number {
        const [record] = pipelines
            .twin()
            .services.kinesis.read({ streamName: name, shardId: "shardId-000000000000", limit: 1 });
        return record?.arrival.getTime() ?? 0;
    }

    it("reads nothing while disabled and goes on where it was", async () => {
        const stream = await pipeline("");
        await stream.put("a");
        await stream.settled();
        const { operations } = pipelines.twin().lambda;
        await operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: false }, root);
        const state = async () => (await operations.GetEventSourceMapping({ UUID: stream.uuid }, root)).State;
        await until(async () => (await state()) === "Disabled");
        await stream.put("b");
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["a"]);
        await operations.UpdateEventSourceMapping({ UUID: stream.uuid, Enabled: true }, root);
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["a", "b"]);
    });

    it("waits for a function that may not run, and can be changed meanwhile", async () => {
        const stream = await pipeline("");
        const { operations } = pipelines.twin().lambda;
        const reserved = { FunctionName: stream.name, ReservedConcurrentExecutions: 0 };
        await operations.PutFunctionConcurrency(reserved, root);
        await stream.put("a");
        await operations.UpdateEventSourceMapping({ UUID: stream.uuid, BatchSize: 7 }, root);
        const described = () => operations.GetEventSourceMapping({ UUID: stream.uuid }, root);
        await until(async () => (await described()).State === "Enabled");
        assert.deepEqual(stream.events(), []);
        await operations.DeleteFunctionConcurrency({ FunctionName: stream.name }, root);
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()), ["a"]);
    });

    it("refuses a stream that is missing, a role that may not read, a second mapping and what it cannot do", async () => {
        const stream = await pipeline("");
        const base = {
            FunctionName: stream.name,
            EventSourceArn: streamArn(stream.name),
            StartingPosition: "LATEST",
        } as const;
        const create = (input: Partial<CreateEventSourceMappingRequest>) =>
            pipelines.twin().lambda.operations.CreateEventSourceMapping({ ...base, ...input }, root);
        await assert.rejects(create({ EventSourceArn: streamArn("nowhere") }), {
            code: "InvalidParameterValueException",
            message: `Stream not found: ${streamArn("nowhere")}`,
        });
        await assert.rejects(create({}), {
            code: "ResourceConflictException",
            message: `The event source arn (" ${streamArn(stream.name)} ") and function (" ${stream.name} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${stream.uuid}`,
        });
        await assert.rejects(create({ FunctionName: "nobody" }), { message: "Function does not exist" });

        const Role = await createRole(pipelines.twin(), "blind", [logsGrant]);
        await pipelines.twin().lambda.operations.UpdateFunctionConfiguration({ FunctionName: stream.name, Role }, root);
        await pipelines.twin().services.kinesis.operations.CreateStream({ StreamName: "unread", ShardCount: 1 }, root);
        await assert.rejects(create({ EventSourceArn: streamArn("unread") }), {
            code: "InvalidParameterValueException",
            message: /^Cannot access stream .*lacks kinesis:GetRecords/,
        });
    });

    it("forgets a deleted mapping", async () => {
        const stream = await pipeline("");
        await pipelines.twin().lambda.operations.DeleteEventSourceMapping({ UUID: stream.uuid }, root);
        await stream.put("a");
        await stream.settled();
        assert.deepEqual(stream.events(), []);
        await assert.rejects(pipelines.twin().client.send(new GetEventSourceMappingCommand({ UUID: stream.uuid })), {
            name: "ResourceNotFoundException",
        });
    });

    it("delivers everything when the twin ends in the middle and starts again", async () => {
        const slow = "await new Promise((resolve) => setTimeout(resolve, 20));";
        const stream = await pipeline(slow, { BatchSize: 2 });
        const all = Array.from({ length: 20 }, (_, n) => `<${n}>`);
        await stream.put(...all);
        await until(() => stream.events().length >= 3);
        await pipelines.restart();
        await stream.settled();
        assert.deepEqual([...new Set(textsOf(stream.events()).join("").match(/<\d+>/g))], all);
        // Only the batch that was in progress came twice.
        assert.ok(stream.events().flat().length <= all.length + 2);
    });

    it("counts it as no failure of the function when the function loses the twin", async () => {
        const slow = "await new Promise((resolve) => setTimeout(resolve, 300));";
        const stream = await pipeline(slow, { MaximumRetryAttempts: 0 });
        await stream.put("a");
        await until(() => stream.events().length === 1);
        await pipelines.twin().disconnect();
        await until(() =>
            pipelines.twin().reports.some(({ message }) => message.includes(`${stream.name} waits: The environment`)),
        );
        await pipelines.restart();
        await stream.settled();
        assert.deepEqual([...new Set(textsOf(stream.events()))], ["a"]);
        assert.ok(stream.events().length >= 2);
        const { QueueUrl } = await pipelines
            .twin()
            .services.sqs.operations.GetQueueUrl({ QueueName: stream.name }, root);
        assert.equal(
            (await pipelines.twin().services.sqs.operations.ReceiveMessage({ QueueUrl }, root)).Messages,
            undefined,
        );
    });
});
