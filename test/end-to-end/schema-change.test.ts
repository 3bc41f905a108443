import assert from "node:assert/strict";
import * as path from "node:path";
import { PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { type Connection, connectTo } from "../../automation/connection";
import { failedRecords } from "../../automation/failed-records";
import { stageNamed } from "../../automation/stages";
import { recordsBetween } from "../../automation/stream-records";
import { until } from "../../automation/until";
import type { EngineEvent } from "../../local/pulumi";
import { type Local, startLocal } from "../../testing";

interface Parcel {
    readonly id: string;
    readonly shape: string;
    readonly state: string;
}

describe("a change of schema while records are in flight", function () {
    this.timeout(240_000);
    let local: Local;
    let connection: Connection;
    let streams: Record<"requests" | "orders" | "parcels", string>;
    let sent = 0;

    before(async () => {
        local = await startLocal({ project: path.join(__dirname, "..", "fixtures", "programs", "evolving") });
        connection = connectTo(local.twin.file);
        ({ streams } = local.deployed.outputs as unknown as { streams: typeof streams });
    });
    after(async () => {
        connection?.close();
        await local?.close();
    });

    async function up(config: { shape: string; paused?: boolean; replaces?: string }): Promise<EngineEvent[]> {
        const events: EngineEvent[] = [];
        local.twin.stack.setConfig("evolving:shape", config.shape);
        local.twin.stack.setConfig("evolving:paused", config.paused ?? false);
        local.twin.stack.setConfig("evolving:replaces", config.replaces ?? "");
        await local.twin.stack.up((event) => events.push(event));
        return events;
    }

    /** Puts records as the first schema has them, or requests for some. */
    async function put(stream: "orders" | "requests", count: number): Promise<string[]> {
        const ids = Array.from({ length: count }, () => `order-${sent++}`);
        const Records = ids.map((id) => ({
            PartitionKey: id,
            Data: Buffer.from(
                JSON.stringify({
                    specversion: "1.0",
                    id,
                    source: "/test",
                    type: stream,
                    data: stream === "orders" ? { id, state: "paid", customer: { name: "x" } } : { id },
                }),
            ),
        }));
        await connection.clients.kinesis.send(new PutRecordsCommand({ StreamName: streams[stream], Records }));
        return ids;
    }

    async function parcels(): Promise<Parcel[]> {
        const found: Parcel[] = [];
        const soon = new Date(Date.now() + 60_000);
        for await (const page of recordsBetween(connection.clients.kinesis, streams.parcels, new Date(0), soon)) {
            for (const { data } of page) found.push(JSON.parse(Buffer.from(data).toString()).data);
        }
        return found;
    }

    async function failures() {
        const stack = await connection.exportStack();
        return failedRecords(connection.clients.s3, stack, stageNamed(stack, "pack"));
    }

    const packed = (ids: readonly string[]) =>
        until(
            "the parcels",
            async () => {
                const found = (await parcels()).filter(({ id }) => ids.includes(id));
                return new Set(found.map(({ id }) => id)).size === ids.length ? found : undefined;
            },
            { seconds: 60 },
        );

    async function code(): Promise<(string | undefined)[]> {
        const stack = await connection.exportStack();
        const names = ["order", "pack"].map((name) => stageNamed(stack, name).functionName);
        return Promise.all(
            names.map(async (FunctionName) => {
                const found = await connection.clients.lambda.send(
                    new GetFunctionConfigurationCommand({ FunctionName }),
                );
                return found.CodeSha256;
            }),
        );
    }

    /** The digest of the deployed schema, as the refusal of another one names it. */
    async function refusedBy(shape: string): Promise<string> {
        const refused: Error = await up({ shape }).then(
            () => assert.fail("it was deployed"),
            (error: Error) => error,
        );
        const digest = /\["([0-9a-f]{12})"\]/.exec(refused.message)?.[1];
        assert.ok(digest, `the refusal names no digest: ${refused.message}`);
        return digest;
    }

    it("that breaks them is an error with the path, before anything of the stream is changed, and all goes on", async () => {
        await up({ shape: "first", paused: true });
        const ids = await put("orders", 30);
        const before = await code();
        await assert.rejects(up({ shape: "breaking", paused: true }), (error: Error) => {
            assert.match(
                error.message,
                /EventStream "orders": the schema breaks records in flight that fit the deployed one \([0-9a-f]{12}\):\n/,
            );
            assert.match(error.message, /\n +data\.customer\.age: was optional, is required\n/);
            assert.match(error.message, /replacesSchemas: \["[0-9a-f]{12}"\]/);
            return true;
        });
        assert.deepEqual(await code(), before);
        await up({ shape: "first" });
        const found = await packed(ids);
        assert.ok(found.every(({ shape }) => shape === "first"));
        assert.deepEqual(await failures(), []);
    });

    it("that takes them is deployed, and the new code handles all of them", async () => {
        await up({ shape: "first", paused: true });
        const ids = await put("orders", 30);
        const events = await up({ shape: "wider" });
        assert.deepEqual(
            events.filter((event) => event.kind === "log"),
            [],
        );
        const found = await packed(ids);
        assert.ok(found.every(({ shape, state }) => shape === "wider" && state === "paid"));
        assert.deepEqual(await failures(), []);
    });

    it("reaches the stages that read before those that write, so that none rejects what it does not know yet", async () => {
        await up({ shape: "first", replaces: await refusedBy("first") });
        let writing = true;
        const requested: string[] = [];
        const write = async () => {
            while (writing) requested.push(...(await put("requests", 5)));
        };
        const [events] = await Promise.all([up({ shape: "wider" }).finally(() => (writing = false)), write()]);
        const updated = events.flatMap((event) =>
            event.kind === "resource" && event.status === "done" && event.type === "aws:lambda/function:Function"
                ? [`${event.operation} ${event.name}`]
                : [],
        );
        assert.deepEqual(updated, ["update pack-function", "update order-function"]);
        const found = await packed(requested);
        assert.ok(found.some(({ state }) => state === "sent") || (await packed(await put("requests", 1))).length > 0);
        assert.deepEqual(await failures(), []);
    });

    it("and back is refused, for there may be records by now that only fit the wider one", async () => {
        await assert.rejects(up({ shape: "first" }), /data\.state: "sent" was allowed, is not/);
        await up({ shape: "wider" });
    });

    it("is deployed all the same where the program says that it may break them, and they are rejected", async () => {
        const replaces = await refusedBy("first");
        await up({ shape: "wider", paused: true });
        const ids = await put("requests", 5);
        const written = async () => {
            const found: string[] = [];
            const soon = new Date(Date.now() + 60_000);
            for await (const page of recordsBetween(connection.clients.kinesis, streams.orders, new Date(0), soon)) {
                found.push(...page.map(({ data }) => String(JSON.parse(Buffer.from(data).toString()).id)));
            }
            return ids.every((id) => found.includes(id)) ? true : undefined;
        };
        await until("the orders", written, { seconds: 60 });
        const events = await up({ shape: "first", replaces });
        const warnings = events.flatMap((event) => (event.kind === "log" ? [event.message] : []));
        assert.match(warnings.join("\n"), /as replacesSchemas accepts.*\n +data\.state: "sent" was allowed, is not/);
        await until("the failures", async () => ((await failures()).length === 5 ? true : undefined), { seconds: 60 });
        assert.match((await failures())[0]?.reason ?? "", /^The record does not fit the schema: \/state must be equal/);
        // Now that it is deployed, nothing is left to accept.
        await up({ shape: "first", replaces });
    });

    it("of which it cannot be decided whether it takes them is a warning that says so", async () => {
        const events = await up({ shape: "undecided" });
        const warnings = events.flatMap((event) => (event.kind === "log" ? [event.message] : []));
        assert.match(warnings.join("\n"), /it cannot be decided whether the schema takes every record in flight/);
        assert.match(warnings.join("\n"), /data\.id: .* \(cannot be decided\)/);
    });
});
