import assert from "node:assert/strict";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const StreamName = "mail";
const hour = 3_600_000;

describe("Arrival times in Kinesis, when the machine's clock is set back", () => {
    let twin: ServiceUnderTest<Kinesis>;
    let machine: number;

    beforeEach(async () => {
        machine = Date.parse("2026-10-25T12:00:00Z");
        twin = await startService(createKinesis, { machineNow: () => machine });
        await twin.service.operations.CreateStream({ StreamName, ShardCount: 1 }, root);
    });
    afterEach(() => twin.stop());

    async function put(text: string): Promise<void> {
        const record = { StreamName, PartitionKey: "key", Data: Buffer.from(text) };
        await twin.service.operations.PutRecord(record, root);
    }

    async function read(shard: number, Timestamp: Date) {
        const { ShardIterator } = await twin.service.operations.GetShardIterator(
            { StreamName, ShardId: `shardId-00000000000${shard}`, ShardIteratorType: "AT_TIMESTAMP", Timestamp },
            root,
        );
        const { Records = [] } = await twin.service.operations.GetRecords({ ShardIterator }, root);
        return Records.map(({ Data, ApproximateArrivalTimestamp: time }) => [String(Data), time?.getTime()]);
    }

    it("stay until it has caught up, over a restart too, so that a time finds all that came since", async () => {
        const noon = machine;
        machine += hour;
        await put("at one");
        machine -= 3 * hour;
        await put("set back");
        twin = await twin.restart();
        await put("restarted");
        machine += hour;
        await put("an hour later");
        machine = noon + 2 * hour;
        await put("at two");
        assert.deepEqual(await read(0, new Date(noon + hour)), [
            ["at one", noon + hour],
            ["set back", noon + hour],
            ["restarted", noon + hour],
            ["an hour later", noon + hour],
            ["at two", noon + 2 * hour],
        ]);
    });

    it("are not before the time at which their shard was opened, over a restart too", async () => {
        const noon = machine;
        await twin.service.operations.SplitShard(
            { StreamName, ShardToSplit: "shardId-000000000000", NewStartingHashKey: "1000" },
            root,
        );
        machine -= 2 * hour;
        await put("set back");
        twin = await twin.restart();
        await put("restarted");
        machine = noon;
        assert.deepEqual(await read(2, new Date(noon)), [
            ["set back", noon],
            ["restarted", noon],
        ]);
    });
});
