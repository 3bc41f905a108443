import assert from "node:assert/strict";
import * as path from "node:path";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { jsonLines, root, sortline } from "./command";

describe("a stage that Lambda does not call", function () {
    this.timeout(180_000);
    let local: Local;

    before(async () => {
        local = await startLocal({ project: path.join(root, "test", "fixtures", "programs", "redriven") });
        const orders = Array.from({ length: 7 }, (_, n) => ({ id: `${n}`, customer: "c", trouble: "refused" }));
        await local.put("orders", orders);
        await until("the failures", async () => ((await local.failures("pack")).length === 7 ? true : undefined), {
            seconds: 60,
        });
        local.twin.stack.setConfig("redriven:mended", true);
        await local.up();
    });
    after(() => local?.close());

    const command = (...args: string[]) => sortline(args, { home: local.home });
    const throttles = (options: object) => {
        local.faults({ seed: 1, rules: [{ service: "lambda", operation: "Invoke", fault: "throttle", ...options }] });
    };
    const failing = async () => (await local.failures("pack")).length;
    const parcels = async () => (await local.records("parcels")).length;

    it("since it is switched off, is given nothing, and it is said what to do", async () => {
        local.twin.stack.setConfig("redriven:concurrency", 0);
        await local.up();
        const off =
            'The stage "pack" is switched off (concurrency 0). Nothing was given to it. Raise its `concurrency` in the program, or leave it out, and deploy: npx sortline up';
        const redrive = await command("redrive", "pack", "--json");
        assert.deepEqual(redrive, { code: 4, stdout: "", stderr: `${off}\n` });
        const replay = await command("replay", "orders", "pack", "--from", "1h", "--json");
        assert.deepEqual(replay, { code: 4, stdout: "", stderr: `${off}\n` });
        await assert.rejects(local.invoke("pack", [{ id: "x", customer: "c" }]), { message: off });
        await assert.rejects(local.redrive("pack"), { message: off });
        assert.equal(await failing(), 7);
        assert.equal(await parcels(), 0);
        assert.equal((await command("redrive", "pack", "--dry-run")).code, 0);
        local.twin.stack.setConfig("redriven:concurrency", undefined);
        await local.up();
    });

    it("while it is busy for long, is left, with what was done before on record", async () => {
        throttles({ after: 1 });
        const { code, stdout, stderr } = await command("redrive", "pack", "--json");
        assert.equal(code, 4, stdout);
        assert.match(stderr, /^The stage "pack" is busy: in \d+ attempts the account's concurrency was used up/);
        assert.match(stderr, / 5 records were given to it before, and nothing since\. Try again later/);
        assert.deepEqual(
            jsonLines(stdout).map(({ id, outcome }) => [id, outcome]),
            ["0", "1", "2", "3", "4"].map((id) => [id, "done"]),
        );
        assert.equal(await failing(), 2);
        assert.equal(await parcels(), 5);
    });

    it("for a moment, is called again until it is free", async () => {
        throttles({ first: 7 });
        const { code, stderr } = await command("redrive", "pack");
        assert.equal(code, 0, stderr);
        assert.equal(await failing(), 0);
        assert.equal(await parcels(), 7);
        assert.equal(local.injected()?.rules[0]?.injected, 7);
    });
});
