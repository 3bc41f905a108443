import assert from "node:assert/strict";
import { parentsFirst } from "../../automation/stream-records";

describe("the shards of a stream", () => {
    it("come after those that they were made from, whatever the order in which they are listed", () => {
        const shard = (ShardId: string, ...[ParentShardId, AdjacentParentShardId]: string[]) =>
            ({ ShardId, ParentShardId, AdjacentParentShardId }) as Parameters<typeof parentsFirst>[0][number];
        const ordered = parentsFirst([
            shard("3", "1", "2"),
            shard("0"),
            shard("4", "3"),
            shard("2", "0"),
            shard("1", "0"),
            shard("5", "forgotten"),
        ]);
        for (const [parent, child] of ["01", "02", "13", "23", "34"].map((pair) => [...pair])) {
            assert.ok(ordered.indexOf(parent ?? "") < ordered.indexOf(child ?? ""), `${parent} before ${child}`);
        }
        assert.deepEqual([...ordered].sort(), ["0", "1", "2", "3", "4", "5"]);
    });
});
