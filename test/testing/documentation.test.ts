// The examples of docs/testing.md, run as a reader would who has copied them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../python";

/** The code blocks that name a file, by its name. */
function files(page: string): Map<string, string> {
    const blocks = readFileSync(join(root, "docs", page), "utf8").matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm);
    return new Map([...blocks].map(([, name = "", code = ""]) => [name, code]));
}

function run(
    folder: string,
    command: string,
    parameters: readonly string[],
): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [command, ...parameters], { cwd: folder });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (chunk) => {
                output += String(chunk);
            });
        }
        child.once("error", reject);
        child.once("close", (code) => resolve({ code, output }));
    });
}

describe("The examples of the page on testing", function () {
    this.timeout(240_000);
    let folder: string;

    before(() => {
        // Within the package, whose own name is then found as in a project that has installed it.
        mkdirSync(join(root, "test-results"), { recursive: true });
        folder = mkdtempSync(join(root, "test-results", "page-"));
        for (const [name, code] of files("testing.md")) {
            mkdirSync(dirname(join(folder, name)), { recursive: true });
            writeFileSync(join(folder, name), code);
        }
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("pass", async () => {
        const mocha = join(root, "node_modules/mocha/bin/mocha.js");
        const settings = ["--no-config", "--node-option", "import=tsx", "--timeout", "120000", "--reporter", "json"];
        const { code, output } = await run(folder, mocha, [...settings, "*.test.ts"]);
        assert.equal(code, 0, output);
        const { stats } = JSON.parse(output.slice(output.indexOf("{"))) as { stats: { passes: number } };
        assert.equal(stats.passes, 6, output);
    });

    it("are of the right types", async () => {
        writeFileSync(
            join(folder, "tsconfig.json"),
            JSON.stringify({
                extends: "../../tsconfig.json",
                // The package's sources are read here, and one of them declares what bundling makes.
                include: ["**/*.ts", "../../components/runtime/*.d.ts"],
                exclude: [],
            }),
        );
        const { code, output } = await run(folder, join(root, "node_modules/typescript/bin/tsc"), ["-p", "."]);
        assert.equal(code, 0, output);
    });
});
