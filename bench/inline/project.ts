import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { answerOf, output } from "../harness/child-process";
import type { Answer } from "./programs/deploy";

const root = resolve(__dirname, "..", "..");
const programs = join("bench", "inline", "programs");

/** A user's project in a folder of its own, with the programs of this bench in it. */
export interface Project {
    readonly folder: string;
    /** Absolute path of a program's file. */
    program(name: string): string;
    /** Deploys a program under mocks in a process of its own; `cache` is its user's cache folder. */
    deploy(name: string, options: { cache: string; loader: "tsx" | "pulumi" }): Promise<Answer>;
}

/** Environment of everything that runs in the project: this process's own, without what npm says to its scripts. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|NODE_COMPILE_CACHE$)/.test(name));
    return { ...(Object.fromEntries(own) as Record<string, string>), NODE_NO_WARNINGS: "1", ...more };
}

function versions(names: readonly string[]): Record<string, string> {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
        packages: Record<string, { version: string }>;
    };
    return Object.fromEntries(names.map((name) => [name, lock.packages[`node_modules/${name}`]?.version ?? "missing"]));
}

async function install(folder: string, workshop: string): Promise<void> {
    const options = { cwd: folder, environment: environment() };
    const npm = (...parameters: string[]) =>
        output("npm", [...parameters, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], options);
    await npm("install");
    // This package and what it brings, Pulumi included, can be imported, but the project does not list them.
    await npm("pack", root, "--pack-destination", workshop);
    const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, string>;
    await npm("install", "--no-save", join(workshop, `${name}-${version}.tgz`));
}

// How Pulumi's command loads a program: its serialiser cannot read what tsx makes of one.
function pulumiLoader(folder: string): string {
    const vendored = join(folder, "node_modules", "@pulumi", "pulumi", "vendor");
    const options = {
        compiler: join(vendored, "typescript@3.8.3", "typescript.js"),
        transpileOnly: true,
        skipProject: true,
        compilerOptions: { target: "ES2020", module: "commonjs", moduleResolution: "node", sourceMap: "true" },
    };
    return `require(${JSON.stringify(join(vendored, "ts-node@7.0.1"))}).register(${JSON.stringify(options)});\n`;
}

/** Makes the project, hands it to `use`, and removes it. */
export async function withProject<T>(dependencies: readonly string[], use: (project: Project) => Promise<T>) {
    const workshop = mkdtempSync(join(tmpdir(), "sortline-bench-"));
    try {
        const folder = join(workshop, "shop");
        mkdirSync(folder);
        const manifest = { name: "shop", private: true, dependencies: versions(dependencies) };
        writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
        cpSync(join(root, programs), join(folder, programs), { recursive: true });
        await install(folder, workshop);
        const register = join(workshop, "register.js");
        writeFileSync(register, pulumiLoader(folder));
        const loaders = { tsx: ["--import", "tsx"], pulumi: ["--require", register] };
        return await use({
            folder,
            program: (name) => join(folder, programs, `${name}.ts`),
            deploy: (name, { cache, loader }) =>
                answerOf<Answer>([...loaders[loader], join(folder, programs, "deploy.ts"), name], {
                    cwd: folder,
                    environment: environment({ XDG_CACHE_HOME: cache }),
                }),
        });
    } finally {
        rmSync(workshop, { recursive: true, force: true });
    }
}
