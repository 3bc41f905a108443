import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { InlineError, type InlineFunction, inline } from "../../../components/inline";
import { adapter, settled } from "./artefact";

type Fixture = typeof import("./fixtures/refusals");
type Outputs = typeof import("./fixtures/refusals/outputs");

/** Where the comment of a name ends: 1-based line and column of what follows. */
function placeOf(name: string, file: string): string {
    const lines = readFileSync(file, "utf8").split("\n");
    const mark = `/*@${name}*/ `;
    const line = lines.findIndex((each) => each.includes(mark));
    assert.notEqual(line, -1, `${file} has no ${mark}`);
    return `${file}:${line + 1}:${(lines[line] ?? "").indexOf(mark) + mark.length + 1}`;
}

function refusal(make: () => InlineFunction): InlineError {
    try {
        make();
    } catch (error) {
        assert.ok(error instanceof InlineError, String(error));
        return error;
    }
    throw new Error("nothing was refused");
}

/** One of the problems is at the place, with the words, and says which stage it is about and what to write instead. */
function checkRefusal(error: InlineError, stage: string, message: RegExp, place: string): void {
    const parts = error.message.split(/^(?=stage ")/m);
    const found = parts.find((each) => each.includes(`    at ${place}\n`));
    assert.ok(found, `${error.message}\nis not at ${place}`);
    assert.match(found, message);
    assert.match(found, new RegExp(`^stage "${stage}": .+\n    at .+\n    \\w.+`));
}

describe("An inline function is refused with a reason and a place:", () => {
    const configure = () => {
        const settings = {
            password: "correct horse",
            pin: "4711",
            credentials: '{"user":"ann","key":"battery staple"}',
        };
        const named = Object.fromEntries(
            Object.entries(settings).map(([name, value]) => [`inline-test:${name}`, value]),
        );
        pulumi.runtime.setAllConfig(named, Object.keys(named));
    };
    const clear = () => pulumi.runtime.setAllConfig({}, []);
    const shared = globalThis as { passEarly?: (callback: unknown) => void };
    const early: InlineError[] = [];
    shared.passEarly = (callback) => {
        early.push(refusal(() => inline("early", callback as () => unknown, { adapter })));
    };
    configure();
    const { refusals } = require("./fixtures/refusals") as Fixture;
    const { secretReaders } = require("./fixtures/refusals/outputs") as Outputs;
    clear();
    delete shared.passEarly;
    before(configure);
    after(clear);

    for (const [construct, entries] of Object.entries(refusals)) {
        describe(construct, () => {
            for (const [name, { callback, message, at, file }] of Object.entries(entries)) {
                it(name, () => {
                    const given = callback as () => unknown;
                    const error = refusal(() => /*@call*/ inline("refused", given, { adapter }));
                    checkRefusal(error, "refused", message, placeOf(at, file));
                });
            }
        });
    }

    it("a variable that has no value yet", () => {
        const [error] = early;
        assert.ok(error);
        const place = placeOf("undeclared", resolve(__dirname, "fixtures", "refusals", "data.ts"));
        checkRefusal(error, "early", /"below" is made with "pulumi" of @pulumi\/pulumi.*has no value yet/, place);
    });

    for (const [name, callback] of Object.entries(secretReaders)) {
        it(`an output that turns out to be secret: ${name}`, async () => {
            const made = inline("refused", callback, { adapter });
            const message = new RegExp(`"${name}" is a secret, and would stand in the function's environment`);
            await assert.rejects(settled(made.code), message);
        });
    }
});
