// Transpiles the package to CommonJS, a file at a time: a quarter of a second, so that every script can run it first.
// Declarations come from tsc, when the package is packed.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const filesBelow = (folder) =>
    existsSync(folder)
        ? readdirSync(folder, { recursive: true, withFileTypes: true })
              .filter((entry) => entry.isFile())
              .map((entry) => join(entry.parentPath, entry.name))
        : [];

const sources = ["components", "functions", "automation", "local", "testing"]
    .flatMap(filesBelow)
    .filter((file) => /(?<!\.d)\.ts$/.test(file));
await build({
    entryPoints: sources,
    outbase: ".",
    outdir: "dist",
    format: "cjs",
    platform: "node",
    target: "node22",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
});

// Files are overwritten in place, since a twin may be running from them; what has lost its source goes.
const modules = new Set(sources.map((file) => join("dist", file.replace(/\.ts$/, ""))));
for (const file of filesBelow("dist")) {
    if (!modules.has(file.replace(/\.(d\.ts|js|js\.map)$/, ""))) rmSync(file);
}
