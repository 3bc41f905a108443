import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import { type Connection, connectTo } from "../../automation/connection";
import { type Local, startLocal } from "../../testing";
import type * as chaos from "../fixtures/programs/chaos";
import { root } from "./command";
import { serveScript } from "./served-script";

const letters = 10_000;
const senders = 37;
const batchSize = 100;
const isPoison = (number: number) => number % 100 === 17;

describe("a pipeline in which everything fails now and then", function () {
    // The first model server on a machine makes the Python environment.
    this.timeout(600_000);
    const project = join(root, "test", "fixtures", "programs", "chaos");
    let local: Local<typeof chaos>;
    let connection: Connection;

    before(async () => {
        local = await startLocal<typeof chaos>({ project });
        connection = connectTo(local.twin.observer);
        const script = readFileSync(join(project, "training", "inference.py"), "utf8");
        await serveScript(local, connection, "even-or-odd", script);
    });
    after(async () => {
        connection?.close();
        await local?.close();
    });

    /** Waits for the end, and lets the time pass that Lambda waits between its attempts. */
    async function settle(): Promise<void> {
        const passing = setInterval(() => local.clock.advance({ seconds: 5 }), 50);
        try {
            await local.settle({ seconds: 500 });
        } finally {
            clearInterval(passing);
        }
    }

    async function kept(): Promise<Map<string, string>> {
        const found = new Map<string, string>();
        const TableName = String(local.deployed.outputs.table);
        for await (const page of paginateScan({ client: connection.clients.dynamodb }, { TableName })) {
            for (const { id, label } of page.Items ?? []) found.set(id?.S ?? "", label?.S ?? "");
        }
        return found;
    }

    /** The ids of each sender on a stream, in the order in which they came first. */
    async function bySender(stream: "letters" | "texts" | "sorted"): Promise<Map<string, string[]>> {
        const found = new Map<string, Set<string>>();
        for (const { id, sender } of await local.records(stream)) {
            found.set(sender, (found.get(sender) ?? new Set()).add(id));
        }
        return new Map([...found].sort().map(([sender, ids]) => [sender, [...ids]]));
    }

    /** Order holds for what did not fail, by the first time that a record came: it may come again. */
    async function checkOrder(poison: ReadonlySet<string>): Promise<void> {
        const texts = await bySender("texts");
        for (const [sender, ids] of await bySender("letters")) {
            const wanted = ids.filter((id) => !poison.has(id));
            const place = new Map(wanted.map((id, at) => [id, at]));
            let highest = -1;
            for (const id of texts.get(sender) ?? []) {
                const at = place.get(id) ?? Number.NaN;
                // What the stream refuses comes after the rest of its call, but no call overtakes an earlier one.
                assert.ok(at > highest - batchSize, `${id} comes after ${wanted[highest]}`);
                highest = Math.max(highest, at);
            }
        }
        // No single record is refused here, so that nothing changes places.
        assert.deepEqual(await bySender("sorted"), texts);
    }

    /** The writes of each result that took effect are those of one attempt, however often there was one. */
    async function checkKeptOnce(): Promise<void> {
        const attempts = new Map<string, Set<string>>();
        let count = 0;
        for (const { id, before, after = "none" } of await local.records("kept")) {
            count++;
            const known = attempts.get(id) ?? new Set();
            attempts.set(id, known.add(after));
            if (before !== undefined) known.add(before);
        }
        assert.ok(count > attempts.size, "none was tried again");
        assert.deepEqual(
            [...attempts].filter(([, { size }]) => size !== 1),
            [],
        );
    }

    it("accounts for every record, in order and once, gives up the poison alone, and has all after the redrive", async () => {
        const all = Array.from({ length: letters }, (_, number) => {
            const text = "x".repeat(number % 7);
            return {
                id: `letter-${number}`,
                sender: `sender-${number % senders}`,
                subject: isPoison(number) ? text : `re: ${text}`,
            };
        });
        const poison = all.filter((_, number) => isPoison(number)).map(({ id }) => id);
        local.faults({
            seed: 20261126,
            rules: [
                { service: "kinesis", operation: "PutRecords", resource: "texts", fault: "throttle", records: 0.2 },
                { service: "kinesis", operation: "PutRecords", resource: "sorted", fault: "throttle", rate: 0.2 },
                { function: "*", fault: "crash", rate: 0.01 },
                { function: "keep", fault: "crash", when: "after", rate: 0.05 },
                { endpoint: "*", fault: "error", rate: 0.05 },
            ],
        });
        await local.put("letters", all, { partitionKey: ({ sender }) => sender });
        await settle();

        const injected = local.injected()?.rules.map((rule) => rule.injected) ?? [];
        assert.ok(injected.length === 5 && injected.every((count) => count > 0), `injected: ${injected.join(", ")}`);
        const failures = await local.failures("parse");
        assert.deepEqual(failures.map(({ id }) => id).sort(), [...poison].sort());
        for (const stage of ["classify", "keep"]) assert.deepEqual(await local.failures(stage), []);
        const before = await kept();
        assert.deepEqual(
            [...before.keys()].sort(),
            all
                .filter(({ id }) => !poison.includes(id))
                .map(({ id }) => id)
                .sort(),
        );

        await checkOrder(new Set(poison));
        await checkKeptOnce();

        local.twin.stack.setConfig("sortline:mended", "true");
        await local.up();
        const redriven = await local.redrive("parse");
        assert.equal(redriven.length, poison.length);
        await settle();
        assert.deepEqual(await local.failures("parse"), []);
        const after = await kept();
        assert.deepEqual(
            after,
            new Map(
                all.map(({ id, subject }) => {
                    const text = (subject.split(":")[1] ?? subject).trim();
                    return [id, text.length % 2 === 0 ? "even" : "odd"];
                }),
            ),
        );
        await checkKeptOnce();
    });
});
