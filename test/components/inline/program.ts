import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { deserialize } from "node:v8";
import { build } from "esbuild";
import { adapter } from "./artefact";
import { type Kind, type ProgramRun, type Published, refusedInPrograms } from "./fixtures/programs/table";

const root = resolve(__dirname, "..", "..", "..");
const packages = join(root, "node_modules");
const fixtures = resolve(__dirname, "fixtures", "programs");

/** What became of one callback of a program. */
export interface Result {
    readonly name: string;
    readonly refusal?: string;
    readonly folder: string;
    readonly environment: Record<string, string>;
    readonly data?: unknown;
    readonly expected?: unknown;
}

/** Transpiles every TypeScript file below a folder. */
export async function transpile(
    from: string,
    to: string,
    options: { sourcemap: boolean; format?: "cjs" | "esm"; ignore?: string },
): Promise<void> {
    const { sourcemap, format = "cjs", ignore = "node_modules/**" } = options;
    const entryPoints = globSync("**/*.ts", { cwd: from, exclude: [ignore] }).map((each) => join(from, each));
    const target = "node22";
    await build({ entryPoints, outbase: from, outdir: to, format, platform: "node", target, sourcemap });
}

async function compile(place: string, options: object): Promise<void> {
    const base = existsSync(join(place, "tsconfig.json")) ? { extends: "./tsconfig.json" } : {};
    const shared = { rootDir: ".", target: "es2022", module: "nodenext", esModuleInterop: true, types: [] };
    const configuration = { ...base, compilerOptions: { ...shared, ...options }, exclude: ["node_modules", "out"] };
    writeFileSync(join(place, "tsconfig.build.json"), JSON.stringify(configuration));
    const compiler = join(packages, "typescript", "bin", "tsc");
    await promisify(execFile)(process.execPath, [compiler, "-p", "tsconfig.build.json", "--noCheck"], { cwd: place });
}

function isModule(kind: Kind): boolean {
    return kind.endsWith("ES modules") || kind.startsWith("Node");
}

/** Publishes the package that wraps ours as its makers would: compiled, in node_modules. */
async function publish(place: string, published: Published): Promise<void> {
    const home = join(place, "node_modules", "stage-wrapper");
    const sources = join(home, "src");
    cpSync(join(fixtures, "wrapping", "wrapper"), sources, { recursive: true });
    const type = published === "ES modules" ? "module" : "commonjs";
    const peerDependencies = { "@pulumi/pulumi": "^3.0.0", "inline-under-test": "*" };
    writeFileSync(
        join(home, "package.json"),
        JSON.stringify({ name: "stage-wrapper", version: "1.0.0", type, main: "dist/index.js", peerDependencies }),
    );
    const sourceMap = published.includes("maps");
    await compile(home, { rootDir: "src", outDir: "dist", sourceMap });
    if (published !== "CommonJS, with maps and sources") rmSync(sources, { recursive: true });
}

/** Lays out a program in a folder of its own, with what it imports. */
async function lay(place: string, { program, kind, published }: ProgramRun, inline: string): Promise<void> {
    cpSync(join(fixtures, program), place, { recursive: true });
    rmSync(join(place, "wrapper"), { recursive: true, force: true });
    const manifest = join(place, "package.json");
    const given = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as object) : { name: "letters" };
    writeFileSync(manifest, JSON.stringify({ ...given, type: isModule(kind) ? "module" : "commonjs" }));
    const modules = join(place, "node_modules");
    mkdirSync(join(modules, "capture-driver"), { recursive: true });
    cpSync(join(fixtures, "driver.cjs"), join(modules, "capture-driver", "index.js"));
    writeFileSync(
        join(modules, "capture-driver", "package.json"),
        JSON.stringify({ name: "capture-driver", version: "1.0.0", peerDependencies: { "@pulumi/pulumi": "*" } }),
    );
    for (const each of ["@pulumi", "zod"]) symlinkSync(join(packages, each), join(modules, each));
    symlinkSync(inline, join(modules, "inline-under-test"));
    if (published) await publish(place, published);
}

/** Compiles a program where its kind asks for it, and says with what arguments Node runs it. */
async function prepare(place: string, kind: Kind): Promise<string[]> {
    const out = join(place, "out");
    const index = join(place, "index.ts");
    switch (kind) {
        case "tsx, CommonJS":
        case "tsx, ES modules":
            return ["--import", require.resolve("tsx"), index];
        case "tsc, CommonJS":
        case "tsc, ES modules":
            await compile(place, { outDir: "out", sourceMap: true });
            for (const each of globSync("*.txt", { cwd: place })) cpSync(join(place, each), join(out, each));
            return [join(out, "index.js")];
        case "esbuild, CommonJS":
        case "esbuild, ES modules":
            await transpile(place, out, { sourcemap: true, format: isModule(kind) ? "esm" : "cjs" });
            return [join(out, "index.js")];
        case "esbuild, in one file":
            await build({
                entryPoints: [index],
                outdir: out,
                bundle: true,
                packages: "external",
                platform: "node",
                format: "cjs",
                sourcemap: true,
            });
            return [join(out, "index.js")];
        case "Node, which erases types":
            return ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", index];
        case "Pulumi's own loader": {
            const vendored = join(packages, "@pulumi", "pulumi", "vendor");
            const options = {
                compiler: join(vendored, "typescript@3.8.3", "typescript.js"),
                transpileOnly: true,
                skipProject: true,
                compilerOptions: { target: "ES2020", module: "commonjs", moduleResolution: "node", sourceMap: "true" },
            };
            // Its TypeScript is too old to find a source by the name of what it is compiled to.
            for (const each of globSync("**/*.ts", { cwd: place, exclude: ["node_modules/**"] })) {
                const text = readFileSync(join(place, each), "utf8");
                writeFileSync(join(place, each), text.replaceAll(/(from "\.[^"]*)\.js"/g, '$1"'));
            }
            const register = join(place, "register.js");
            const loader = JSON.stringify(join(vendored, "ts-node@7.0.1"));
            writeFileSync(register, `require(${loader}).register(${JSON.stringify(options)});\n`);
            return ["--require", register, index];
        }
    }
}

/** Runs a program in a process of its own; `inline` is the folder of the compiled package. */
export async function runProgram(place: string, run: ProgramRun, inline: string): Promise<ReadonlyMap<string, Result>> {
    mkdirSync(dirname(place), { recursive: true });
    await lay(place, run, inline);
    const { stdout } = await promisify(execFile)(process.execPath, await prepare(place, run.kind), {
        cwd: place,
        env: {
            PATH: process.env.PATH,
            XDG_CACHE_HOME: `${place}.cache`,
            ADAPTER: adapter,
            REFUSED: JSON.stringify(Object.keys(refusedInPrograms)),
        },
        maxBuffer: 64 * 1024 * 1024,
    });
    const results = deserialize(Buffer.from(stdout.trim().split("\n").at(-1) ?? "", "base64")) as Result[];
    return new Map(results.map((each) => [each.name, each]));
}
