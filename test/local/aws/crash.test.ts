import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createKinesis } from "../../../local/aws/kinesis";
import { createS3 } from "../../../local/aws/s3";
import { root } from "../../../local/aws/service";
import { createSqs } from "../../../local/aws/sqs";
import { startService } from "./service-under-test";

const writer = join(__dirname, "crash-writer.ts");

describe("A twin that is killed while it works", () => {
    let folder: string;
    let child: ChildProcess | undefined;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "sortline-crash-"));
    });

    afterEach(() => {
        child?.kill("SIGKILL");
        rmSync(folder, { recursive: true });
    });

    /** Lets a process write until it has been told `count` times that something is accepted, then kills it. */
    async function killAfter(count: number): Promise<string[]> {
        const running = spawn(process.execPath, ["--import", "tsx", writer, folder], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        child = running;
        const exited = once(running, "exit");
        const accepted: string[] = [];
        for await (const line of createInterface({ input: running.stdout })) {
            accepted.push(line);
            if (accepted.length === count) running.kill("SIGKILL");
        }
        assert.deepEqual(await exited, [null, "SIGKILL"]);
        return accepted;
    }

    it("has every object and message that it accepted, whole, and no half ones", async () => {
        const accepted = await killAfter(60);
        assert.ok(accepted.length >= 60);
        const s3 = await startService(createS3, { folder });
        try {
            const { Contents = [] } = await s3.service.operations.ListObjectsV2({ Bucket: "crash" }, root);
            for (const { Key = "", ETag } of Contents) {
                const digest = createHash("md5").update(s3.service.readObject("crash", Key)).digest("hex");
                assert.equal(ETag, `"${digest}"`);
            }
            const keys = new Set(Contents.map(({ Key }) => Key));
            for (const name of accepted.filter((line) => line.startsWith("object/"))) assert.ok(keys.has(name), name);
            const large = Contents.filter(({ Size = 0 }) => Size > 16 * 1024);
            assert.ok(large.length > 0);
            assert.equal(readdirSync(join(folder, "objects")).length, large.length);
        } finally {
            await s3.halt();
        }
        const sqs = await startService(createSqs, { folder });
        try {
            const { QueueUrl } = await sqs.service.operations.GetQueueUrl({ QueueName: "crash" }, root);
            const bodies = new Set<string | undefined>();
            for (;;) {
                const input = { QueueUrl, MaxNumberOfMessages: 10 };
                const { Messages = [] } = await sqs.service.operations.ReceiveMessage(input, root);
                for (const { Body } of Messages) bodies.add(Body);
                if (Messages.length === 0) break;
            }
            for (const name of accepted.filter((line) => line.startsWith("message/")))
                assert.ok(bodies.has(name), name);
        } finally {
            await sqs.halt();
        }
    });

    it("has every record that it accepted, once and in order, on shards that make up a whole stream", async () => {
        const accepted = await killAfter(100);
        const kinesis = await startService(createKinesis, { folder });
        try {
            const { operations, read, shards } = kinesis.service;
            const seen = new Map<string, number[]>();
            const numbers = new Set<string>();
            for (const { id } of shards("crash")) {
                for (const { sequenceNumber, partitionKey, data } of read({
                    streamName: "crash",
                    shardId: id,
                    limit: 10_000,
                })) {
                    numbers.add(sequenceNumber);
                    const own = seen.get(partitionKey) ?? [];
                    seen.set(partitionKey, [...own, Number(data.toString().split("/")[1])]);
                }
            }
            const records = [...seen.values()].flat();
            assert.equal(numbers.size, records.length);
            for (const own of seen.values()) {
                assert.deepEqual(
                    own,
                    [...own].sort((a, b) => a - b),
                );
            }
            const there = new Set(records.map((number) => `record/${number}`));
            const expected = accepted.filter((line) => line.startsWith("record/"));
            assert.ok(expected.length > 10);
            for (const name of expected) assert.ok(there.has(name), name);

            const StreamName = "crash";
            const { Shards = [] } = await operations.ListShards(
                { StreamName, ShardFilter: { Type: "AT_LATEST" } },
                root,
            );
            const ranges = Shards.map(({ HashKeyRange }) => [
                BigInt(HashKeyRange?.StartingHashKey ?? 0),
                BigInt(HashKeyRange?.EndingHashKey ?? 0),
            ]).sort(([a = 0n], [b = 0n]) => (a < b ? -1 : 1));
            let next = 0n;
            for (const [first, last = 0n] of ranges) {
                assert.equal(first, next);
                next = last + 1n;
            }
            assert.equal(next, 2n ** 128n);
        } finally {
            await kinesis.halt();
        }
    });
});
