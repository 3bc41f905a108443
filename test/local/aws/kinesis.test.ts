import assert from "node:assert/strict";
import {
    AddTagsToStreamCommand,
    CreateStreamCommand,
    DecreaseStreamRetentionPeriodCommand,
    DeleteStreamCommand,
    DescribeStreamCommand,
    DescribeStreamSummaryCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    type GetShardIteratorCommandInput,
    IncreaseStreamRetentionPeriodCommand,
    KinesisClient,
    type KinesisClientConfig,
    ListShardsCommand,
    ListStreamsCommand,
    ListTagsForResourceCommand,
    ListTagsForStreamCommand,
    PutRecordCommand,
    PutRecordsCommand,
    StartStreamEncryptionCommand,
    TagResourceCommand,
    UntagResourceCommand,
    UpdateMaxRecordSizeCommand,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const StreamName = "mail";
const StreamARN = "arn:aws:kinesis:eu-central-1:000000000000:stream/mail";
const minute = 60_000;
const hour = 60 * minute;
const shard = (number: number) => `shardId-${String(number).padStart(12, "0")}`;

describe("Kinesis of the twin", () => {
    let twin: ServiceUnderTest<Kinesis>;
    let client: KinesisClient;
    const clients: KinesisClient[] = [];

    function connect(configuration: KinesisClientConfig): KinesisClient {
        const made = new KinesisClient(configuration);
        clients.push(made);
        return made;
    }

    beforeEach(async () => {
        twin = await startService(createKinesis);
        client = connect(twin.client);
        await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    });

    afterEach(async () => {
        for (const made of clients.splice(0)) made.destroy();
        await twin.stop();
    });

    async function restart(): Promise<void> {
        client.destroy();
        twin = await twin.restart();
        client = connect(twin.client);
    }

    async function put(...texts: string[]): Promise<string[]> {
        const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
        const output = await client.send(new PutRecordsCommand({ StreamName, Records }));
        assert.equal(output.FailedRecordCount, 0);
        return (output.Records ?? []).map(({ SequenceNumber }) => String(SequenceNumber));
    }

    async function iterator(
        ShardIteratorType: GetShardIteratorCommandInput["ShardIteratorType"],
        more: Partial<GetShardIteratorCommandInput> = {},
    ): Promise<string | undefined> {
        const input = { StreamName, ShardId: shard(0), ShardIteratorType, ...more };
        return (await client.send(new GetShardIteratorCommand(input))).ShardIterator;
    }

    async function read(ShardIterator: string | undefined, Limit?: number) {
        const output = await client.send(new GetRecordsCommand({ ShardIterator, Limit }));
        const texts = (output.Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString());
        return { texts, next: output.NextShardIterator, behind: output.MillisBehindLatest, records: output.Records };
    }

    for (const [protocol, configuration] of [
        ["the SDK's default, HTTP/2", {}],
        ["HTTP/1.1", { requestHandler: new NodeHttpHandler() }],
    ] as const) {
        it(`gives back what was put, over ${protocol}`, async () => {
            client = connect({ ...twin.client, ...configuration });
            const Data = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
            const before = Date.now();
            const stored = await client.send(new PutRecordCommand({ StreamARN, PartitionKey: "ключ", Data }));
            assert.equal(stored.ShardId, shard(0));
            assert.match(String(stored.SequenceNumber), /^49\d{54}$/);
            const { records, behind } = await read(await iterator("TRIM_HORIZON"));
            assert.equal(records?.length, 1);
            assert.deepEqual(Buffer.from(records?.[0]?.Data ?? []), Data);
            assert.equal(records?.[0]?.PartitionKey, "ключ");
            assert.equal(records?.[0]?.SequenceNumber, stored.SequenceNumber);
            const arrival = records?.[0]?.ApproximateArrivalTimestamp?.getTime() ?? 0;
            assert.ok(arrival >= before && arrival <= Date.now());
            assert.equal(behind, 0);
        });
    }

    it("describes a provisioned and an on-demand stream as active", async () => {
        await client.send(
            new CreateStreamCommand({ StreamName: "any", StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
        );
        const any = (await client.send(new DescribeStreamSummaryCommand({ StreamName: "any" })))
            .StreamDescriptionSummary;
        assert.equal(any?.StreamStatus, "ACTIVE");
        assert.equal(any?.OpenShardCount, 4);
        const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName }));
        assert.equal(StreamDescription?.StreamARN, StreamARN);
        assert.equal(StreamDescription?.StreamModeDetails?.StreamMode, "PROVISIONED");
        assert.equal(StreamDescription?.RetentionPeriodHours, 24);
        assert.equal(StreamDescription?.EncryptionType, "NONE");
        assert.deepEqual(
            StreamDescription?.Shards?.map(({ HashKeyRange }) => HashKeyRange),
            [{ StartingHashKey: "0", EndingHashKey: "340282366920938463463374607431768211455" }],
        );
        const { StreamNames } = await client.send(new ListStreamsCommand());
        assert.deepEqual(StreamNames, ["any", "mail"]);
    });

    it("divides the hash keys evenly and routes by MD5 or by the explicit hash key", async () => {
        await client.send(new CreateStreamCommand({ StreamName: "wide", ShardCount: 3 }));
        const { Shards } = await client.send(new ListShardsCommand({ StreamName: "wide" }));
        assert.deepEqual(
            Shards?.map(({ HashKeyRange }) => HashKeyRange?.StartingHashKey),
            ["0", "113427455640312821154458202477256070485", "226854911280625642308916404954512140970"],
        );
        const shardOf = async (PartitionKey: string, ExplicitHashKey?: string) => {
            const input = { StreamName: "wide", PartitionKey, ExplicitHashKey, Data: Buffer.from("x") };
            return (await client.send(new PutRecordCommand(input))).ShardId;
        };
        // MD5("a") = 0cc1…, MD5("h") = 2510…, MD5("b") = 92eb…, MD5("e") = e167…
        assert.deepEqual(await Promise.all(["a", "h", "b", "e"].map((key) => shardOf(key))), [0, 0, 1, 2].map(shard));
        assert.equal(await shardOf("a", "113427455640312821154458202477256070484"), shard(0));
        assert.equal(await shardOf("a", "113427455640312821154458202477256070485"), shard(1));
        assert.equal(await shardOf("a", "340282366920938463463374607431768211455"), shard(2));
    });

    it("pages through the shards", async () => {
        await client.send(new CreateStreamCommand({ StreamName: "wide", ShardCount: 3 }));
        const first = await client.send(new ListShardsCommand({ StreamName: "wide", MaxResults: 2 }));
        const second = await client.send(new ListShardsCommand({ NextToken: first.NextToken }));
        assert.deepEqual(
            [...(first.Shards ?? []), ...(second.Shards ?? [])].map(({ ShardId }) => ShardId),
            [0, 1, 2].map(shard),
        );
        assert.equal(second.NextToken, undefined);
    });

    it("starts reading at each of the five positions", async () => {
        const [one, two] = await put("one", "two");
        const latest = await iterator("LATEST");
        const three = await put("three");
        assert.deepEqual((await read(await iterator("TRIM_HORIZON"))).texts, ["one", "two", "three"]);
        assert.deepEqual((await read(latest)).texts, ["three"]);
        const at = await iterator("AT_SEQUENCE_NUMBER", { StartingSequenceNumber: two });
        assert.deepEqual((await read(at)).texts, ["two", "three"]);
        const after = await iterator("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber: one });
        assert.deepEqual((await read(after)).texts, ["two", "three"]);
        assert.deepEqual((await read(await iterator("AT_TIMESTAMP", { Timestamp: new Date(0) }))).texts.length, 3);
        const third = await iterator("AT_SEQUENCE_NUMBER", { StartingSequenceNumber: three[0] });
        const arrival = (await read(third)).records?.[0]?.ApproximateArrivalTimestamp ?? new Date(Number.NaN);
        assert.equal((await read(await iterator("AT_TIMESTAMP", { Timestamp: arrival }))).texts.at(-1), "three");
        const later = new Date(arrival.getTime() + 1);
        twin.context.clock.advance(2);
        assert.deepEqual((await read(await iterator("AT_TIMESTAMP", { Timestamp: later }))).texts, []);
    });

    it("goes on where the last page ended and says how far that is behind", async () => {
        await put("one", "two", "three");
        const first = await read(await iterator("TRIM_HORIZON"), 2);
        assert.deepEqual(first.texts, ["one", "two"]);
        twin.context.clock.advance(2 * minute);
        const again = await read(await iterator("TRIM_HORIZON"), 2);
        assert.ok(Number(again.behind) >= 2 * minute && Number(again.behind) < 4 * minute);
        const second = await read(first.next);
        assert.deepEqual(second.texts, ["three"]);
        assert.equal(second.behind, 0);
        assert.deepEqual((await read(second.next)).texts, []);
        await put("four");
        assert.deepEqual((await read(second.next)).texts, ["four"]);
    });

    it("keeps streams, records, iterators and the order of sequence numbers over a restart", async () => {
        const before = await put("one", "two");
        const latest = await iterator("LATEST");
        await restart();
        const after = await put("three");
        assert.deepEqual((await read(await iterator("TRIM_HORIZON"))).texts, ["one", "two", "three"]);
        assert.deepEqual((await read(latest)).texts, ["three"]);
        const all = [...before, ...after].map(BigInt);
        assert.deepEqual(
            all,
            [...all].sort((a, b) => (a < b ? -1 : 1)),
        );
    });

    it("counts sequence numbers on although the newest records are gone after a restart", async () => {
        await client.send(new CreateStreamCommand({ StreamName: "other", ShardCount: 1 }));
        const putOther = async () =>
            (
                await client.send(
                    new PutRecordCommand({ StreamName: "other", PartitionKey: "k", Data: Buffer.from("x") }),
                )
            ).SequenceNumber;
        const first = await putOther();
        await put("newest");
        await client.send(new DeleteStreamCommand({ StreamName }));
        await restart();
        await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
        const latest = await iterator("TRIM_HORIZON");
        await put("again");
        assert.deepEqual((await read(latest)).texts, ["again"]);
        assert.ok(BigInt(String(await putOther())) > BigInt(String(first)));
        const index = (text: unknown) => (BigInt(String(text)) >> 84n) & 0xffff_ffffn;
        assert.equal(index(await putOther()) - index(first), 4n);
    });

    it("refuses an iterator of a deleted stream, an expired one and one that is none", async () => {
        const aged = await iterator("TRIM_HORIZON");
        twin.context.clock.advance(4 * minute);
        assert.deepEqual((await read(aged)).texts, []);
        twin.context.clock.advance(minute + 1);
        await assert.rejects(read(aged), { name: "ExpiredIteratorException" });
        await assert.rejects(read("x"), { name: "InvalidArgumentException" });
        const old = await iterator("TRIM_HORIZON");
        await client.send(new DeleteStreamCommand({ StreamName }));
        await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
        await put("of the new one");
        await assert.rejects(read(old), { name: "ResourceNotFoundException" });
    });

    it("hides and deletes what is older than the retention", async () => {
        await put("old");
        twin.context.clock.advance(24 * hour + 1);
        await put("new");
        assert.deepEqual((await read(await iterator("TRIM_HORIZON"))).texts, ["new"]);
        twin.context.clock.advance(minute);
        const { count } = twin.store.database.prepare("SELECT count(*) AS count FROM kinesis_batches").get() ?? {};
        assert.equal(count, 1);
        assert.deepEqual((await read(await iterator("TRIM_HORIZON"))).texts, ["new"]);
    });

    it("keeps records for the longer retention that was asked for, and refuses a shorter one", async () => {
        const retain = (RetentionPeriodHours: number) =>
            client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }));
        await retain(48);
        await put("old");
        twin.context.clock.advance(30 * hour);
        assert.deepEqual((await read(await iterator("TRIM_HORIZON"))).texts, ["old"]);
        await assert.rejects(retain(36), /can not be shorter than existing retention period \(48 hours\)/);
        await assert.rejects(retain(12), { name: "InvalidArgumentException", message: /Minimum allowed .* 24 hours/ });
        await assert.rejects(retain(9000), {
            name: "InvalidArgumentException",
            message: /^Maximum allowed .* 8760 hours/,
        });
    });

    it("refuses what is over the limits, in AWS's words and without quoting records", async () => {
        const records = (count: number, bytes: number, PartitionKey = "k") =>
            client.send(
                new PutRecordsCommand({
                    StreamName,
                    Records: Array.from({ length: count }, () => ({ PartitionKey, Data: Buffer.alloc(bytes) })),
                }),
            );
        await assert.rejects(records(501, 1), {
            name: "ValidationException",
            message: /'records' failed to satisfy constraint: Member must have length less than or equal to 500/,
        });
        await assert.rejects(records(1, 1_048_576), {
            name: "ValidationException",
            message: /'records.1.member.data' .*less than or equal to 1048576/,
        });
        await assert.rejects(records(11, 1_000_000), {
            name: "InvalidArgumentException",
            message: /exceeds 10 MB limit/,
        });
        await assert.rejects(records(1, 1, ""), { message: /'records.1.member.partitionKey'/ });
        await assert.rejects(records(1, 1, "k".repeat(257)), { message: /less than or equal to 256$/ });
        await assert.rejects(records(0, 1), { name: "ValidationException" });
        const put = (ExplicitHashKey: string) =>
            client.send(
                new PutRecordCommand({ StreamName, PartitionKey: "k", ExplicitHashKey, Data: Buffer.from("x") }),
            );
        await assert.rejects(put("340282366920938463463374607431768211456"), { name: "InvalidArgumentException" });
        await assert.rejects(put("-1"), { name: "ValidationException" });
        await records(10, 1_000_000);
    });

    it("names what is missing or already there", async () => {
        await assert.rejects(client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 })), {
            name: "ResourceInUseException",
            message: "Stream mail under account 000000000000 already exists.",
        });
        await assert.rejects(client.send(new DescribeStreamCommand({ StreamName: "none" })), {
            name: "ResourceNotFoundException",
            message: "Stream none under account 000000000000 not found.",
        });
        await assert.rejects(iterator("TRIM_HORIZON", { ShardId: shard(1) }), {
            name: "ResourceNotFoundException",
            message: "Shard shardId-000000000001 in stream mail under account 000000000000 does not exist",
        });
        const foreign = iterator("AT_SEQUENCE_NUMBER", { StartingSequenceNumber: "123" });
        await assert.rejects(foreign, { name: "InvalidArgumentException", message: /StartingSequenceNumber 123 used/ });
    });

    it("puts after a sequence number that it gave out, and refuses one that it did not", async () => {
        const put = (SequenceNumberForOrdering: string | undefined, PartitionKey = "k") =>
            client.send(
                new PutRecordCommand({ StreamName, PartitionKey, SequenceNumberForOrdering, Data: Buffer.from("x") }),
            );
        const first = (await put(undefined)).SequenceNumber;
        const second = (await put(first)).SequenceNumber;
        assert.ok(BigInt(second ?? 0) > BigInt(first ?? 0));
        const later = String(BigInt(second ?? 0) + (1n << 84n));
        for (const never of ["1", later]) {
            await assert.rejects(put(never), {
                name: "InvalidArgumentException",
                message: `ExclusiveMinimumSequenceNumber ${never} used in PutRecord on stream mail under account 000000000000 is invalid.`,
            });
        }
    });

    it("names what is wrong with where to begin to read", async () => {
        await client.send(new CreateStreamCommand({ StreamName: "wide", ShardCount: 2 }));
        const [number] = await put("one");
        const wide = (StartingSequenceNumber: string | undefined) =>
            iterator("AT_SEQUENCE_NUMBER", { StreamName: "wide", ShardId: shard(1), StartingSequenceNumber });
        const refused = (message: RegExp) => ({ name: "InvalidArgumentException", message });
        await assert.rejects(
            wide(number),
            refused(/^Invalid StartingSequenceNumber. It encodes shardId-000000000000, while .* shardId-000000000001$/),
        );
        await assert.rejects(wide(undefined), refused(/AT_SEQUENCE_NUMBER and no StartingSequenceNumber.$/));
        await assert.rejects(
            iterator("LATEST", { StartingSequenceNumber: number }),
            refused(/LATEST and also a StartingSequenceNumber.$/),
        );
        await assert.rejects(iterator("AT_TIMESTAMP"), refused(/Must specify timestampInMillis/));
        const Timestamp = new Date(twin.context.clock.now() + hour);
        await assert.rejects(iterator("AT_TIMESTAMP", { Timestamp }), refused(/cannot be greater than the current/));
        const ShardIterator = await iterator("LATEST");
        await assert.rejects(
            client.send(new GetRecordsCommand({ ShardIterator, StreamARN: StreamARN.replace("mail", "wide") })),
            refused(/is not that of the ShardIterator/),
        );
        await assert.rejects(client.send(new DescribeStreamCommand({})), refused(/StreamName or StreamARN/));
        await assert.rejects(client.send(new DescribeStreamCommand({ StreamName: "wide", StreamARN })), {
            message: /name different streams/,
        });
        const foreign = StreamARN.replace("eu-central-1", "us-east-1");
        await assert.rejects(client.send(new DescribeStreamCommand({ StreamARN: foreign })), {
            name: "ResourceNotFoundException",
        });
    });

    it("takes larger records once it was told to, up to 10 MiB", async () => {
        const Data = Buffer.alloc(2 << 20);
        const large = () => client.send(new PutRecordCommand({ StreamName, PartitionKey: "k", Data }));
        await assert.rejects(large(), { name: "ValidationException", message: /'data' .*equal to 1048576$/ });
        await client.send(new UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 10_240 }));
        await large();
        await restart();
        const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
        assert.equal(StreamDescriptionSummary?.MaxRecordSizeInKiB, 10_240);
        // One page holds 10 MiB at most, and one record at least.
        for (let n = 0; n < 5; n++) await large();
        const first = await read(await iterator("TRIM_HORIZON"));
        assert.equal(first.records?.length, 5);
        assert.equal((await read(first.next)).records?.length, 1);
    });

    it("shortens the retention, and says which operation lengthens it", async () => {
        const retain = (RetentionPeriodHours: number) =>
            client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }));
        await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
        await put("old");
        twin.context.clock.advance(30 * hour);
        await retain(24);
        assert.deepEqual((await read(await iterator("TRIM_HORIZON"))).texts, []);
        await assert.rejects(retain(25), {
            message: /can not be longer than .* \(24 hours\). Use IncreaseRetentionPeriod API.$/,
        });
    });

    it("tags a stream by its ARN as well", async () => {
        const ResourceARN = StreamARN;
        await client.send(new TagResourceCommand({ ResourceARN, Tags: { a: "1", b: "2" } }));
        await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ["a"] }));
        const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
        assert.deepEqual(Tags, [{ Key: "b", Value: "2" }]);
        const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`tag-${n}`, ""]));
        await assert.rejects(client.send(new TagResourceCommand({ ResourceARN, Tags: many })), {
            name: "InvalidArgumentException",
            message: "A stream can have 50 tags; this would make 51.",
        });
    });

    it("remembers tags and encryption", async () => {
        await client.send(new AddTagsToStreamCommand({ StreamName, Tags: { team: "mail", stage: "test" } }));
        await client.send(
            new StartStreamEncryptionCommand({ StreamName, EncryptionType: "KMS", KeyId: "alias/aws/kinesis" }),
        );
        await restart();
        const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName }));
        assert.deepEqual(Tags, [
            { Key: "stage", Value: "test" },
            { Key: "team", Value: "mail" },
        ]);
        const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
        assert.equal(StreamDescriptionSummary?.KeyId, "alias/aws/kinesis");
        await put("one");
        const { records } = await read(await iterator("TRIM_HORIZON"));
        assert.equal(records?.[0]?.EncryptionType, "KMS");
    });

    it("lets a role do only what it was granted, on the stream that it was granted for", async () => {
        const writer = connect(
            await twin.clientOf("writer", { Effect: "Allow", Action: "kinesis:PutRecord*", Resource: StreamARN }),
        );
        await writer.send(new PutRecordCommand({ StreamName, PartitionKey: "k", Data: Buffer.from("x") }));
        const denied = { name: "AccessDeniedException" };
        const other = { StreamName: "other", PartitionKey: "k", Data: Buffer.from("x") };
        await assert.rejects(writer.send(new PutRecordCommand(other)), denied);
        await assert.rejects(writer.send(new DescribeStreamCommand({ StreamName })), {
            ...denied,
            message:
                /assumed-role\/writer\/session is not authorized to perform: kinesis:DescribeStream on resource: .*stream\/mail because/,
        });
        // An iterator that it was handed is of no use to it.
        const ShardIterator = await iterator("TRIM_HORIZON");
        await assert.rejects(writer.send(new GetRecordsCommand({ ShardIterator })), denied);
        await assert.rejects(writer.send(new ListStreamsCommand()), denied);
    });

    it("tells listeners in this process of records once they can be read", async () => {
        const heard: [readonly string[], number][] = [];
        const stop = twin.service.onRecords(StreamName, (shards) => {
            heard.push([shards, twin.service.read({ streamName: StreamName, shardId: shard(0), limit: 10 }).length]);
        });
        await put("one", "two");
        assert.deepEqual(heard, [[[shard(0)], 2]]);
        stop();
        await put("three");
        assert.equal(heard.length, 1);
    });

    it("reads in this process from a position that was remembered", async () => {
        const of = { streamName: StreamName, shardId: shard(0), limit: 10 };
        const texts = (after: string) => twin.service.read({ ...of, after }).map(({ data }) => data.toString());
        await put("one");
        const latest = twin.service.position(StreamName, shard(0), "LATEST");
        const horizon = twin.service.position(StreamName, shard(0), "TRIM_HORIZON");
        const time = twin.service.position(StreamName, shard(0), new Date(0));
        const [two] = await put("two", "three");
        assert.deepEqual(texts(latest), ["two", "three"]);
        assert.deepEqual(texts(horizon), ["one", "two", "three"]);
        assert.deepEqual(texts(time), ["one", "two", "three"]);
        assert.deepEqual(texts(String(two)), ["three"]);
        assert.throws(() => twin.service.read({ ...of, streamName: "none" }), { code: "ResourceNotFoundException" });
    });

    it("stores nothing for a stream that is deleted while a record waits", async () => {
        const waiting = twin.service.operations.PutRecord(
            { StreamName, PartitionKey: "k", Data: Buffer.from("x") },
            root,
        );
        await twin.service.operations.DeleteStream({ StreamName }, root);
        const outcome = await waiting.then(
            () => "stored",
            (error: { code?: string }) => error.code,
        );
        const { count } = twin.store.database.prepare("SELECT count(*) AS count FROM kinesis_batches").get() ?? {};
        assert.deepEqual([outcome, count], ["ResourceNotFoundException", 0]);
    });
});
