import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as path from "node:path";
import { PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { type Connection, connectTo } from "../../automation/connection";
import { recordsBetween } from "../../automation/stream-records";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { jsonLines, launch, sortline } from "./command";

type Order = { id: string; customer?: string; trouble?: string; text?: string };

describe("what a stage could not process", function () {
    this.timeout(180_000);
    let local: Local;
    let connection: Connection;
    let outputs: { streams: { orders: string; parcels: string }; failureBucket: string };

    beforeEach(async () => {
        const project = path.join(__dirname, "..", "fixtures", "programs", "redriven");
        local = await startLocal({ project });
        connection = connectTo(local.twin.file);
        outputs = local.deployed.outputs as unknown as typeof outputs;
    });
    afterEach(async () => {
        connection?.close();
        await local?.close();
    });

    const command = (...args: string[]) => sortline(args, { home: local.home });
    const envelope = ({ customer = "c", ...order }: Order, others: object = {}) => ({
        specversion: "1.0",
        id: order.id,
        source: "/test",
        type: "orders",
        time: new Date().toISOString(),
        data: { ...order, customer },
        ...others,
    });

    async function put(orders: readonly (Order | string)[]): Promise<void> {
        const Records = orders.map((order) =>
            typeof order === "string"
                ? { PartitionKey: "c", Data: Buffer.from(order) }
                : { PartitionKey: order.customer ?? "c", Data: Buffer.from(JSON.stringify(envelope(order))) },
        );
        await connection.clients.kinesis.send(new PutRecordsCommand({ StreamName: outputs.streams.orders, Records }));
    }

    async function parcels(): Promise<{ id: string; mended: boolean }[]> {
        const found: { id: string; mended: boolean }[] = [];
        const { kinesis } = connection.clients;
        const now = new Date(Date.now() + 60_000);
        for await (const page of recordsBetween(kinesis, outputs.streams.parcels, new Date(0), now)) {
            for (const { data } of page) found.push(JSON.parse(Buffer.from(data).toString()).data);
        }
        return found;
    }

    async function keys(prefix = ""): Promise<string[]> {
        const found: string[] = [];
        const where = { Bucket: outputs.failureBucket, Prefix: prefix };
        for await (const page of paginateListObjectsV2({ client: connection.clients.s3 }, where)) {
            found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
        }
        return found;
    }

    async function contentOf(Key: string): Promise<string> {
        const where = { Bucket: outputs.failureBucket, Key };
        const { Body } = await connection.clients.s3.send(new GetObjectCommand(where));
        return (await Body?.transformToString()) ?? "";
    }

    async function failures(): Promise<Record<string, unknown>[]> {
        const { code, stdout, stderr } = await command("failures", "pack", "--json");
        assert.equal(code, 0, stderr);
        return jsonLines(stdout);
    }

    const untilFailed = (count: number) =>
        until(`${count} failures`, async () => ((await failures()).length >= count ? true : undefined), {
            seconds: 60,
        });

    async function mend(): Promise<void> {
        local.twin.stack.setConfig("redriven:mended", true);
        await local.twin.stack.up(() => undefined);
    }

    it("is listed with reason, attempts and size, oldest first, and without a text", async () => {
        await put([
            { id: "fine" },
            { id: "refused", trouble: "refused", text: "a private matter" },
            "no envelope",
            { id: "failing", trouble: "failing", text: "a private matter" },
        ]);
        await untilFailed(3);
        const [refused, odd, failing] = await failures();
        const { when, key, ...rest } = refused ?? {};
        assert.deepEqual(rest, {
            stage: "pack",
            id: "refused",
            reason: "It is refused.",
            condition: "Rejected",
            attempts: 1,
            bytes: rest.bytes,
        });
        assert.ok(Number(rest.bytes) > 100);
        assert.match(String(when), /^\d{4}-\d\d-\d\dT/);
        assert.match(String(key), /^rejected\/pack\/.*\/refused-[0-9a-f]{12}\.json$/);
        assert.match(String(odd?.id), /^shardId-000000000000:\d+$/);
        assert.equal(odd?.reason, "The record is not JSON.");
        assert.equal(odd?.bytes, "no envelope".length);
        assert.equal(failing?.id, "failing");
        assert.equal(failing?.condition, "RetryAttemptsExhausted");
        assert.equal(failing?.attempts, 1);

        const { stdout } = await command("failures");
        assert.match(stdout, /^pack\n/);
        assert.match(stdout, /3 records failed:\n/);
        assert.match(stdout, / {2}1 × It is refused\.\n/);
        assert.doesNotMatch(stdout, /private matter/);
        const other = await command("failures", "look");
        assert.match(other.stdout, /1 record failed:\n {2}1 × The record is not JSON\.\n$/);
        assert.deepEqual(jsonLines((await command("failures", "pack", "--json", "--since", "1d")).stdout).length, 3);
        const later = new Date(Date.now() + 60_000).toISOString();
        assert.equal((await command("failures", "pack", "--json", "--since", later)).stdout, "");
    });

    it("is given to the stage again when it is mended, in order, and then is no failure any more", async () => {
        await put([
            { id: "1", trouble: "refused" },
            { id: "2", trouble: "crashing" },
            { id: "3", trouble: "failing" },
            { id: "4", trouble: "hopeless" },
            { id: "5", trouble: "refused" },
        ]);
        await untilFailed(5);
        await mend();
        const before = await keys();

        const planned = await command("redrive", "pack", "--dry-run", "--json");
        assert.equal(planned.code, 0, planned.stderr);
        assert.deepEqual(
            jsonLines(planned.stdout).map(({ id, outcome }) => [id, outcome]),
            ["1", "2", "3", "4", "5"].map((id) => [id, "planned"]),
        );
        assert.deepEqual(await keys(), before);
        assert.deepEqual(await parcels(), []);

        const { code, stdout, stderr } = await command("redrive", "pack", "--json");
        assert.equal(code, 4, stderr);
        const lines = jsonLines(stdout);
        assert.deepEqual(
            lines.slice(0, -1).map(({ id, outcome }) => [id, outcome]),
            [
                ["1", "done"],
                ["2", "done"],
                ["3", "done"],
                ["4", "rejected"],
                ["5", "done"],
            ],
        );
        assert.deepEqual(lines.at(-1), {
            stage: "pack",
            records: 5,
            done: 4,
            rejected: 1,
            failed: 0,
            left: 0,
            gone: 0,
        });
        assert.match(stderr, /npx sortline failures pack/);
        assert.deepEqual(
            (await parcels()).map(({ id }) => id),
            ["1", "2", "3", "5"],
        );
        const left = await failures();
        assert.deepEqual(
            left.map(({ id, reason }) => [id, reason]),
            [["4", "It is refused still."]],
        );
        assert.equal((await keys()).length, 1, "one object a failure");
    });

    it("keeps what fails again, with the new reason, and those that must not overtake it", async () => {
        await put([
            { id: "1", customer: "a", trouble: "broken" },
            { id: "2", customer: "a", trouble: "refused" },
            { id: "3", customer: "b", trouble: "refused" },
        ]);
        await untilFailed(3);
        await mend();
        const { code, stdout } = await command("redrive", "pack");
        assert.equal(code, 4);
        assert.match(stdout, /pack: 3 records in 1 call\.\n/);
        assert.match(stdout, / {2}1: failed: it failed again; see the stage's log\n/);
        assert.match(stdout, / {2}2: not tried: an earlier record with its partition key failed\n/);
        assert.match(stdout, /3 records = 1 done \+ 1 failed \+ 1 not tried\n/);
        const left = await failures();
        assert.deepEqual(
            left.map(({ id, attempts, reason }) => [id, attempts, reason]),
            [
                ["1", 2, "it failed again; see the stage's log"],
                ["2", 1, "It is refused."],
            ],
        );
        assert.deepEqual(
            (await parcels()).map(({ id }) => id),
            ["3"],
        );
    });

    it("is redriven without the copy of its data, which stay where they were, or are put back", async () => {
        const data = { id: "large", customer: "c", trouble: "refused", text: "x".repeat(6_500_000) };
        const json = JSON.stringify(data);
        const key = `claims/test/2025/01/02/${createHash("sha256").update(json).digest("hex")}.json`;
        const Bucket = outputs.failureBucket;
        const { s3, kinesis } = connection.clients;
        await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: json }));
        const { data: _, ...reference } = envelope({ id: "large" }, { dataref: `s3://${Bucket}/${key}` });
        await kinesis.send(
            new PutRecordsCommand({
                StreamName: outputs.streams.orders,
                Records: [{ PartitionKey: "c", Data: Buffer.from(JSON.stringify(reference)) }],
            }),
        );
        await untilFailed(1);
        await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
        await mend();
        const { code, stdout } = await command("redrive", "pack");
        assert.equal(code, 0, stdout);
        assert.deepEqual(await parcels(), [{ id: "large", mended: true }]);
        assert.deepEqual(await keys("rejected/"), []);
        const restored = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
        assert.equal(await restored.Body?.transformToString(), json);
    });

    it("is neither lost nor left when redrives are killed at any moment, or run side by side", async () => {
        const ids = Array.from({ length: 40 }, (_, n) => `order-${n}`);
        await put(ids.map((id, n) => ({ id, customer: `c${n}`, trouble: n % 2 === 0 ? "failing" : "refused" })));
        await untilFailed(40);
        await mend();
        for (const lines of [1, 6]) {
            const redriving = launch(["redrive", "pack", "--json"], { home: local.home });
            const ended = new Promise((resolve) => redriving.once("close", resolve));
            let said = "";
            redriving.stdout?.on("data", (piece: Buffer) => {
                said += piece.toString("utf8");
                if (said.split("\n").length > lines) redriving.kill("SIGKILL");
            });
            await ended;
            const handled = (await parcels()).map(({ id }) => id);
            const left = (await failures()).map(({ id }) => id);
            assert.deepEqual([...new Set([...handled, ...left])].sort(), [...ids].sort());
            assert.notEqual(handled.length, 0);
        }
        const both = await Promise.all([command("redrive", "pack"), command("redrive", "pack")]);
        for (const { code, stderr } of both) assert.equal(code, 0, stderr);
        assert.deepEqual(new Set((await parcels()).map(({ id }) => id)), new Set(ids));
        assert.deepEqual(await failures(), []);
        assert.equal((await command("redrive", "pack")).stdout, "pack: nothing failed, there is nothing to redrive.\n");
    });

    it("is redriven beside damaged objects, which are told, and stay as they are", async () => {
        await put([
            { id: "1", trouble: "refused" },
            { id: "2", trouble: "failing" },
        ]);
        await untilFailed(2);
        const { s3 } = connection.clients;
        const Bucket = outputs.failureBucket;
        const [exhausted = ""] = await keys("aws/lambda/");
        const folder = exhausted.slice(0, exhausted.lastIndexOf("/") + 1);
        const partly = JSON.parse(await contentOf(exhausted));
        const received = {
            eventID: "shardId-000000000000:1",
            partitionKey: "l",
            arrivedAt: "2025-01-02T00:00:00.000Z",
        };
        const rejected = { stage: "pack", reason: "Odd.", rejectedAt: "2025-01-02T00:00:00.000Z", received };
        const payload = { Records: [...partly.payload.Records, "no record"] };
        const damaged: Record<string, string> = {
            "rejected/pack/2025/01/02/cut.json": '{"stage":"pack","rea',
            "rejected/pack/2025/01/02/empty.json": "\n",
            "rejected/pack/2025/01/02/other.json": '{"some":"thing"}',
            "rejected/pack/2025/01/02/without.json": JSON.stringify(rejected),
            [`${folder}odd`]: '{"KinesisBatchInfo":{},"payload":"no event"}',
            [`${folder}partly`]: JSON.stringify({ ...partly, payload }),
        };
        const large = "rejected/pack/2025/01/02/large.json";
        const record = envelope({ id: "large", text: "x".repeat(6_500_000) });
        for (const [Key, Body] of Object.entries({ ...damaged, [large]: JSON.stringify({ ...rejected, record }) })) {
            await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
        }
        await s3.send(new DeleteObjectCommand({ Bucket, Key: exhausted }));
        await mend();

        const { code, stdout, stderr } = await command("redrive", "pack", "--json");
        assert.equal(code, 4, stderr);
        for (const key of Object.keys(damaged)) {
            assert.match(stderr, new RegExp(`object ${key.replaceAll("/", "\\/")} is not`), key);
        }
        assert.deepEqual(
            jsonLines(stdout)
                .slice(0, -1)
                .map(({ id, outcome, reason }) => [id, outcome, reason]),
            [
                ["large", "failed", "it is larger than a call may be"],
                ["1", "done", undefined],
                ["2", "done", undefined],
            ],
        );
        assert.deepEqual(
            (await parcels()).map(({ id }) => id),
            ["1", "2"],
        );
        assert.deepEqual(await keys(), [...Object.keys(damaged), large].sort());
        const stays = JSON.parse(await contentOf(`${folder}partly`));
        assert.deepEqual(stays.payload.Records, ["no record"]);
        for (const [key, content] of Object.entries(damaged)) {
            if (!key.endsWith("partly")) assert.equal(await contentOf(key), content);
        }
    });

    it("is tried no more when the stage fails time after time", async () => {
        const many = Array.from({ length: 15 }, (_, n) => ({ id: `${n}`, customer: `c${n}`, trouble: "failing" }));
        await put(many);
        await untilFailed(15);
        const { code, stdout } = await command("redrive", "pack", "--json");
        assert.equal(code, 4);
        const { failed, left } = jsonLines(stdout).at(-1) ?? {};
        assert.deepEqual({ failed, left }, { failed: 10, left: 5 });
        assert.equal((await failures()).length, 15);
    });

    it("is refused by all that is wrong with the arguments, at once", async () => {
        const redrive = await command("redrive", "pick", "--since", "yesterday");
        assert.equal(redrive.code, 2);
        assert.equal(
            redrive.stderr,
            'There is no stage "pick". There are: pack, look, count.\n--since is "yesterday"; it must be a duration back from now, such as 30s, 45m, 2h or 3d, or an ISO time, such as 2025-11-30T08:00Z.\n',
        );
        const replay = await command("replay", "parcels", "pack", "--from", "1h", "--to", "2h");
        assert.equal(replay.code, 2);
        assert.match(
            replay.stderr,
            /--from \(.*\) must be before --to \(.*\)\.\nThe stage "pack" reads the stream "orders", not "parcels"\.\n/,
        );
        const both = await command("replay", "letters", "pick", "--from", "soon", "--to", "2025-02-30");
        assert.equal(both.code, 2);
        assert.equal(both.stderr.split("\n").length, 5, both.stderr);
        for (const windows of [
            ["redrive", "count"],
            ["replay", "parcels", "count", "--from", "1h"],
        ]) {
            const { code, stderr } = await command(...windows);
            assert.equal(code, 1);
            assert.match(stderr, /^The stage "count" has windows, .* cannot be given to the stage again\.\n/);
        }
    });

    it("is known by its id to a sink when a replay is killed at any moment, and run again", async () => {
        const ids = Array.from({ length: 30 }, (_, n) => `order-${n}`);
        const from = new Date().toISOString();
        await put(ids.map((id, n) => ({ id, customer: `c${n}` })));
        await until("the parcels", async () => ((await parcels()).length === 30 ? true : undefined), { seconds: 60 });
        const replay = ["replay", "orders", "pack", "--from", from, "--json"];
        const replaying = launch(replay, { home: local.home });
        const ended = new Promise((resolve) => replaying.once("close", resolve));
        replaying.stdout?.once("data", () => replaying.kill("SIGKILL"));
        await ended;
        assert.ok((await parcels()).length > 30);
        const both = await Promise.all([command(...replay), command(...replay)]);
        for (const { code, stderr } of both) assert.equal(code, 0, stderr);
        assert.deepEqual(new Set((await parcels()).map(({ id }) => id)), new Set(ids));
        assert.ok((await parcels()).length >= 90);
        assert.deepEqual(await failures(), []);
    });

    it("and what it could is given to it again by a replay of just that time, and to it alone", async () => {
        await put([{ id: "before" }]);
        await until("the first parcel", async () => ((await parcels()).length === 1 ? true : undefined), {
            seconds: 60,
        });
        const from = new Date().toISOString();
        await put([{ id: "1" }, { id: "2", trouble: "hopeless" }, { id: "3" }]);
        await until("the parcels", async () => ((await parcels()).length === 3 ? true : undefined), { seconds: 60 });
        const to = new Date(Date.now() + 1).toISOString();
        await until("the end of that time", async () => (new Date().toISOString() > to ? true : undefined));
        await put([{ id: "after" }]);
        await until("the last parcel", async () => ((await parcels()).length === 4 ? true : undefined), {
            seconds: 60,
        });
        await mend();

        const planned = await command("replay", "orders", "pack", "--from", from, "--to", to, "--dry-run");
        assert.match(planned.stdout, /3 records\. Nothing was done: this was a dry run\.\n$/);
        assert.equal((await parcels()).length, 4);

        const { code, stdout } = await command("replay", "orders", "pack", "--from", from, "--to", to, "--json");
        assert.equal(code, 4, stdout);
        assert.deepEqual(
            jsonLines(stdout).map(({ id, outcome }) => [id, outcome]),
            [
                ["1", "done"],
                ["2", "rejected"],
                ["3", "done"],
                [undefined, undefined],
            ],
        );
        assert.deepEqual((await parcels()).slice(4), [
            { id: "1", mended: true },
            { id: "3", mended: true },
        ]);
        assert.deepEqual(
            (await failures()).map(({ id, reason }) => [id, reason]),
            [["2", "It is refused still."]],
        );
    });
});
