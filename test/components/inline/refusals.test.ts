import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { InlineError, type InlineFunction, inline } from "../../../components/inline";
import { adapter, settled } from "./artefact";

type Fixture = typeof import("./fixtures/refusals");

const fixtures = resolve(__dirname, "fixtures");

/** Where the comment of a name ends: 1-based line and column of what follows. */
function placeOf(name: string, file: string): string {
    const lines = readFileSync(file, "utf8").split("\n");
    const mark = `/*@${name}*/ `;
    const line = lines.findIndex((each) => each.includes(mark));
    assert.notEqual(line, -1, `${file} has no ${mark}`);
    return `${file}:${line + 1}:${(lines[line] ?? "").indexOf(mark) + mark.length + 1}`;
}

async function refusal(made: InlineFunction): Promise<InlineError> {
    try {
        await settled(made.code);
    } catch (error) {
        assert.ok(error instanceof InlineError, String(error));
        return error;
    }
    throw new Error("nothing was refused");
}

describe("An inline function is refused with a reason and a place when it uses", () => {
    const configure = () => {
        pulumi.runtime.setAllConfig({ "inline-test:password": "correct horse" }, ["inline-test:password"]);
    };
    const clear = () => pulumi.runtime.setAllConfig({}, []);
    const shared = globalThis as { passEarly?: (callback: unknown) => void };
    const early: Promise<InlineError>[] = [];
    shared.passEarly = (callback) => {
        early.push(refusal(inline("early", callback as () => unknown, { adapter })));
    };
    configure();
    const fixture = require("./fixtures/refusals") as Fixture;
    clear();
    delete shared.passEarly;
    before(configure);
    after(clear);

    for (const [name, expected] of Object.entries(fixture.refusals)) {
        it(name, async () => {
            const callback = expected.callback as () => unknown;
            const error = await (name === "undeclared" ? early[0] : refusal(inline("refused", callback, { adapter })));
            assert.ok(error);
            assert.match(error.message, expected.message);
            if (expected.place === false) return;
            const file = resolve(fixtures, expected.file ?? "refusals.ts");
            const place = placeOf(name, file);
            assert.ok(error.message.includes(`at ${place}\n`), `${error.message}\nis not at ${place}`);
        });
    }
});
