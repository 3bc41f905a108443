import assert from "node:assert/strict";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const minute = 60_000;
const hour = 60 * minute;
const streams = ["mail", "other"];
const shards = ["shardId-000000000000", "shardId-000000000001"];
/** One in the range of each shard. */
const hashKeys = ["0", String(2n ** 127n)];
const both = [0, 1];

describe("Records of Kinesis that expire beside others", () => {
    let twin: ServiceUnderTest<Kinesis>;

    beforeEach(async () => {
        twin = await startService(createKinesis);
        for (const StreamName of streams) {
            await twin.service.operations.CreateStream({ StreamName, ShardCount: shards.length }, root);
        }
        await twin.service.operations.IncreaseStreamRetentionPeriod(
            { StreamName: "other", RetentionPeriodHours: 48 },
            root,
        );
    });
    afterEach(() => twin.stop());

    /** Three records for each of some shards, in one call. */
    async function put(StreamName: string, into: readonly number[], text: string): Promise<void> {
        const Records = into.flatMap((shard) =>
            [1, 2, 3].map((number) => ({
                PartitionKey: "key",
                ExplicitHashKey: hashKeys[shard],
                Data: Buffer.from(`${text} ${number} of shard ${shard}`),
            })),
        );
        const { FailedRecordCount } = await twin.service.operations.PutRecords({ StreamName, Records }, root);
        assert.equal(FailedRecordCount, 0);
    }

    /** What there is, by stream and shard. */
    async function all(): Promise<Record<string, object[]>> {
        const found: Record<string, object[]> = {};
        for (const StreamName of streams) {
            for (const ShardId of shards) {
                const { ShardIterator } = await twin.service.operations.GetShardIterator(
                    { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" },
                    root,
                );
                const { Records = [] } = await twin.service.operations.GetRecords({ ShardIterator }, root);
                found[`${StreamName}/${ShardId}`] = Records.map(
                    ({ Data, SequenceNumber, ApproximateArrivalTimestamp }) => ({
                        text: String(Data),
                        SequenceNumber,
                        ApproximateArrivalTimestamp,
                    }),
                );
            }
        }
        return found;
    }

    it("leave all that is younger, in their shard, in others and in other streams", async () => {
        await put("other", both, "kept for longer");
        await put("mail", [1], "old");
        twin.context.clock.advance(12 * hour);
        await put("mail", both, "young");
        await put("other", both, "young");
        await put("mail", both, "younger");
        const before = await all();
        assert.deepEqual(
            Object.values(before).map((records) => records.length),
            [6, 9, 6, 6],
        );
        twin.context.clock.advance(12 * hour + minute);
        const expired = `mail/${shards[1]}`;
        const left = { ...before, [expired]: before[expired]?.slice(3) };
        assert.deepEqual(await all(), left);
        // Its clock is the machine's again, by which nothing has expired: what it reads is all that was kept.
        twin = await twin.restart();
        assert.deepEqual(await all(), left);
    });
});
