import assert from "node:assert/strict";
import * as path from "node:path";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import type * as program from "../fixtures/programs/stages";

const requests = [
    { id: "sale", category: "sales", length: 10 },
    { id: "question", category: "support", length: 10 },
    { id: "small sale", category: "sales", length: 1 },
    { id: "urgent small sale", category: "sales", length: 1 },
    // Too big for a record: Lambda sees none of their fields.
    { id: "huge sale", category: "sales", length: 2_000_000 },
    { id: "huge question", category: "support", length: 2_000_000 },
] as const;
const all = requests.map(({ id }) => id).sort();

describe("stages on the twin", function () {
    this.timeout(120_000);
    let local: Local<typeof program>;
    before(async () => {
        const project = path.join(__dirname, "..", "fixtures", "programs", "stages");
        local = await startLocal<typeof program>({ project });
        await local.put("requests", requests);
    });
    after(() => local?.close());

    /** What a stage has seen, once it is as much as expected; one that holds records back never lets the twin settle. */
    async function seenBy(stage: string, count: number) {
        const seen = await until(
            `what ${stage} sees`,
            async () => {
                const own = (await local.records("seen")).filter(({ id }) => id.startsWith(`${stage} `));
                return own.length >= count ? own : undefined;
            },
            { seconds: 60 },
        );
        return seen.map((each) => ({ ...each, id: each.id.slice(stage.length + 1) }));
    }

    async function idsSeenBy(stage: string, count: number): Promise<string[]> {
        return (await seenBy(stage, count)).map(({ id }) => id).sort();
    }

    it("get the records that fit their filter, wherever the data are", async () => {
        // Another stage saw all, so that this one will not see more.
        await seenBy("narrow", all.length);
        assert.deepEqual(await idsSeenBy("filtered", 3), ["huge sale", "sale", "urgent small sale"]);
    });

    it("are called no more often at a time than they may", async () => {
        const calls = (await seenBy("narrow", all.length)).sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
        assert.deepEqual(calls.map(({ id }) => id).sort(), all);
        for (const [index, call] of calls.slice(1).entries()) {
            assert.ok((calls[index]?.to ?? 0) <= (call.from ?? 0), "one after the other");
        }
    });

    it("wait while they may not be called at all, and lose nothing by it", async () => {
        await seenBy("narrow", all.length);
        assert.deepEqual(await seenBy("held", 0), []);
        local.twin.stack.setConfig("stages:concurrency", 1);
        await local.up();
        assert.deepEqual(await idsSeenBy("held", all.length), all);
    });

    it("begin with what came at a time or later: a backfill", async () => {
        await seenBy("narrow", all.length);
        // The time of a start is in whole seconds.
        const start = Math.ceil((Date.now() + 1) / 1000) * 1000;
        await until("the next second", async () => (Date.now() >= start ? true : undefined), { seconds: 5 });
        await local.put(
            "requests",
            ["later", "last"].map((id) => ({ id, category: "support", length: 1 }) as const),
        );
        await seenBy("narrow", all.length + 2);
        local.twin.stack.setConfig("stages:startAt", new Date(start).toISOString());
        await local.up();
        assert.deepEqual(await idsSeenBy("backfill", 2), ["last", "later"]);

        local.twin.stack.setConfig("stages:startAt", "horizon");
        await local.up();
        const again = [...all, "last", "last", "later", "later"].sort();
        assert.deepEqual(await idsSeenBy("backfill", again.length), again, "another start begins anew");
    });
});
