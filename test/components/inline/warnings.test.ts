import assert from "node:assert/strict";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { inline } from "../../../components/inline";
import { adapter } from "./artefact";
import { silent, warnings } from "./fixtures/warnings";
import { placeOf } from "./place";

describe("An inline function is warned of", () => {
    const file = resolve(__dirname, "fixtures", "warnings.ts");
    const { warn } = pulumi.log;
    let said: string[] = [];
    before(() => {
        // Pulumi's log has no listener: this is where its warnings go in a program that no engine runs.
        Object.assign(pulumi.log, {
            warn: async (message: string) => {
                said.push(message);
            },
        });
    });
    beforeEach(() => {
        said = [];
    });
    after(() => Object.assign(pulumi.log, { warn }));

    for (const [construct, entries] of Object.entries(warnings)) {
        describe(construct, () => {
            for (const [name, { callback, message, at }] of Object.entries(entries)) {
                it(name, () => {
                    inline("warned", callback, { adapter });
                    const found = said.find((each) => message.test(each));
                    assert.ok(found, said.join("\n"));
                    assert.match(found, /^stage "warned": /);
                    assert.ok(found.endsWith(`    at ${placeOf(at, file)}`), `${found} is not at ${placeOf(at, file)}`);
                    assert.equal(said.length, new Set(said).size, "said once");
                });
            }
        });
    }

    describe("nothing", () => {
        for (const [name, callback] of Object.entries(silent)) {
            it(name, () => {
                inline("silent", callback, { adapter });
                assert.deepEqual(said, []);
            });
        }
    });
});
