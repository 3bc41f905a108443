import assert from "node:assert/strict";
import { deserialize, serialize } from "node:v8";
import { inline } from "../../../components/inline";
import { adapter, Caller, environmentOf } from "./artefact";
import { captures } from "./fixtures/captures";
import type { Capture } from "./fixtures/captures/capture";
import { ownCache } from "./own-cache";

/** A value as it arrives from another process. */
const sent = (value: unknown): unknown => deserialize(serialize(value));

describe("What an inline function captures works in its artefact:", () => {
    ownCache();
    let caller: Caller;
    before(() => {
        caller = new Caller();
    });
    after(() => caller.end());

    async function check(name: string, capture: Capture): Promise<void> {
        const { callback, callbacks = {}, called, data, actions, environment } = capture;
        const made = inline(name, callback, { adapter, callbacks });
        const answer = await caller.call(made, { callback: called, data });
        const inPlace = called === undefined ? callback : callbacks[called];
        const expected = "expected" in capture ? capture.expected : await inPlace?.(data as never);
        assert.deepEqual(answer, sent(expected));
        if (actions) assert.deepEqual(made.grants.flatMap((each) => each.actions).sort(), actions);
        if (environment) assert.deepEqual(Object.keys(await environmentOf(made)).sort(), environment);
    }

    for (const [construct, entries] of Object.entries(captures)) {
        describe(construct, () => {
            for (const [name, capture] of Object.entries(entries)) it(name, () => check(name, capture));
        });
    }
});
