import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Engine, programs, startEngine } from "./engine";

describe("a process that is kept ready for a program", () => {
    let folder: string;
    let engine: Engine;

    beforeEach(async () => {
        engine = await startEngine();
        // A folder of its own: nothing is ready for it.
        folder = mkdtempSync(join(tmpdir(), "sortline-ready-"));
        for (const file of ["Pulumi.yaml", "index.ts"]) {
            copyFileSync(join(programs, "ready", file), join(folder, file));
        }
        mkdirSync(join(folder, "node_modules", "sortline"), { recursive: true });
        symlinkSync(resolve(__dirname, "../../../node_modules/@pulumi"), join(folder, "node_modules", "@pulumi"));
    });
    afterEach(async () => {
        await engine.close();
        rmSync(folder, { recursive: true });
    });

    async function deploy(config: Record<string, string> = {}, environment: Record<string, string> = {}) {
        const { outputs } = await engine.deploy(folder, config, undefined, { keepReady: "meanwhile", environment });
        const { main, ...others } = outputs;
        return { outputs: others, wasReady: /spare-main\.ts$/.test(String(main)) };
    }

    it("runs the next deployment with the settings of that one", async () => {
        const first = await deploy({ "ready:level": "1" }, { GIVEN: "first" });
        assert.equal(first.wasReady, false);
        const second = await deploy({ "ready:level": "2", "ready:word": "open sesame" }, { GIVEN: "second" });
        assert.equal(second.wasReady, true);
        assert.deepEqual({ ...second.outputs }, { ...first.outputs, level: 2, given: "second" });
        assert.equal(second.outputs.word, "[secret]");
        assert.equal(second.outputs.where, "organization/ready/local");
        const third = await deploy({ "ready:level": "3" });
        assert.equal(third.wasReady, true);
        assert.deepEqual(third.outputs, { ...first.outputs, level: 3, given: "nothing" });
    });

    it("runs the program as it is then, and tells its errors with its lines", async () => {
        await deploy();
        writeFileSync(join(folder, "index.ts"), `interface Nothing {}\nthrow new Error("as it is now");\n`);
        await assert.rejects(deploy(), /as it is now[\s\S]*index\.ts:2:7/);
        writeFileSync(
            join(folder, "index.ts"),
            `export const main = require.main?.filename;\nexport const it = "runs";\n`,
        );
        assert.deepEqual((await deploy()).outputs, { it: "runs" });
    });

    it("is not used when a package that it has loaded changed", async () => {
        const file = join(folder, "node_modules", "sortline", "index.js");
        const use = `import { version } from "sortline";\nexport const main = require.main?.filename;\nexport { version };\n`;
        writeFileSync(join(folder, "index.ts"), use);
        writeFileSync(file, "exports.version = 1;\n");
        await deploy();
        assert.deepEqual((await deploy()).outputs, { version: 1 });
        writeFileSync(file, "exports.version = 2;\n");
        assert.deepEqual(await deploy(), { outputs: { version: 2 }, wasReady: false });
    });
});
