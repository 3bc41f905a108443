import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClock } from "../../../local/aws/clock";
import { polling } from "../../../local/aws/lambda/event-source-mappings/polling";
import { root } from "../../../local/aws/service";
import { createPipelines, type KinesisRecord, streamArn, textsOf } from "./lambda-pipeline";
import { temporaryFolder, until } from "./lambda-twin";

const hour = 3_600_000;
const shard = (number: number) => `shardId-${String(number).padStart(12, "0")}`;
const slow = "await new Promise((resolve) => setTimeout(resolve, 5));";

describe("Kinesis event source mappings on the twin, while shards are split and merged", () => {
    const pipelines = createPipelines();
    const { pipeline } = pipelines;
    before(pipelines.start);
    after(pipelines.end);

    const kinesis = () => pipelines.twin().services.kinesis.operations;

    async function scale(StreamName: string, TargetShardCount: number): Promise<void> {
        const input = { StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" } as const;
        await kinesis().UpdateShardCount(input, root);
    }

    async function split(StreamName: string, number: number): Promise<void> {
        const { Shards } = await kinesis().ListShards({ StreamName }, root);
        const { StartingHashKey, EndingHashKey } =
            Shards?.find(({ ShardId }) => ShardId === shard(number))?.HashKeyRange ?? {};
        const NewStartingHashKey = String((BigInt(StartingHashKey ?? 0) + BigInt(EndingHashKey ?? 0)) / 2n);
        await kinesis().SplitShard({ StreamName, ShardToSplit: shard(number), NewStartingHashKey }, root);
    }

    /** The records' data by partition key, in the order in which the function saw them. */
    function byKey(events: KinesisRecord[][]): Map<string, string[]> {
        const seen = new Map<string, string[]>();
        for (const { kinesis } of events.flat()) {
            const own = seen.get(kinesis.partitionKey) ?? [];
            seen.set(kinesis.partitionKey, own);
            own.push(Buffer.from(kinesis.data, "base64").toString());
        }
        return seen;
    }

    const keys = Array.from({ length: 30 }, (_, n) => `key-${n}`);

    /** One more record of each key. */
    async function putRound(StreamName: string, round: number): Promise<void> {
        const Records = keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(String(round)) }));
        await kinesis().PutRecords({ StreamName, Records }, root);
    }

    for (const ParallelizationFactor of [1, 3]) {
        it(`keeps the order of each key and loses or doubles nothing, ${ParallelizationFactor} batches a shard`, async () => {
            const stream = await pipeline(slow, { BatchSize: 7, ParallelizationFactor });
            const rounds = 60;
            const reshards = new Map([
                [5, () => split(stream.name, 0)],
                [10, () => scale(stream.name, 4)],
                [15, () => scale(stream.name, 3)],
                [20, () => scale(stream.name, 2)],
                [25, () => scale(stream.name, 4)],
                [26, () => scale(stream.name, 8)],
                [35, () => scale(stream.name, 5)],
                [45, () => scale(stream.name, 3)],
            ]);
            for (let round = 0; round < rounds; round++) {
                // Records are put while the shards change.
                await Promise.all([reshards.get(round)?.(), putRound(stream.name, round)]);
            }
            await stream.settled();
            const seen = byKey(stream.events());
            const all = Array.from({ length: rounds }, (_, round) => String(round));
            for (const key of keys) assert.deepEqual(seen.get(key), all, key);
            assert.equal(seen.size, keys.length);
        });
    }

    it("reads a child only after its parents, also when the twin was started again in between", async () => {
        const stream = await pipeline(slow, { BatchSize: 10 });
        const limited = { FunctionName: stream.name, ReservedConcurrentExecutions: 0 };
        await pipelines.twin().lambda.operations.PutFunctionConcurrency(limited, root);
        for (let round = 0; round < 5; round++) {
            await putRound(stream.name, round);
            if (round < 3) await scale(stream.name, [2, 3, 2][round] ?? 2);
        }
        await pipelines.restart();
        await putRound(stream.name, 5);
        assert.equal(pipelines.twin().lambda.idle(), false);
        assert.deepEqual(stream.events(), []);
        await pipelines.twin().lambda.operations.DeleteFunctionConcurrency({ FunctionName: stream.name }, root);
        await stream.settled();
        const seen = byKey(stream.events());
        for (const key of keys) assert.deepEqual(seen.get(key), ["0", "1", "2", "3", "4", "5"], key);
        // What was read stays read.
        await pipelines.restart();
        await stream.settled();
        assert.equal(stream.events().flat().length, 6 * keys.length);
    });

    it("goes through shards that are closed already at TRIM_HORIZON, leaves them out at LATEST, or begins at a time", async () => {
        const name = "lineage";
        await kinesis().CreateStream({ StreamName: name, ShardCount: 1 }, root);
        const { clock } = pipelines.twin();
        await putRound(name, 0);
        await scale(name, 2);
        clock.advance(hour);
        const StartingPositionTimestamp = new Date(clock.now());
        await putRound(name, 1);
        await scale(name, 4);
        await putRound(name, 2);
        const from = { EventSourceArn: streamArn(name), BatchSize: 10 };
        const oldest = await pipeline(slow, { ...from, StartingPosition: "TRIM_HORIZON" });
        const latest = await pipeline(slow, { ...from, StartingPosition: "LATEST" });
        const timed = await pipeline(slow, { ...from, StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp });
        await putRound(name, 3);
        await scale(name, 3);
        await putRound(name, 4);
        await timed.settled();
        for (const [stream, rounds] of [
            [oldest, ["0", "1", "2", "3", "4"]],
            [latest, ["3", "4"]],
            [timed, ["1", "2", "3", "4"]],
        ] as const) {
            const seen = byKey(stream.events());
            for (const key of keys) assert.deepEqual(seen.get(key), rounds, key);
        }
    });

    it("does not wait for a window when a shard is closed", async () => {
        const stream = await pipeline("", { BatchSize: 100, MaximumBatchingWindowInSeconds: 300 });
        await stream.put("a");
        await stream.put("b");
        await split(stream.name, 0);
        await until(() => stream.events().length > 0);
        assert.deepEqual(textsOf(stream.events()), ["ab"]);
    });

    it("goes on with the children when a shard expires that the function could not deal with", async () => {
        const stream = await pipeline('if (text(event.Records[0]) === "bad") throw new Error("no");', {
            BatchSize: 1,
        });
        await stream.put("bad");
        await until(() => stream.events().length > 0);
        await scale(stream.name, 2);
        const { clock } = pipelines.twin();
        clock.advance(23 * hour);
        await stream.put("good");
        assert.equal(pipelines.twin().lambda.idle(), false);
        clock.advance(hour + 60_000);
        await stream.settled();
        assert.equal(textsOf(stream.events()).at(-1), "good");
    });

    it("follows a stream that is deleted and made again with other shards", async () => {
        const stream = await pipeline("");
        await scale(stream.name, 2);
        await stream.put("a");
        await stream.settled();
        await kinesis().DeleteStream({ StreamName: stream.name }, root);
        await kinesis().CreateStream({ StreamName: stream.name, ShardCount: 5 }, root);
        await stream.put("b", "c", "d", "e", "f", "g");
        await stream.settled();
        assert.deepEqual(textsOf(stream.events()).join("").split("").sort(), [..."abcdefg"]);
    });

    it("loses nothing by a restart and by more or fewer batches at a time while one of them is stuck", async () => {
        const { folder, remove } = temporaryFolder();
        const flag = join(folder, "flag");
        const stuck = `
            const { existsSync } = require("node:fs");
            if (event.Records.some(({ kinesis }) => kinesis.partitionKey === "key-0") && !existsSync("${flag}")) {
                throw new Error("stuck");
            }`;
        const stream = await pipeline(stuck, { BatchSize: 5, ParallelizationFactor: 4 });
        for (let round = 0; round < 3; round++) await putRound(stream.name, round);
        // The others pass by the one that is stuck.
        const reached = (count: number) => () => byKey(stream.events()).size >= count;
        await until(reached(keys.length / 2));
        await pipelines.restart();
        const { operations } = pipelines.twin().lambda;
        await operations.UpdateEventSourceMapping({ UUID: stream.uuid, ParallelizationFactor: 3 }, root);
        writeFileSync(flag, "");
        await stream.settled();
        assert.ok(existsSync(flag));
        const seen = byKey(stream.events());
        for (const key of keys) {
            const last = (round: string) => seen.get(key)?.lastIndexOf(round) ?? -1;
            assert.deepEqual([...new Set(seen.get(key))].sort(), ["0", "1", "2"], key);
            assert.ok(last("0") < last("1") && last("1") < last("2"), key);
        }
        remove();
    });
});

describe("Kinesis event source mappings on the twin, at the pace of AWS", () => {
    const pipelines = createPipelines({ pace: "aws" });
    before(pipelines.start);
    after(pipelines.end);

    it("look into a shard once a second: what came in between is one batch", async () => {
        const stream = await pipelines.pipeline("");
        const { clock } = pipelines.twin();
        // The first look finds nothing. From then on it is the clock that wakes the mapping.
        await stream.settled();
        const texts = Array.from({ length: 20 }, (_, n) => `<${n}>`);
        for (const text of texts) await stream.put(text);
        clock.advance(1_000);
        await stream.settled();
        assert.equal(textsOf(stream.events()).join(""), texts.join(""));
        assert.ok(stream.events().length < 5, String(stream.events().length));
    });
});

describe("polling for records", () => {
    it("wakes at once at the fast pace, and at the next whole second at the pace of AWS", () => {
        const clock = createClock(() => 0);
        let woken = 0;
        const wake = () => void woken++;
        polling({ clock, pace: "fast" }, wake)();
        assert.equal(woken, 1);
        const recordsCame = polling({ clock, pace: "aws" }, wake);
        clock.advance(300);
        recordsCame();
        recordsCame();
        clock.advance(699);
        assert.equal(woken, 1);
        clock.advance(1);
        assert.equal(woken, 2);
        clock.advance(5_000);
        assert.equal(woken, 2);
        recordsCame();
        clock.advance(999);
        assert.equal(woken, 2);
        clock.advance(1);
        assert.equal(woken, 3);
    });
});
