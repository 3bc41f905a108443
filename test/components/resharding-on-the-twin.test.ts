import assert from "node:assert/strict";
import * as path from "node:path";
import { root } from "../../local/aws/service";
import { type Local, startLocal } from "../../testing";
import type * as program from "../fixtures/programs/resharded";

const meters = Array.from({ length: 25 }, (_, n) => `meter ${n}`);

describe("a stream whose shards are changed by its program", function () {
    this.timeout(180_000);
    let local: Local<typeof program>;
    before(async () => {
        const project = path.join(__dirname, "..", "fixtures", "programs", "resharded");
        local = await startLocal<typeof program>({ project });
    });
    after(() => local?.close());

    it("keeps its records, and its stage goes on in each key's order, while records come", async () => {
        const open = async () => {
            const { kinesis } = local.twin.services;
            const { StreamNames = [] } = await kinesis.operations.ListStreams({}, root);
            const StreamName = StreamNames.find((name) => name.startsWith("readings"));
            const { StreamDescriptionSummary } = await kinesis.operations.DescribeStreamSummary({ StreamName }, root);
            return [StreamDescriptionSummary?.OpenShardCount, StreamDescriptionSummary?.StreamModeDetails?.StreamMode];
        };
        let number = 0;
        async function putWhile(change: Promise<unknown>): Promise<void> {
            let changing = true;
            const changed = change.finally(() => {
                changing = false;
            });
            for (; changing; number++) {
                await local.put(
                    "readings",
                    meters.map((meter) => ({ meter, number })),
                    { partitionKey: ({ meter }) => meter },
                );
                // Enough for many batches, and no more than a test needs.
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            await changed;
        }
        for (const [shards, expected] of [
            [4, [4, "PROVISIONED"]],
            [3, [3, "PROVISIONED"]],
            [0, [3, "ON_DEMAND"]],
        ] as const) {
            local.twin.stack.setConfig("resharded:shards", shards);
            await putWhile(local.up());
            assert.deepEqual(await open(), expected);
        }
        await local.settle({ seconds: 60 });
        const all = Array.from({ length: number }, (_, n) => n);
        const seen = await local.records("seen");
        assert.equal(seen.length, meters.length * number);
        for (const meter of meters) {
            assert.deepEqual(
                seen.filter((each) => each.meter === meter).map((each) => each.number),
                all,
                meter,
            );
        }
    });
});
