import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WatchEvent } from "../../local/watch";
import { type Local, startLocal } from "../../testing";
import { root } from "../python";

const program = `import { EventStream, RejectRecord } from "sortline";
import { z } from "zod";
import { greet } from "./greet";

const Text = z.object({ id: z.string(), text: z.string() });
const texts = new EventStream("texts", { schema: Text });
const answers = new EventStream("answers", { schema: Text });

texts.stage("answer", { into: answers }, async ({ id }) => {
    const text = greet(id);
    if (text === "") throw new RejectRecord("nothing to say");
    return { id, text };
});
`;

describe("a program that is watched in a test", function () {
    this.timeout(240_000);
    const events: WatchEvent[] = [];
    let folder: string;
    let local: Local;

    const save = (text: string) =>
        writeFileSync(join(folder, "greet.ts"), `export const greet = (id: string) => ${text};\n`);
    const lastAnswer = async () => (await local.records("answers")).at(-1);

    before(async () => {
        // Within the package, whose own name is then found as in a project that has installed it.
        mkdirSync(join(root, "test-results"), { recursive: true });
        folder = mkdtempSync(join(root, "test-results", "watched-"));
        writeFileSync(join(folder, "Pulumi.yaml"), "name: watched\nruntime: nodejs\nmain: index.ts\n");
        writeFileSync(join(folder, "index.ts"), program);
        save('"first"');
        // A machine that is busy with other tests must not make the twin lose its patience.
        const watch = { patience: 120_000, onEvent: (event: WatchEvent) => void events.push(event) };
        local = await startLocal({ project: folder, watch });
        await local.put("texts", { id: "warm", text: "" });
        await local.settle();
    });
    after(async () => {
        await local?.close();
        rmSync(folder, { recursive: true, force: true });
    });

    it("handles what is put in the turn of a save with the new code", async () => {
        for (const round of ["a", "b", "c"]) {
            save(`"put ${round}"`);
            await local.put("texts", { id: round, text: "" });
            await local.settle();
            assert.deepEqual(await lastAnswer(), { id: round, text: `put ${round}` });
        }
    });

    it("calls a stage with the new code in the turn of a save", async () => {
        save('"invoked"');
        assert.deepEqual(await local.invoke("answer", [{ id: "i", text: "" }]), [{ kind: "done" }]);
        assert.deepEqual(await lastAnswer(), { id: "i", text: "invoked" });
    });

    it("gives a stage its failures again with the code that was mended in that turn", async () => {
        save('""');
        await local.put("texts", { id: "r", text: "" });
        await local.settle();
        assert.equal((await local.failures("answer")).length, 1);
        save('"mended"');
        assert.deepEqual(await local.redrive("answer"), [{ id: "r", kind: "done" }]);
        assert.deepEqual(await lastAnswer(), { id: "r", text: "mended" });
    });

    it("has not settled before what was saved in that turn is deployed", async () => {
        const from = events.length;
        save('"settled"');
        await local.settle();
        assert.ok(events.slice(from).some(({ kind }) => kind === "deployed"));
        const next = events.length;
        save('"at once"');
        await local.watch?.settled();
        assert.ok(events.slice(next).some(({ kind }) => kind === "deployed"));
        save('"later"');
        await assert.rejects(local.settle({ seconds: 0 }), /Still at work: the deployment of what was saved/);
        await local.watch?.settled();
    });
});
