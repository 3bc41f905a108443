import assert from "node:assert/strict";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { inline } from "../../../components/inline";
import { adapter } from "./artefact";
import { letters, options, register, untouched } from "./fixtures/parts/changed";
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

    it("a constant of another file that the program has changed since", () => {
        register("a");
        options.limit = 2;
        inline("changed", async () => [letters, options, untouched], { adapter });
        assert.deepEqual(
            said.map(
                (each) =>
                    /"(\w+)" was changed while deploying, and the function gets what its own code/.exec(each)?.[1],
            ),
            ["letters", "options"],
        );
        const place = placeOf("changed-list", resolve(__dirname, "fixtures", "parts", "changed.ts"));
        assert.ok(said[0]?.endsWith(`    at ${place}`), `${said[0]} is not at ${place}`);
    });

    describe("nothing", () => {
        for (const [name, callback] of Object.entries(silent)) {
            it(name, () => {
                inline("silent", callback, { adapter });
                assert.deepEqual(said, []);
            });
        }
    });
});
