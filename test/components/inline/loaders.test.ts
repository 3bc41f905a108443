import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { adapter } from "./artefact";

const root = resolve(__dirname, "..", "..", "..");
const packages = join(root, "node_modules");
const program = resolve(__dirname, "fixtures", "program");

async function transpile(from: string, to: string, options: { sourcemap: boolean }): Promise<void> {
    const entryPoints = globSync("**/*.ts", { cwd: from }).map((each) => join(from, each));
    await build({
        entryPoints,
        outbase: from,
        outdir: to,
        format: "cjs",
        platform: "node",
        target: "node22",
        ...options,
    });
}

describe("An artefact is the same bytes", () => {
    // The compiled package lies inside of this one, so that it finds its own folder and its dependencies.
    const compiled = join(packages, ".cache", `inline-loaders-${process.pid}`);
    const folder = mkdtempSync(join(tmpdir(), "inline-loaders-"));
    const reference = new Map<string, string>();

    before(() => transpile(join(root, "components", "inline"), compiled, { sourcemap: true }));
    after(() => {
        rmSync(folder, { recursive: true });
        rmSync(compiled, { recursive: true });
    });

    function lay(name: string, manifest: object = {}): string {
        const place = join(folder, name);
        cpSync(program, place, { recursive: true });
        writeFileSync(join(place, "package.json"), JSON.stringify({ name: "letters", ...manifest }));
        mkdirSync(join(place, "node_modules"));
        for (const each of ["@pulumi", "zod"]) symlinkSync(join(packages, each), join(place, "node_modules", each));
        symlinkSync(compiled, join(place, "node_modules", "inline-under-test"));
        return place;
    }

    async function run(place: string, parameters: readonly string[]): Promise<void> {
        const cache = join(place, "cache");
        const { stdout } = await promisify(execFile)(process.execPath, parameters, {
            cwd: place,
            env: { ...process.env, XDG_CACHE_HOME: cache, ADAPTER: adapter, NODE_OPTIONS: "" },
        });
        const artefact = stdout.trim();
        assert.equal(dirname(artefact), join(cache, "sortline", "artefacts"));
        for (const name of ["index.js", "index.js.map"]) {
            const text = readFileSync(join(artefact, name), "utf8");
            assert.equal(text, reference.get(name) ?? text, name);
            reference.set(name, text);
        }
        assert.equal(basename(artefact), reference.get("name") ?? basename(artefact));
        reference.set("name", basename(artefact));
    }

    it("with tsx", async () => {
        const place = lay("tsx");
        await run(
            place,
            ["--import", "tsx", join(place, "index.ts")].map((each) =>
                each === "tsx" ? require.resolve("tsx") : each,
            ),
        );
    });

    it("in another folder", async () => {
        const place = lay("a folder/of another (name)");
        await run(place, ["--import", require.resolve("tsx"), join(place, "index.ts")]);
    });

    it("as an ES module", async () => {
        const place = lay("module", { type: "module" });
        await run(place, ["--import", require.resolve("tsx"), join(place, "index.ts")]);
    });

    it("with Pulumi's own loader", async () => {
        const place = lay("ts-node");
        const vendored = join(packages, "@pulumi", "pulumi", "vendor");
        const options = {
            compiler: join(vendored, "typescript@3.8.3", "typescript.js"),
            transpileOnly: true,
            skipProject: true,
        };
        writeFileSync(
            join(place, "register.js"),
            `require(${JSON.stringify(join(vendored, "ts-node@7.0.1"))}).register(${JSON.stringify(options)});\n`,
        );
        await run(place, ["--require", join(place, "register.js"), join(place, "index.ts")]);
    });

    it("compiled with source maps", async () => {
        const place = lay("compiled");
        await transpile(place, join(place, "out"), { sourcemap: true });
        await run(place, [join(place, "out", "index.js")]);
    });

    it("and has no schema that its handler does not use, and its author's files as sources", () => {
        const text = reference.get("index.js") ?? "";
        assert.ok(text.length > 0 && text.length < 4000, `${text.length} bytes`);
        const map = JSON.parse(reference.get("index.js.map") ?? "") as { sources: string[]; sourcesContent?: unknown };
        assert.deepEqual(map.sources, ["lib/letters.ts", "index.ts"]);
        assert.equal(map.sourcesContent, undefined);
    });

    it("but not when a compiler left out the source map: that is refused", async () => {
        const place = lay("unmapped");
        writeFileSync(
            join(place, "register.js"),
            `const { transformSync } = require(${JSON.stringify(require.resolve("esbuild"))});
            require.extensions[".ts"] = (module, file) => module._compile(
                transformSync(require("node:fs").readFileSync(file, "utf8"), { loader: "ts", format: "cjs" }).code, file);`,
        );
        await assert.rejects(
            run(place, ["--require", join(place, "register.js"), join(place, "index.ts")]),
            /compiled without a source map[\s\S]*Run the program with tsx/,
        );
    });
});
