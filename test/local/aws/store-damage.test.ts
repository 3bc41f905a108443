import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createS3 } from "../../../local/aws/s3";
import { root } from "../../../local/aws/service";
import { createSqs } from "../../../local/aws/sqs";
import { openStore } from "../../../local/aws/store";
import { startService } from "./service-under-test";

describe("a store that was damaged", () => {
    let folder: string;
    const file = () => path.join(folder, "store.sqlite");
    const log = () => `${file()}-wal`;

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-damage-"));
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));

    /** A store with some megabytes, and an index that damage can be told by. */
    function fill(): void {
        const store = openStore(folder);
        store.database.exec(
            "CREATE TABLE records (id INTEGER PRIMARY KEY, key TEXT, body BLOB); CREATE INDEX by_key ON records (key)",
        );
        const insert = store.database.prepare("INSERT INTO records (key, body) VALUES (?, ?)");
        store.transaction(() => {
            for (let index = 0; index < 3000; index++) insert.run(`key ${index}`, Buffer.alloc(500));
        });
        store.close();
        fs.mkdirSync(path.join(folder, "objects"));
    }
    /** What a twin leaves that is killed: ten transactions in the log. */
    function leaveLog(): void {
        const store = openStore(folder);
        store.database.exec("CREATE TABLE numbers (value INTEGER PRIMARY KEY) STRICT; PRAGMA wal_autocheckpoint = 0");
        for (let value = 0; value < 10; value++) {
            store.transaction(() => store.database.prepare("INSERT INTO numbers VALUES (?)").run(value));
        }
        const kept = [file(), log()].map((each) => [each, fs.readFileSync(each)] as const);
        store.close();
        for (const [each, content] of kept) fs.writeFileSync(each, content);
    }
    const numbers = () => {
        const store = openStore(folder);
        const found = store.database.prepare("SELECT value FROM numbers ORDER BY value").all();
        store.close();
        return found.map(({ value }) => value);
    };
    function overwrite(target: string, at: number, bytes = 4096): void {
        const handle = fs.openSync(target, "r+");
        fs.writeSync(handle, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
        fs.closeSync(handle);
    }
    const refused = (message: RegExp) => assert.throws(() => openStore(folder), { name: "StoreError", message });

    it("in its middle is refused, with its name and what to do", () => {
        fill();
        overwrite(file(), 4096 * 40, 4096 * 8);
        refused(/store\.sqlite is damaged.* Restore its folder from a backup, or move it away to start afresh\.$/);
    });

    it("by being cut off is refused", () => {
        fill();
        fs.truncateSync(file(), Math.floor(fs.statSync(file()).size / 8192) * 4096);
        refused(/store\.sqlite is damaged/);
    });

    it("at its beginning is refused", () => {
        fill();
        overwrite(file(), 0, 512);
        refused(/store\.sqlite is not a store of the twin, or its beginning is damaged/);
    });

    for (const [how, damage] of [
        ["is empty", () => fs.truncateSync(file(), 0)],
        ["is missing", () => fs.rmSync(file())],
    ] as const) {
        it(`that ${how} is not taken for a new one where objects show that there was one`, () => {
            fill();
            damage();
            refused(new RegExp(`store\\.sqlite ${how}, though .*objects shows that there was one\\. Restore`));
        });
    }

    it("that is empty and has nothing beside it is a new one", () => {
        fs.writeFileSync(file(), "");
        openStore(folder).close();
    });

    it("keeps what stands in the log of a twin that was killed", () => {
        leaveLog();
        assert.deepEqual(numbers(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    it("is refused where the log is damaged in its middle, which SQLite would take for its end", () => {
        leaveLog();
        const middle = 32 + 9 * (4096 + 24) + 100;
        overwrite(log(), middle, 8);
        const at = middle - 100;
        refused(
            new RegExp(
                `store\\.sqlite-wal is damaged: what stands at byte ${at} cannot be read, and more comes behind it\\. Restore .* or cut it off there \\(truncate -s ${at} `,
            ),
        );
        fs.truncateSync(log(), at);
        const left = numbers();
        assert.ok(left.length > 0 && left.length < 10, String(left));
    });

    it("is refused where the log's beginning is damaged", () => {
        leaveLog();
        overwrite(log(), 4, 8);
        refused(/store\.sqlite-wal is damaged: its beginning cannot be read\. Restore/);
    });

    it("takes a transaction that was cut off while it was written for one that never was", () => {
        leaveLog();
        fs.truncateSync(log(), fs.statSync(log()).size - 1000);
        assert.deepEqual(numbers(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    });

    it("of a newer version is refused, and left as it is", () => {
        openStore(folder).close();
        const database = new DatabaseSync(file());
        database.exec("PRAGMA user_version = 2");
        database.close();
        const before = fs.readFileSync(file());
        refused(
            /was written by a newer sortline: it has version 2, and this one reads up to 1\. Update sortline, or use another home\./,
        );
        assert.deepEqual(fs.readFileSync(file()), before);
    });

    it("that is another program's database is refused, and left as it is", () => {
        const database = new DatabaseSync(file());
        database.exec("CREATE TABLE theirs (x); PRAGMA application_id = 7");
        database.close();
        const before = fs.readFileSync(file());
        refused(/store\.sqlite is a database of another program\. Move it away to start afresh\./);
        assert.deepEqual(fs.readFileSync(file()), before);
    });

    it("that may not be written is refused", function () {
        // Root may do anything: the store is opened by somebody who is not.
        if (process.getuid?.() !== 0) this.skip();
        fill();
        const nobody = 65_534;
        fs.chmodSync(folder, 0o755);
        fs.chmodSync(file(), 0o444);
        const opens = `require("tsx/cjs"); try { require("./local/aws/store").openStore(${JSON.stringify(folder)}); } catch (error) { console.log(error.name + ": " + error.message); }`;
        const { stdout, stderr } = spawnSync(process.execPath, ["-e", opens], {
            encoding: "utf8",
            uid: nobody,
            gid: nobody,
            env: { PATH: process.env.PATH, TMPDIR: os.tmpdir() },
            cwd: path.resolve(__dirname, "../../.."),
        });
        assert.match(
            stdout,
            /^StoreError: .*store\.sqlite cannot be written\. Make it and its folder writable/,
            stderr,
        );
    });

    for (const [how, damage, message] of [
        [
            "is missing",
            (body: string) => fs.rmSync(body),
            /is missing\. Restore .* or delete the object and put it again/,
        ],
        ["was cut off", (body: string) => fs.truncateSync(body, 10), /has 10 bytes instead of 50000\. Restore/],
    ] as const) {
        it(`fails to read, look up or copy an object whose body ${how}, and no other`, async () => {
            const twin = await startService(createS3, { folder });
            const s3 = new S3Client({ ...twin.client, forcePathStyle: true });
            try {
                const { operations } = twin.service;
                await operations.CreateBucket({ Bucket: "mail" }, root);
                await operations.PutObject({ Bucket: "mail", Key: "a", Body: Buffer.alloc(50_000) }, root);
                const [body = ""] = fs.readdirSync(path.join(folder, "objects"));
                await operations.PutObject({ Bucket: "mail", Key: "b", Body: Buffer.alloc(50_000) }, root);
                damage(path.join(folder, "objects", body));
                const read = (Key: string) => s3.send(new GetObjectCommand({ Bucket: "mail", Key }));
                await assert.rejects(read("a"), { name: "InternalError", message });
                assert.throws(() => twin.service.readObject("mail", "a"), { name: "StoreError", message });
                const { HeadObject, GetObjectAttributes } = twin.service.operations;
                await assert.rejects(HeadObject({ Bucket: "mail", Key: "a" }, root), { name: "StoreError", message });
                await assert.rejects(
                    GetObjectAttributes({ Bucket: "mail", Key: "a", ObjectAttributes: ["ETag"] }, root),
                    { name: "StoreError", message },
                );
                await assert.rejects(
                    s3.send(new HeadObjectCommand({ Bucket: "mail", Key: "a" })),
                    ({ $metadata }) => $metadata.httpStatusCode === 500,
                );
                const copy = (Key: string) =>
                    s3.send(new CopyObjectCommand({ Bucket: "mail", Key: "copy", CopySource: `mail/${Key}` }));
                await assert.rejects(copy("a"), { name: "InternalError", message });
                await assert.rejects(read("copy"), { name: "NoSuchKey" });
                await copy("b");
                for (const Key of ["b", "copy"]) {
                    assert.equal((await (await read(Key)).Body?.transformToByteArray())?.length, 50_000);
                }
                await operations.DeleteObject({ Bucket: "mail", Key: "a" }, root);
            } finally {
                s3.destroy();
                await twin.halt();
            }
        });
    }

    it("while it is open says so to whoever calls, with what to do", async () => {
        const twin = await startService(createSqs, { folder });
        try {
            const { QueueUrl } = await twin.service.operations.CreateQueue({ QueueName: "mail" }, root);
            for (let index = 0; index < 200; index++) {
                await twin.service.operations.SendMessage({ QueueUrl, MessageBody: "x".repeat(5000) }, root);
            }
            twin.store.database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 0; PRAGMA shrink_memory");
            for (let page = 20; page < 250; page++) overwrite(file(), page * 4096);
            const { SQSClient, ReceiveMessageCommand } = await import("@aws-sdk/client-sqs");
            const sqs = new SQSClient(twin.client);
            await assert.rejects(sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 })), {
                message: /store\.sqlite is damaged\. Restore its folder from a backup/,
            });
            sqs.destroy();
        } finally {
            await twin.halt().catch(() => undefined);
        }
    });
});
