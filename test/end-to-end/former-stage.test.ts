import assert from "node:assert/strict";
import * as path from "node:path";
import { PutRecordCommand } from "@aws-sdk/client-kinesis";
import { DeleteObjectCommand, PutObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { type Connection, connectTo } from "../../automation/connection";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { jsonLines, root, sortline } from "./command";

type Order = { id: string; customer: string; trouble?: string };

describe("failures of a stage that was renamed or removed", function () {
    this.timeout(180_000);
    let local: Local;
    let connection: Connection;
    let failureBucket: string;

    before(async () => {
        local = await startLocal({ project: path.join(root, "test", "fixtures", "programs", "redriven") });
        connection = connectTo(local.twin.file);
        ({ failureBucket } = local.deployed.outputs as { failureBucket: string });
        const orders: Order[] = [
            { id: "1", customer: "c", trouble: "refused" },
            { id: "2", customer: "c", trouble: "failing" },
            { id: "3", customer: "c", trouble: "hopeless" },
        ];
        await local.put("orders", orders);
        await until("the failures", async () => ((await local.failures("pack")).length === 3 ? true : undefined), {
            seconds: 60,
        });
        local.twin.stack.setConfig("redriven:mended", true);
        local.twin.stack.setConfig("redriven:packer", "wrap");
        // A renamed stage is a new one, which would begin with the oldest record.
        await local.up();
        await local.settle();
    });
    after(async () => {
        connection?.close();
        await local?.close();
    });

    const command = (...args: string[]) => sortline(args, { home: local.home });

    async function keys(): Promise<string[]> {
        const found: string[] = [];
        for await (const page of paginateListObjectsV2({ client: connection.clients.s3 }, { Bucket: failureBucket })) {
            found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
        }
        return found;
    }

    it("are listed with all others, marked, and by its name", async () => {
        const all = await command("failures");
        assert.equal(all.code, 0, all.stderr);
        assert.match(
            all.stdout,
            /^pack \(no longer in the program; it read the stream "orders"\)\n[\s\S]*3 records failed:\n/m,
        );
        assert.match(all.stdout, /npx sortline redrive STAGE --from-stage pack\n/);
        const one = jsonLines((await command("failures", "pack", "--json")).stdout);
        assert.deepEqual(
            one.map(({ stage, id, condition, former }) => ({ stage, id, condition, former })),
            [
                { stage: "pack", id: "1", condition: "Rejected", former: true },
                { stage: "pack", id: "2", condition: "RetryAttemptsExhausted", former: true },
                { stage: "pack", id: "3", condition: "Rejected", former: true },
            ],
        );
        const together = jsonLines((await command("failures", "--json")).stdout);
        assert.equal(together.filter(({ former }) => former === true).length, 3);
        assert.ok(together.every(({ stage, former }) => (stage === "pack") === (former === true)));
    });

    it("are given to no stage of another stream, nor those of a stage that is still there or never was", async () => {
        const refusal = async (stage: string, from: string) => {
            const { code, stderr } = await command("redrive", stage, "--from-stage", from);
            assert.equal(code, 2, stderr);
            return stderr;
        };
        assert.match(
            await refusal("count", "pack"),
            /The failures of "pack" are of the stream "orders", and "count" reads "parcels": give them to a stage of "orders"\.\n/,
        );
        assert.match(
            await refusal("wrap", "look"),
            /"look", which is in the program and reads "orders" itself: npx sortline redrive look\n/,
        );
        assert.match(
            await refusal("wrap", "count"),
            /"count", which is in the program and reads the stream "parcels", not "orders"\.\n/,
        );
        assert.match(
            await refusal("wrap", "pick"),
            /"pick", of which there are no failures\. The stream "orders" has those of: pack\.\n/,
        );
        assert.match((await command("redrive", "pack")).stderr, /There is no stage "pack"\. There are: [^\n]*wrap/);
        assert.match((await command("failures", "pick")).stderr, /There is no stage "pick"\./);
    });

    it("stay where the filter of the other stage leaves them out", async () => {
        local.twin.stack.setConfig("redriven:only", "another");
        await local.up();
        const before = await keys();
        const { code, stdout } = await command("redrive", "wrap", "--from-stage", "pack", "--json");
        assert.equal(code, 4, stdout);
        assert.deepEqual(
            jsonLines(stdout)
                .slice(0, -1)
                .map(({ id, outcome, reason }) => [id, outcome, reason]),
            ["1", "2", "3"].map((id) => [id, "left", "the stage's filter leaves it out"]),
        );
        assert.deepEqual(await keys(), before);
        local.twin.stack.setConfig("redriven:only", undefined);
        await local.up();
    });

    it("are given to the stage that took its place, in order, and then are no failures any more", async () => {
        // What a mail intake rejected lies there likewise, and is no record of the stream.
        const Key = "rejected/pack/2025/01/02/mail-0123456789ab.json";
        const mail = { stage: "pack", reason: "No mail.", rejectedAt: "2025-01-02T00:00:00.000Z", record: { id: "m" } };
        const { s3 } = connection.clients;
        await s3.send(new PutObjectCommand({ Bucket: failureBucket, Key, Body: JSON.stringify(mail) }));
        const before = await keys();
        const records = async () => (await local.records("parcels")).length;
        const handled = await records();

        const dry = await command("redrive", "wrap", "--from-stage", "pack", "--dry-run", "--json");
        assert.equal(dry.code, 0, dry.stderr);
        assert.deepEqual(
            jsonLines(dry.stdout).map(({ stage, fromStage, id, outcome }) => [stage, fromStage, id, outcome]),
            ["1", "2", "3"].map((id) => ["wrap", "pack", id, "planned"]),
        );
        const later = new Date(Date.now() + 60_000).toISOString();
        const none = await command("redrive", "wrap", "--from-stage", "pack", "--since", later);
        assert.equal(none.code, 0, none.stderr);
        assert.equal(none.stdout, "wrap, failures of pack: nothing failed, there is nothing to redrive.\n");
        assert.deepEqual(await keys(), before);
        assert.equal(await records(), handled);

        const { code, stdout, stderr } = await command("redrive", "wrap", "--from-stage", "pack", "--json");
        assert.equal(code, 4, stderr);
        const lines = jsonLines(stdout);
        assert.deepEqual(
            lines.slice(0, -1).map(({ stage, fromStage, id, outcome }) => [stage, fromStage, id, outcome]),
            [
                ["wrap", "pack", "1", "done"],
                ["wrap", "pack", "2", "done"],
                ["wrap", "pack", "3", "rejected"],
                ["wrap", "pack", "m", "left"],
            ],
        );
        assert.match(stderr, /npx sortline failures pack and npx sortline failures wrap\n/);
        assert.equal(await records(), handled + 2);
        const left = jsonLines((await command("failures", "pack", "--json")).stdout);
        assert.deepEqual(
            left.map(({ id }) => id),
            ["m"],
        );
        assert.deepEqual(
            (await local.failures("wrap")).map(({ id, reason }) => [id, reason]),
            [["3", "It is refused still."]],
        );
        assert.equal((await keys()).length, 2, "one object a failure");

        await s3.send(new DeleteObjectCommand({ Bucket: failureBucket, Key }));
        assert.doesNotMatch((await command("failures")).stdout, /^pack/m);
    });

    it("are told apart from those of a stage of that name that reads another stream now", async () => {
        const orders = local.deployed.outputs as { streams: { orders: string } };
        const Record = { StreamName: orders.streams.orders, PartitionKey: "c", Data: Buffer.from("no envelope") };
        await connection.clients.kinesis.send(new PutRecordCommand(Record));
        await local.settle();
        local.twin.stack.setConfig("redriven:moved", true);
        await local.up();
        const { code, stdout, stderr } = await command("failures", "look");
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^look: nothing failed\.\nlook \(no longer reads the stream "orders"\)\n/);
        assert.match(stdout, /1 record failed:\n {2}1 × The record is not JSON\.\n/);
        const own = await command("redrive", "look");
        assert.equal(own.stdout, "look: nothing failed, there is nothing to redrive.\n");
        const given = await command("redrive", "wrap", "--from-stage", "look", "--json");
        assert.equal(given.code, 4, given.stderr);
        assert.deepEqual(
            jsonLines(given.stdout).map(({ fromStage, outcome }) => [fromStage, outcome]),
            [
                ["look", "rejected"],
                ["look", undefined],
            ],
        );
        assert.match(given.stderr, /why: npx sortline failures wrap\n$/);
        assert.equal((await command("failures", "look")).stdout, "look: nothing failed.\n");
    });
});
