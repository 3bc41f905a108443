import assert from "node:assert/strict";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const StreamName = "mail";
const ShardId = "shardId-000000000000";

describe("Kinesis of the twin, when a write finds no room on the disk", () => {
    let twin: ServiceUnderTest<Kinesis>;

    beforeEach(async () => {
        twin = await startService(createKinesis);
        await twin.service.operations.CreateStream({ StreamName, ShardCount: 1 }, root);
        await put("before");
        // As a full disk: what fits into the pages that are there is stored, what needs more than two new ones is not.
        const { page_count: pages } = twin.store.database.prepare("PRAGMA page_count").get() ?? {};
        twin.store.database.exec(`PRAGMA max_page_count = ${Number(pages) + 2}`);
    });
    afterEach(() => twin.stop());

    function put(...texts: string[]) {
        const Records = texts.map((text) => ({ PartitionKey: "key", Data: Buffer.from(text) }));
        return twin.service.operations.PutRecords({ StreamName, Records }, root);
    }

    const tooMuch = Array.from({ length: 100 }, () => "x".repeat(90_000));
    const full = { message: /the disk is full/ };

    /** Starts it again, with all the room of the disk. */
    async function restart(): Promise<void> {
        twin = await twin.restart();
    }

    it("lets an iterator at LATEST begin with the next record that it takes, also after a restart", async () => {
        await assert.rejects(put(...tooMuch), full);
        const { ShardIterator } = await twin.service.operations.GetShardIterator(
            { StreamName, ShardId, ShardIteratorType: "LATEST" },
            root,
        );
        await restart();
        await put("1", "2", "3");
        const { Records } = await twin.service.operations.GetRecords({ ShardIterator }, root);
        assert.deepEqual(
            Records?.map(({ Data }) => String(Data)),
            ["1", "2", "3"],
        );
    });

    it("gives readers in this process a place at LATEST that is before the next record, also after a restart", async () => {
        // The first would have had room; it is written with the second, in one transaction.
        const both = [put("beside it"), put(...tooMuch)];
        for (const one of both) await assert.rejects(one, full);
        const after = twin.service.position(StreamName, ShardId, "LATEST");
        await restart();
        await put("1", "2");
        const records = twin.service.read({ streamName: StreamName, shardId: ShardId, after, limit: 10 });
        assert.deepEqual(
            records.map(({ data }) => String(data)),
            ["1", "2"],
        );
    });
});
