import assert from "node:assert/strict";
import {
    CreateStreamCommand,
    DescribeStreamCommand,
    DescribeStreamSummaryCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    type GetShardIteratorCommandInput,
    KinesisClient,
    ListShardsCommand,
    type ListShardsCommandInput,
    MergeShardsCommand,
    PutRecordCommand,
    SplitShardCommand,
    UpdateShardCountCommand,
    UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const StreamName = "mail";
const StreamARN = "arn:aws:kinesis:eu-central-1:000000000000:stream/mail";
const hour = 3_600_000;
const hashKeys = 2n ** 128n;
const shard = (number: number) => `shardId-${String(number).padStart(12, "0")}`;

describe("Resharding of Kinesis on the twin", () => {
    let twin: ServiceUnderTest<Kinesis>;
    let client: KinesisClient;

    beforeEach(async () => {
        twin = await startService(createKinesis);
        client = new KinesisClient(twin.client);
        await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    async function restart(): Promise<void> {
        client.destroy();
        twin = await twin.restart();
        client = new KinesisClient(twin.client);
    }

    const split = (number: number, at: bigint | number) =>
        client.send(new SplitShardCommand({ StreamName, ShardToSplit: shard(number), NewStartingHashKey: String(at) }));
    const merge = (lower: number, upper: number) =>
        client.send(
            new MergeShardsCommand({ StreamName, ShardToMerge: shard(lower), AdjacentShardToMerge: shard(upper) }),
        );
    const scale = (TargetShardCount: number) =>
        client.send(new UpdateShardCountCommand({ StreamARN, TargetShardCount, ScalingType: "UNIFORM_SCALING" }));

    async function list(input: Partial<ListShardsCommandInput> = {}) {
        return (await client.send(new ListShardsCommand({ StreamName, ...input }))).Shards ?? [];
    }

    async function open() {
        return (await list({ ShardFilter: { Type: "AT_LATEST" } })).sort((a, b) =>
            BigInt(a.HashKeyRange?.StartingHashKey ?? 0) < BigInt(b.HashKeyRange?.StartingHashKey ?? 0) ? -1 : 1,
        );
    }

    async function put(text: string, ExplicitHashKey: bigint | number = 0): Promise<string | undefined> {
        const input = { StreamName, PartitionKey: "k", ExplicitHashKey: String(ExplicitHashKey) };
        return (await client.send(new PutRecordCommand({ ...input, Data: Buffer.from(text) }))).ShardId;
    }

    async function read(number: number, more: Partial<GetShardIteratorCommandInput> = {}) {
        const input = { StreamName, ShardId: shard(number), ShardIteratorType: "TRIM_HORIZON", ...more } as const;
        const { ShardIterator } = await client.send(new GetShardIteratorCommand(input));
        return get(ShardIterator);
    }

    async function get(ShardIterator: string | undefined, Limit?: number) {
        const output = await client.send(new GetRecordsCommand({ ShardIterator, Limit }));
        const texts = output.Records?.map(({ Data }) => Buffer.from(Data ?? []).toString());
        return { texts, next: output.NextShardIterator, children: output.ChildShards, records: output.Records };
    }

    it("splits a shard: the parent is closed, its children divide its range at the given hash key", async () => {
        await put("before");
        await split(0, 1000);
        const [parent, , lower, upper] = await list();
        assert.deepEqual(
            [parent, lower, upper].map((one) => [one?.ShardId, one?.ParentShardId, one?.AdjacentParentShardId]),
            [
                [shard(0), undefined, undefined],
                [shard(2), shard(0), undefined],
                [shard(3), shard(0), undefined],
            ],
        );
        assert.deepEqual(lower?.HashKeyRange, { StartingHashKey: "0", EndingHashKey: "999" });
        assert.deepEqual(upper?.HashKeyRange, {
            StartingHashKey: "1000",
            EndingHashKey: String(hashKeys / 2n - 1n),
        });
        const end = BigInt(parent?.SequenceNumberRange?.EndingSequenceNumber ?? 0);
        assert.ok(end > BigInt(parent?.SequenceNumberRange?.StartingSequenceNumber ?? 0));
        for (const child of [lower, upper]) {
            assert.ok(BigInt(child?.SequenceNumberRange?.StartingSequenceNumber ?? 0) > end);
            assert.equal(child?.SequenceNumberRange?.EndingSequenceNumber, undefined);
        }
        assert.deepEqual(await Promise.all([put("a", 999), put("b", 1000)]), [shard(2), shard(3)]);
        assert.deepEqual((await read(0)).texts, ["before"]);
    });

    it("merges two shards into one with both as parents", async () => {
        await merge(0, 1);
        const child = (await list()).at(-1);
        assert.deepEqual(
            [child?.ShardId, child?.ParentShardId, child?.AdjacentParentShardId],
            [shard(2), shard(0), shard(1)],
        );
        assert.deepEqual(child?.HashKeyRange, { StartingHashKey: "0", EndingHashKey: String(hashKeys - 1n) });
        assert.equal(await put("a", hashKeys - 1n), shard(2));
        const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
        assert.equal(StreamDescriptionSummary?.OpenShardCount, 1);
        assert.equal(StreamDescriptionSummary?.StreamStatus, "ACTIVE");
    });

    it("ends the iterators of a closed shard and names its children, once all was read", async () => {
        await put("one");
        await put("two");
        await split(0, 1000);
        const { ShardIterator } = await client.send(
            new GetShardIteratorCommand({ StreamName, ShardId: shard(0), ShardIteratorType: "TRIM_HORIZON" }),
        );
        const first = await get(ShardIterator, 1);
        assert.deepEqual(first.texts, ["one"]);
        assert.equal(first.children, undefined);
        const last = await get(first.next);
        assert.deepEqual(last.texts, ["two"]);
        assert.equal(last.next, undefined);
        assert.deepEqual(
            last.children?.map(({ ShardId, ParentShards }) => [ShardId, ParentShards]),
            [
                [shard(2), [shard(0)]],
                [shard(3), [shard(0)]],
            ],
        );
        const latest = await read(0, { ShardIteratorType: "LATEST" });
        assert.deepEqual([latest.texts, latest.next], [[], undefined]);
        const [parent] = await list();
        const StartingSequenceNumber = parent?.SequenceNumberRange?.EndingSequenceNumber;
        const atEnd = await read(0, { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber });
        assert.deepEqual([atEnd.texts, atEnd.next], [[], undefined]);
        assert.ok((await read(2)).next);
    });

    it("gives an iterator that was made before its shard was closed an end too", async () => {
        const { ShardIterator } = await client.send(
            new GetShardIteratorCommand({ StreamName, ShardId: shard(1), ShardIteratorType: "LATEST" }),
        );
        await merge(0, 1);
        const end = await get(ShardIterator);
        assert.equal(end.next, undefined);
        assert.deepEqual(
            end.children?.map(({ ShardId, ParentShards }) => [ShardId, ParentShards]),
            [[shard(2), [shard(0), shard(1)]]],
        );
    });

    it("refuses to split or merge what cannot be, in AWS's words", async () => {
        await assert.rejects(split(0, 1), {
            name: "InvalidArgumentException",
            message: `NewStartingHashKey 1 used in SplitShard() on shard ${shard(0)} in stream mail under account 000000000000 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey ${hashKeys / 2n - 1n}.`,
        });
        await assert.rejects(split(0, hashKeys / 2n - 1n), { name: "InvalidArgumentException" });
        await assert.rejects(split(7, 1000), { name: "ResourceNotFoundException" });
        const adjacent = `in stream mail under account 000000000000 are not an adjacent pair of shards eligible for merging`;
        await assert.rejects(merge(1, 0), { message: `Shards ${shard(1)} and ${shard(0)} ${adjacent}` });
        await assert.rejects(merge(0, 0), { message: `Shards ${shard(0)} and ${shard(0)} ${adjacent}` });
        await split(0, 1000);
        const closed = { name: "InvalidArgumentException", message: /has already been merged or split/ };
        await assert.rejects(split(0, 500), closed);
        await assert.rejects(merge(0, 1), closed);
    });

    it("scales up and down to equal shards; double and half are the most that one call does", async () => {
        const ranges = async () =>
            (await open()).map(({ HashKeyRange }) => [HashKeyRange?.StartingHashKey, HashKeyRange?.EndingHashKey]);
        const even = (count: bigint) =>
            Array.from({ length: Number(count) }, (_, n) => [
                String((hashKeys / count) * BigInt(n)),
                String(n === Number(count) - 1 ? hashKeys - 1n : (hashKeys / count) * BigInt(n + 1) - 1n),
            ]);
        for (const count of [4, 7, 5, 3, 2, 1, 2]) {
            const before = (await open()).length;
            const output = await scale(count);
            assert.deepEqual([output.CurrentShardCount, output.TargetShardCount], [before, count]);
            assert.deepEqual(await ranges(), even(BigInt(count)));
        }
        await assert.rejects(scale(5), {
            name: "LimitExceededException",
            message:
                "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 2 Target shard count: 5",
        });
        await scale(4);
        await assert.rejects(scale(1), { name: "LimitExceededException", message: /cannot scale down below half/ });
        await assert.rejects(scale(0), { name: "ValidationException" });
        // Equal shards already: nothing happens to them.
        const shards = await list();
        await scale(4);
        assert.deepEqual(await list(), shards);
    });

    it("keeps each key's records in one line of shards, with growing sequence numbers", async () => {
        const keys = Array.from({ length: 20 }, (_, n) => `key-${n}`);
        const numbers = new Map<string, bigint>();
        for (const count of [2, 4, 3, 6, 4, 2, 1]) {
            await scale(count);
            for (const PartitionKey of keys) {
                const output = await client.send(
                    new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from("x") }),
                );
                const number = BigInt(output.SequenceNumber ?? 0);
                assert.ok(number > (numbers.get(PartitionKey) ?? 0n));
                numbers.set(PartitionKey, number);
            }
        }
        const records = await Promise.all((await list()).map(async (_, n) => (await read(n)).records?.length));
        assert.equal(
            records.reduce((sum, count) => Number(sum) + Number(count), 0),
            7 * keys.length,
        );
    });

    it("keeps closed and open shards over a restart", async () => {
        await put("before");
        await split(0, 1000);
        await merge(3, 1);
        const before = await list();
        await restart();
        assert.deepEqual(await list(), before);
        assert.equal(await put("after", 1000), shard(4));
        const [record] = (await read(4)).records ?? [];
        const start = before.at(-1)?.SequenceNumberRange?.StartingSequenceNumber;
        assert.ok(BigInt(record?.SequenceNumber ?? 0) > BigInt(start ?? 0));
        assert.deepEqual((await read(0)).texts, ["before"]);
        await split(2, 500);
        assert.deepEqual(
            (await open()).map(({ ShardId }) => ShardId),
            [5, 6, 4].map(shard),
        );
    });

    it("reads a stream that an earlier version has stored with a number of shards only", async () => {
        await put("before");
        const { database } = twin.store;
        database.exec("DELETE FROM kinesis_shards");
        database.exec(
            "UPDATE kinesis_streams SET definition = json_set(definition, '$.shardCount', 2) WHERE name = 'mail'",
        );
        await restart();
        assert.deepEqual((await read(0)).texts, ["before"]);
        await split(1, hashKeys - 1000n);
        await restart();
        assert.equal((await list()).length, 4);
    });

    it("lists the shards of a filter", async () => {
        const { clock } = twin.context;
        const ids = async (ShardFilter: ListShardsCommandInput["ShardFilter"]) =>
            (await list({ ShardFilter })).map(({ ShardId }) => Number(ShardId?.slice(-2)));
        const at = () => new Date(clock.now());
        const created = at();
        clock.advance(hour);
        await split(0, 1000);
        clock.advance(hour);
        const between = at();
        clock.advance(hour);
        await merge(3, 1);
        assert.deepEqual(await ids({ Type: "AT_LATEST" }), [2, 4]);
        assert.deepEqual(await ids({ Type: "AT_TRIM_HORIZON" }), [0, 1]);
        assert.deepEqual(await ids({ Type: "FROM_TRIM_HORIZON" }), [0, 1, 2, 3, 4]);
        assert.deepEqual(await ids({ Type: "AFTER_SHARD_ID", ShardId: shard(2) }), [3, 4]);
        assert.deepEqual(await ids({ Type: "AT_TIMESTAMP", Timestamp: created }), [0, 1]);
        assert.deepEqual(await ids({ Type: "AT_TIMESTAMP", Timestamp: between }), [1, 2, 3]);
        assert.deepEqual(await ids({ Type: "FROM_TIMESTAMP", Timestamp: between }), [1, 2, 3, 4]);
        assert.deepEqual(await ids({ Type: "FROM_TIMESTAMP", Timestamp: at() }), [2, 4]);
        // What was closed before the retention has expired, and with it the records.
        clock.advance(22 * hour);
        assert.deepEqual(await ids({ Type: "AT_TRIM_HORIZON" }), [1, 2, 3]);
        assert.deepEqual(await ids({ Type: "FROM_TRIM_HORIZON" }), [1, 2, 3, 4]);
        assert.deepEqual(await ids(undefined), [1, 2, 3, 4]);
        clock.advance(2 * hour);
        assert.deepEqual(await ids(undefined), [2, 4]);
        const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName }));
        assert.equal(StreamDescription?.Shards?.length, 2);
        await assert.rejects(ids({ Type: "AFTER_SHARD_ID" }), { name: "InvalidArgumentException" });
        await assert.rejects(ids({ Type: "AT_TIMESTAMP" }), { name: "InvalidArgumentException" });
        await assert.rejects(ids({ Type: "AT_LATEST", Timestamp: at() }), { name: "InvalidArgumentException" });
    });

    it("pages through filtered shards by a token that ends after five minutes", async () => {
        await scale(4);
        const input = { StreamName, MaxResults: 3, ShardFilter: { Type: "AT_LATEST" } } as const;
        const first = await client.send(new ListShardsCommand(input));
        const next = { NextToken: first.NextToken };
        const second = await client.send(new ListShardsCommand(next));
        assert.deepEqual(
            [...(first.Shards ?? []), ...(second.Shards ?? [])].map(({ ShardId }) => ShardId),
            [2, 3, 4, 5].map(shard),
        );
        assert.equal(second.NextToken, undefined);
        await assert.rejects(client.send(new ListShardsCommand({ ...next, StreamName })), {
            name: "InvalidArgumentException",
        });
        twin.context.clock.advance(301_000);
        await assert.rejects(client.send(new ListShardsCommand(next)), { name: "ExpiredNextTokenException" });
        for (const NextToken of ["x", Buffer.from("[1,2]").toString("base64")]) {
            await assert.rejects(client.send(new ListShardsCommand({ NextToken })), {
                name: "InvalidArgumentException",
            });
        }
        const StreamCreationTimestamp = new Date(0);
        await assert.rejects(list({ StreamCreationTimestamp }), { name: "ResourceNotFoundException" });
    });

    it("changes the mode in place; a stream on demand keeps its shards, which nobody reshards", async () => {
        const mode = (StreamMode: "ON_DEMAND" | "PROVISIONED") =>
            client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode } }));
        await mode("ON_DEMAND");
        assert.equal((await open()).length, 2);
        const refused = {
            name: "ValidationException",
            message: "Request is invalid. Stream mail under account 000000000000 is in On-Demand mode.",
        };
        await assert.rejects(split(0, 1000), refused);
        await assert.rejects(merge(0, 1), refused);
        await assert.rejects(scale(4), refused);
        await restart();
        const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
        assert.equal(StreamDescriptionSummary?.StreamModeDetails?.StreamMode, "ON_DEMAND");
        await mode("PROVISIONED");
        await scale(4);
    });

    it("puts a record that waits while its shard is closed into a child", async () => {
        const waiting = twin.service.operations.PutRecord(
            { StreamName, PartitionKey: "k", ExplicitHashKey: "0", Data: Buffer.from("x") },
            root,
        );
        await twin.service.operations.MergeShards(
            { StreamName, ShardToMerge: shard(0), AdjacentShardToMerge: shard(1) },
            root,
        );
        assert.equal((await waiting).ShardId, shard(2));
    });

    it("reshards streams of thousands of shards", async () => {
        const { operations } = twin.service;
        await operations.CreateStream({ StreamName: "wide", ShardCount: 5000 }, root);
        const target = { StreamName: "wide", ScalingType: "UNIFORM_SCALING" } as const;
        await operations.UpdateShardCount({ ...target, TargetShardCount: 10_000 }, root);
        const summary = await operations.DescribeStreamSummary({ StreamName: "wide" }, root);
        assert.equal(summary.StreamDescriptionSummary?.OpenShardCount, 10_000);
        await assert.rejects(operations.UpdateShardCount({ ...target, TargetShardCount: 10_001 }, root), {
            code: "LimitExceededException",
        });
    });
});
