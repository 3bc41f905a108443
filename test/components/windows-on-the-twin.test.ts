import assert from "node:assert/strict";
import * as path from "node:path";
import { type Local, startLocal } from "../../testing";
import type * as program from "../fixtures/programs/windows";

const minute = 60_000;

describe("a stage with windows on the twin", function () {
    this.timeout(120_000);
    let local: Local<typeof program>;
    let summed = 0;
    before(async () => {
        const project = path.join(__dirname, "..", "fixtures", "programs", "windows");
        local = await startLocal<typeof program>({ project });
    });
    after(() => local?.close());
    beforeEach(async () => {
        // At the beginning of a window, which nothing is in.
        local.clock.advance({ milliseconds: minute - (local.clock.now().getTime() % minute) });
        await local.settle();
        summed = (await local.records("summaries")).length;
    });
    afterEach(() => local.faults(undefined));

    const reading = (id: string, celsius: number, more: object = {}) => ({ id, station: "oslo", celsius, ...more });

    /** What windows that have ended since the test began gave. */
    async function summaries() {
        local.clock.advance({ minutes: 1 });
        await local.settle();
        return (await local.records("summaries")).slice(summed);
    }

    it("gives one result for the records of its time, and begins anew", async () => {
        const from = local.clock.now();
        await local.put("readings", [reading("1", 3), reading("2", 5)]);
        await local.settle();
        await local.put("readings", reading("3", 4));
        await local.settle();
        assert.equal((await local.records("summaries")).length, summed, "before its end");
        const [first, ...others] = await summaries();
        assert.deepEqual(others, []);
        const start = `${from.toISOString().slice(0, 17)}00.000Z`;
        assert.deepEqual(first, {
            id: `summary/${start}/shardId-000000000000`,
            from: start,
            early: false,
            readings: 3,
            warmest: 5,
            remarks: 0,
        });
        await local.put("readings", reading("4", 1));
        const [, next] = await summaries();
        assert.deepEqual([next?.readings, next?.warmest], [1, 1]);
    });

    it("leaves out what its filter does not let pass, and sets aside what is rejected or too much for its state", async () => {
        const remark = "x".repeat(700_000);
        await local.put("readings", [
            reading("a", 1, { station: "test" }),
            reading("b", 2, { remark }),
            reading("c", 3, { remark }),
            reading("d", -300),
            reading("e", 4),
        ]);
        await local.settle();
        const [summary, ...others] = await summaries();
        assert.deepEqual(others, []);
        assert.deepEqual([summary?.readings, summary?.warmest, summary?.remarks], [2, 4, 700_000]);
        const failures = await local.failures("summary");
        assert.deepEqual(
            failures.map(({ id, condition }) => [id, condition]),
            [
                ["c", "Rejected"],
                ["d", "Rejected"],
            ],
        );
        assert.match(failures[0]?.reason ?? "", /state would have 14\d{5} bytes of JSON; at most 1000000 are kept/);
    });

    it("gives its result under the same id again where nobody has heard of the first", async () => {
        await local.put("readings", reading("1", 1));
        await local.settle();
        // The next call is the window's last.
        local.faults({ seed: 1, rules: [{ function: "summary", fault: "crash", when: "after", first: 1 }] });
        const [first, second, ...others] = await summaries();
        assert.ok(first?.id.startsWith("summary/"));
        assert.deepEqual(second, first);
        assert.deepEqual(others, []);
    });

    it("keeps the parts of a window apart that ends early with its shard", async () => {
        await local.put("readings", reading("1", 1));
        await local.settle();
        local.twin.stack.setConfig("windows:shards", 2);
        await local.up();
        await local.put("readings", reading("2", 2));
        const all = await summaries();
        assert.deepEqual(
            all.map(({ early, readings, warmest }) => [early, readings, warmest]),
            [
                [true, 1, 1],
                [false, 1, 2],
            ],
        );
        assert.match(all[0]?.id ?? "", /\/shardId-000000000000\/\d+$/);
        assert.equal(new Set(all.map(({ id }) => id)).size, 2);
    });
});
