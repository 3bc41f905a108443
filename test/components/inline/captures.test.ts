import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inline } from "../../../components/inline";
import { adapter, call, environmentOf } from "./artefact";
import { type Capture, captures } from "./fixtures/captures";

/** What JSON leaves of a value: artefacts answer in JSON. */
const inJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

async function check(name: string, { callback, data, expected, actions, environment }: Capture): Promise<void> {
    const made = inline(name, callback, { adapter });
    const answer = await call(made, { data });
    assert.deepEqual(answer, inJson(expected === undefined ? await callback(data as never) : expected));
    if (actions) assert.deepEqual(made.grants.flatMap((each) => each.actions).sort(), actions);
    if (environment) assert.deepEqual(Object.keys(await environmentOf(made)).sort(), environment);
}

describe("What an inline function captures works in its artefact:", () => {
    const cache = process.env.XDG_CACHE_HOME;
    const folder = mkdtempSync(join(tmpdir(), "inline-captures-"));
    before(() => {
        process.env.XDG_CACHE_HOME = folder;
    });
    after(() => {
        if (cache === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = cache;
        rmSync(folder, { recursive: true });
    });
    for (const [name, capture] of Object.entries(captures)) it(name, () => check(name, capture));
});
