import assert from "node:assert/strict";
import { resolve } from "node:path";
import { type Local, startLocal } from "../../testing";
import type * as unsettled from "../fixtures/programs/unsettled";

const project = resolve(__dirname, "../fixtures/programs/unsettled");

describe("a program that does not settle", function () {
    this.timeout(120_000);
    let local: Local<typeof unsettled>;

    beforeEach(async () => {
        local = await startLocal<typeof unsettled>({ project });
    });
    afterEach(() => local?.close());

    /** What is said of each function that is at work, by the names of their stages. */
    async function reasons(until: (message: string) => boolean = () => true): Promise<Record<string, string>> {
        for (;;) {
            const message = await local.settle({ seconds: 0.1 }).then(
                () => assert.fail("It has settled."),
                (error: unknown) => String(error),
            );
            if (!until(message)) continue;
            assert.match(message, /not settled within 0\.1 s/);
            const [, those = ""] = /Still at work: (.*?)\. What/.exec(message) ?? [];
            return Object.fromEntries(
                those.split("; ").map((each) => [each.split("-function")[0], each.split(": ").slice(1).join(": ")]),
            );
        }
    }

    it("says of each stage what is in its way", async () => {
        await local.put("parked", { id: "a" });
        await local.put("gathered", { id: "a" });
        await local.put("failed", { id: "a" });
        const {
            stopped = "",
            patient = "",
            stubborn = "",
            ...others
        } = await reasons((message) => /failed with a record \d+ times/.test(message));
        assert.deepEqual(others, {});
        assert.match(stopped, /`concurrency`.* is 0$/);
        const [, until = ""] =
            /^it waits for a full batch until (\S+Z) by the twin's clock.*`batch\.seconds`/.exec(patient) ?? [];
        const left = Date.parse(until) - local.clock.now().getTime();
        assert.ok(left > 0 && left <= 250_000, patient);
        assert.match(stubborn, /failed with a record \d+ times and tries again.*`attempts`/);
    });

    it("names no reason that has passed", async () => {
        await local.put("gathered", { id: "a" });
        assert.match((await reasons()).patient ?? "", /full batch/);
        local.faults({ seed: 1, rules: [{ function: "patient", fault: "delay", milliseconds: 3_000 }] });
        local.clock.advance({ seconds: 250 });
        assert.deepEqual(await reasons(), { patient: "" });
        local.faults(undefined);
        await local.settle();
    });

    it("settles once the clock is moved to where a batch is handed over though it is not full", async () => {
        await local.put("gathered", [{ id: "a" }, { id: "b" }]);
        local.clock.advance({ seconds: 250 });
        await local.settle();
        assert.deepEqual(await local.records("together"), [{ id: "a+b" }]);
    });

    it("is settled while a window is open, which the clock ends", async () => {
        await local.put("counted", [{ id: "a" }, { id: "b" }]);
        await local.settle();
        assert.deepEqual(await local.records("counts"), []);
        local.clock.advance({ seconds: 900 });
        await local.settle();
        assert.deepEqual(await local.records("counts"), [{ id: "2 items" }]);
    });
});
