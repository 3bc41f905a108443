import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type InlineCallback, inline } from "../../../components/inline";
import { adapter, call } from "./artefact";
import byDefault, { other } from "./fixtures/found/default";
import * as names from "./fixtures/found/names";
import * as namespaces from "./fixtures/found/namespaces";
import * as state from "./fixtures/found/state";
import { runPrograms } from "./fuzz/run-batch";
import { ownCache } from "./own-cache";

interface Found {
    readonly callback: InlineCallback;
    readonly data?: unknown;
    readonly expected: unknown;
}

const found: Readonly<Record<string, Found>> = {
    "an author's name that the artefact's own exports bear": { callback: names.taken.own, expected: 2 },
    "names that compilers need themselves": {
        callback: names.compiler,
        expected: ["a setting", 3, "an address"],
    },
    "a parameter that is named async": { callback: names.parameter, data: 1, expected: 2 },
    "a property whose name the compiler escapes": { callback: names.beyondAscii, data: { größe: 4 }, expected: 4 },
    "an enum of a function that is named as a component's class": { callback: names.hiding, data: 2, expected: "l" },
    "variables of a factory named as compilers number them": {
        callback: names.numbered,
        data: 9,
        expected: ["first", 7, 9, "https://depots/first"],
    },
    "a variable of a catch clause that hides one of module level": { callback: names.inCatch, expected: "thrown" },
    "a variable of module level that a catch clause hides": { callback: names.outside, expected: 4 },
    "a function that a switch asks, whose cases hide it": { callback: names.switched, data: 1, expected: "two" },
    "a default export in parentheses": { callback: async () => [byDefault(2), other()], expected: [2, "another"] },
    "code that was made with a setting": { callback: state.limited, expected: [true, false] },
    "a list filled by the same loop as a map of functions": {
        callback: state.filled,
        expected: [
            ["a", "b"],
            ["hello a", "hello b"],
        ],
    },
    "a list filled by a function that handlers call too": { callback: state.counted, expected: [2, [1, 2]] },
    "a function called at once in a function that is called later": {
        callback: state.calledLater,
        expected: "see https://depots/called/home",
    },
    "constants made of a setting": { callback: state.derived, expected: [4, "b", 1] },
    "an object under two names": { callback: state.aliased, expected: 1 },
    "a record of components, in its order": {
        callback: state.ordered,
        expected: ["p to https://depots/south, factory 1", ["north", "south"]],
    },
    "one name of a file that is loaded by import()": { callback: namespaces.loaded, expected: [3, 3] },
    "one name of a loaded file, by a constant": { callback: namespaces.named, data: 4, expected: 8 },
    "a component behind a quoted name of a namespace": {
        callback: namespaces.quoted,
        expected: "https://depots/yard",
    },
};

describe("An inline function of a kind that generated programs found wrong answers right:", () => {
    const folder = ownCache();

    for (const [name, { callback, data, expected }] of Object.entries(found)) {
        it(name, async () => assert.deepEqual(await call(inline(name, callback, { adapter }), { data }), expected));
    }

    it("settings and outputs of other files, in a program of ES modules", async () => {
        const deploying = 'import * as pulumi from "@pulumi/pulumi";\n';
        const files = new Map([
            ["package.json", '{ "type": "module" }'],
            [
                "limits.ts",
                `${deploying}const limit = new pulumi.Config("fuzz").getNumber("number");\nexport { limit as "the limit" };`,
            ],
            ["urls.ts", `${deploying}const url = pulumi.output("a url");\nexport { url as own };`],
            [
                "index.ts",
                `import { Line } from "fuzz-components";
import { "the limit" as limit } from "./limits.js";
import * as urls from "./all.js";
import { ownCache } from "./own-cache";
new Line("line").stage("stage", async () => [limit, urls.address.own.get()]);`,
            ],
            ["all.ts", 'export * as address from "./urls.js";'],
        ]);
        const inputs = [{ n: 1, s: "", list: [] }];
        const program = { seed: 0, files, entry: "index.ts", inputs, features: new Map() };
        assert.deepEqual(await runPrograms([program], mkdtempSync(join(folder, "modules-"))), []);
    });

    it("further callbacks in a file that declares and exports the names of the artefact's own exports", async () => {
        const made = inline("exports", names.taken.own, { adapter, callbacks: { other: names.taken.other } });
        assert.equal(await call(made, { callback: "other" }), 3);
    });
});
