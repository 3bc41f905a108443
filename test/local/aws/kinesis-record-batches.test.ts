import assert from "node:assert/strict";
import type { _Record } from "@aws-sdk/client-kinesis";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { root } from "../../../local/aws/service";
import { Random } from "../../random";
import { type ServiceUnderTest, startService } from "./service-under-test";

const StreamName = "mail";
const shards = 3;

/** The store keeps what one call puts into a shard as one value; readers must not see where such a value ends. */
describe("Records that were put together", () => {
    let twin: ServiceUnderTest<Kinesis>;

    beforeEach(async () => {
        twin = await startService(createKinesis);
        await twin.service.operations.CreateStream({ StreamName, ShardCount: shards }, root);
    });

    afterEach(() => twin.stop());

    async function iterator(
        shard: number,
        StartingSequenceNumber?: string,
        ShardIteratorType: "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER" = "AFTER_SEQUENCE_NUMBER",
    ): Promise<string> {
        const from =
            StartingSequenceNumber === undefined
                ? { ShardIteratorType: "TRIM_HORIZON" as const }
                : { ShardIteratorType, StartingSequenceNumber };
        const ShardId = `shardId-${String(shard).padStart(12, "0")}`;
        const { ShardIterator } = await twin.service.operations.GetShardIterator(
            { StreamName, ShardId, ...from },
            root,
        );
        return String(ShardIterator);
    }

    /** A shard to its end, in pages of a random length. */
    async function readAll(random: Random, start: string): Promise<_Record[]> {
        const read: _Record[] = [];
        for (let ShardIterator = start; ; ) {
            const Limit = 1 + random.below(7);
            const page = await twin.service.operations.GetRecords({ ShardIterator, Limit }, root);
            assert.ok((page.Records?.length ?? 0) <= Limit);
            read.push(...(page.Records ?? []));
            if (page.Records?.length === 0) return read;
            ShardIterator = String(page.NextShardIterator);
        }
    }

    for (const seed of [1, 2, 3, 4, 5]) {
        it(`are read one by one, from any of them on, in pages of any length, seed ${seed}`, async () => {
            const random = new Random(seed);
            const put: { shard: number; key: string; data: string; sequenceNumber: string }[] = [];
            for (let call = 0; call < 12; call++) {
                const Records = Array.from({ length: 1 + random.below(20) }, () => ({
                    PartitionKey: `ключ-${random.below(30)}`,
                    Data: Buffer.alloc(random.below(200), `${put.length}`),
                }));
                const answer = await twin.service.operations.PutRecords({ StreamName, Records }, root);
                answer.Records?.forEach(({ ShardId, SequenceNumber }, index) => {
                    put.push({
                        shard: Number(ShardId?.slice(-12)),
                        key: Records[index]?.PartitionKey ?? "",
                        data: Records[index]?.Data.toString("hex") ?? "",
                        sequenceNumber: String(SequenceNumber),
                    });
                });
                if (call === 6) twin = await twin.restart();
            }
            for (let shard = 0; shard < shards; shard++) {
                const expected = put.filter((record) => record.shard === shard);
                const plain = (records: readonly _Record[]) =>
                    records.map(({ PartitionKey, Data, SequenceNumber }) => ({
                        shard,
                        key: PartitionKey,
                        data: Buffer.from(Data ?? []).toString("hex"),
                        sequenceNumber: SequenceNumber,
                    }));
                assert.deepEqual(plain(await readAll(random, await iterator(shard))), expected);
                const numbers = expected.map(({ sequenceNumber }) => BigInt(sequenceNumber));
                assert.ok(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0n)));
                for (const from of [0, random.below(expected.length), expected.length - 1]) {
                    const number = expected[from]?.sequenceNumber;
                    const at = await iterator(shard, number, "AT_SEQUENCE_NUMBER");
                    assert.deepEqual(plain(await readAll(random, at)), expected.slice(from));
                    const after = await iterator(shard, number);
                    assert.deepEqual(plain(await readAll(random, after)), expected.slice(from + 1));
                }
            }
        });
    }

    it("are told to be behind as long as one of them is left", async () => {
        const Records = ["a", "b", "c"].map((text) => ({
            ...{ PartitionKey: text, Data: Buffer.from(text) },
            ExplicitHashKey: "0",
        }));
        await twin.service.operations.PutRecords({ StreamName, Records }, root);
        twin.context.clock.advance(5000);
        const two = await twin.service.operations.GetRecords({ ShardIterator: await iterator(0), Limit: 2 }, root);
        assert.ok((two.MillisBehindLatest ?? 0) >= 5000);
        const ShardIterator = String(two.NextShardIterator);
        const one = await twin.service.operations.GetRecords({ ShardIterator, Limit: 2 }, root);
        assert.deepEqual([one.Records?.length, one.MillisBehindLatest], [1, 0]);
    });

    it("of a home that an earlier version wrote keep their sequence numbers", async () => {
        const { database } = twin.store;
        const Records = ["a", "b"].map((text) => ({
            PartitionKey: text,
            Data: Buffer.from(text),
            ExplicitHashKey: "0",
        }));
        const answer = await twin.service.operations.PutRecords({ StreamName, Records }, root);
        // As that version kept them: a record each.
        const { first, stream, shard, arrival } = database.prepare("SELECT * FROM kinesis_batches").get() ?? {};
        database.exec(`
            DELETE FROM kinesis_batches;
            CREATE TABLE kinesis_records (
                position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, shard INTEGER NOT NULL, arrival INTEGER NOT NULL,
                partition_key TEXT NOT NULL, data BLOB NOT NULL
            ) STRICT;
            CREATE INDEX kinesis_records_by_shard ON kinesis_records (stream, shard, position, arrival);
            INSERT INTO kinesis_records VALUES
                (${first}, ${stream}, ${shard}, ${arrival}, 'a', x'61'), (${Number(first) + 1}, ${stream}, ${shard}, ${arrival}, 'b', x'62');
        `);
        twin = await twin.restart();
        const { Records: read } = await twin.service.operations.GetRecords({ ShardIterator: await iterator(0) }, root);
        assert.deepEqual(
            read?.map(({ SequenceNumber, PartitionKey, Data }) => [SequenceNumber, PartitionKey, String(Data)]),
            answer.Records?.map(({ SequenceNumber }, index) => [SequenceNumber, "ab"[index], "ab"[index]]),
        );
        const next = await twin.service.operations.PutRecords({ StreamName, Records }, root);
        assert.ok(BigInt(next.Records?.[0]?.SequenceNumber ?? 0) > BigInt(answer.Records?.[1]?.SequenceNumber ?? 0));
        assert.equal(
            twin.store.database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kinesis_records'").get(),
            undefined,
        );
    });
});
