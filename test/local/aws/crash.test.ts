import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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
});
