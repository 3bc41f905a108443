import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Caller } from "./artefact";
import { entriesOf, programs, refusedInPrograms } from "./fixtures/programs/table";
import { type Result, runProgram, transpile } from "./program";

const root = resolve(__dirname, "..", "..", "..");

describe("What an inline function captures works in its artefact, however the program is loaded:", () => {
    // The compiled package lies inside of this one, so that it finds its own folder and its dependencies.
    const compiled = join(root, "node_modules", ".cache", `inline-programs-${process.pid}`);
    const folder = mkdtempSync(join(tmpdir(), "inline-programs-"));
    let caller: Caller;
    const runs = new Map<string, Promise<ReadonlyMap<string, Result>>>();
    before(async () => {
        await transpile(join(root, "components", "inline"), compiled, { sourcemap: true });
        caller = new Caller();
        // Two at a time: each is a process that compiles and loads much.
        const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
        for (const [index, [construct, run]] of Object.entries(programs).entries()) {
            const lane = index % lanes.length;
            const result = Promise.resolve(lanes[lane]).then(() =>
                runProgram(join(folder, String(index)), run, compiled),
            );
            lanes[lane] = result.catch(() => undefined);
            runs.set(construct, result);
        }
    });
    after(() => {
        caller.end();
        rmSync(folder, { recursive: true });
        rmSync(compiled, { recursive: true });
    });

    async function check({ refusal, folder, environment, data, expected }: Result): Promise<void> {
        assert.equal(refusal, undefined);
        assert.deepEqual(await caller.callAt(folder, environment, { data }), expected);
    }

    for (const [construct, { program }] of Object.entries(programs)) {
        describe(construct, () => {
            for (const name of entriesOf(program)) {
                it(name, async () => {
                    const result = (await runs.get(construct))?.get(name);
                    assert.ok(result, "the program noted no such callback");
                    const refused = refusedInPrograms[name];
                    if (refused) assert.match(result.refusal ?? "", refused);
                    else await check(result);
                });
            }
        });
    }
});
