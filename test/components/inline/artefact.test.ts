import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RejectRecord } from "../../../components";
import * as sortline from "../../../components/index";
import { type InlineCallback, inline } from "../../../components/inline";
import { adapter, call, environmentOf, folderOf, settled } from "./artefact";
import { double } from "./fixtures/callbacks";
import { stack } from "./fixtures/parts/opaque.cjs";
import { ownCache } from "./own-cache";

const shared = { calls: 0 };
const remember = () => ++shared.calls;
const scaled = (factor: number) => async (data: number) => data * factor;

/** The first line of this file that holds a text, and its column there: both 1-based. */
function placeOfText(text: string): { line: number; column: number } {
    const lines = readFileSync(__filename, "utf8").split("\n");
    const line = lines.findIndex((each) => each.includes(text) && !each.includes("placeOfText"));
    return { line: line + 1, column: (lines[line] ?? "").indexOf(text) + 1 };
}

describe("An inline function's artefact", () => {
    const folder = ownCache();

    it("hands settings and further callbacks to its adapter, of one line, of another file and of one place", async () => {
        const small = scaled(2);
        const callbacks = { key: async (data: number) => [data, remember()], double, small, large: scaled(100) };
        const made = inline("several", async () => remember(), {
            adapter,
            callbacks,
            settings: { size: 64, ["__proto__"]: 1 },
        });
        const answers = await Promise.all([
            call(made, {}),
            call(made, { settings: true }),
            call(made, { callback: "key", data: 5 }),
            call(made, { callback: "double", data: 5 }),
            call(made, { callback: "small", data: 5 }),
            call(made, { callback: "large", data: 5 }),
        ]);
        assert.deepEqual(answers, [1, JSON.parse('{"size":64,"__proto__":1}'), [5, 1], 10, 10, 500]);
    });

    it("takes two callbacks that stand on one line", async () => {
        // biome-ignore format: both on one line is what is tested
        const [first, second]: InlineCallback[] = [async (data: number) => data + 1, async (data: number) => data + 2];
        const made = inline("line", first as InlineCallback, {
            adapter,
            callbacks: { second: second as InlineCallback },
        });
        assert.equal(await call(made, { data: 1 }), 2);
        assert.equal(await call(made, { callback: "second", data: 1 }), 3);
    });

    it("shares module-level state between its callbacks", async () => {
        const made = inline("state", async () => [remember(), remember()], {
            adapter,
            callbacks: { other: async () => shared.calls },
        });
        assert.deepEqual(await call(made, {}), [1, 2]);
        assert.equal(await call(made, { callback: "other" }), 0);
    });

    it("resolves the generated modules that its adapter imports", async () => {
        const made = inline("virtual", (data: string) => `${data}!`, {
            adapter: resolve(__dirname, "fixtures", "virtual-adapter.ts"),
            modules: { "test:suffix": 'export const suffix = "?";' },
        });
        assert.equal(await call(made, { data: "a" }), "a!?");
    });

    it("says where an error was thrown, in the author's file", async () => {
        // biome-ignore format: the error's place is what is tested
        const made = inline("stack", async () => { throw new Error("thrown in a handler"); }, { adapter });
        const { line, column } = placeOfText('new Error("thrown in');
        await assert.rejects(call(made, {}), (error: Error) => {
            assert.match(
                error.message,
                new RegExp(`test/components/inline/artefact\\.test\\.ts:${line}:${column}\\)?\n`),
            );
            return true;
        });
        const map = JSON.parse(readFileSync(join(await folderOf(made), "index.js.map"), "utf8")) as {
            sources: string[];
        };
        assert.deepEqual(map.sources, ["test/components/inline/artefact.test.ts"]);
    });

    it("takes what this package exports for handlers from its run-time modules", async () => {
        const callback = async (data: string) => {
            const error: Error = data === "named" ? new RejectRecord("r") : new sortline.RejectRecord("r");
            return [error.name, error.message];
        };
        const made = inline("reject", callback, { adapter });
        assert.deepEqual(await call(made, { data: "named" }), ["RejectRecord", "r"]);
        assert.deepEqual(await call(made, { data: "namespace" }), ["RejectRecord", "r"]);
    });

    it("refuses what exists only while deploying, where only bundling can tell", async () => {
        const made = inline("opaque", async () => stack(), { adapter });
        await assert.rejects(
            settled(made.code),
            /@pulumi\/pulumi exists only while deploying, and is used by .*opaque\.cjs/,
        );
    });

    it("tells of an import that leads nowhere by stage, file, line and column", async () => {
        const made = inline("lost", async () => (await import("./nowhere" as string)).x ?? require("./nowhere"), {
            adapter,
        });
        await assert.rejects(settled(made.code), (error: Error) => {
            assert.match(error.message, /^stage "lost": Could not resolve "\.\/nowhere"/);
            const { line, column } = placeOfText('require("./nowhere"), {');
            assert.ok(
                error.message.includes(`at ${__filename}:${line}:${column + "require(".length}\n`),
                error.message,
            );
            return true;
        });
    });

    it("lies in the user's cache under its content's name, whole, and is repaired when damaged", async () => {
        const callback = async () => "cached";
        const place = await folderOf(inline("cached", callback, { adapter }));
        assert.equal(resolve(place, ".."), join(folder, "sortline", "artefacts"));
        const before = readFileSync(join(place, "index.js"), "utf8");
        writeFileSync(join(place, "index.js"), "damaged");
        const again = await Promise.all([1, 2, 3].map(() => folderOf(inline("cached", callback, { adapter }))));
        assert.deepEqual(again, [place, place, place]);
        assert.equal(readFileSync(join(place, "index.js"), "utf8"), before);
        assert.deepEqual(
            readdirSync(resolve(place, "..")).filter((name) => name.startsWith(".")),
            [],
        );
    });

    it("is the same whatever an output holds", async () => {
        const make = (value: unknown) => {
            const output = pulumi.output(value as string | readonly unknown[]);
            return inline("output", async () => output.get(), { adapter });
        };
        const [text, list] = [make("text"), make([1, { a: "b" }])];
        assert.equal(await folderOf(text), await folderOf(list));
        assert.deepEqual(await environmentOf(text), { OUTPUT_OUTPUT: "text" });
        assert.equal(await call(text, {}), "text");
        assert.deepEqual(await call(list, {}), [1, { a: "b" }]);
    });

    it("takes data as it is when the callback is passed", async () => {
        const thresholds = { sales: 1 };
        const made = inline("data", async () => thresholds.sales, { adapter });
        thresholds.sales = 2;
        assert.equal(await call(made, {}), 1);
    });
});
