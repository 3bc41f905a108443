import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type BuildFailure, type BuildOptions, build, type Message, type Metafile, type Plugin } from "esbuild";
import type { ArtefactPlan, EntryCallback } from "./artefact-plan";
import { type ExtractedFile, extract, valuesModule } from "./extract";
import { InlineError, type Problem } from "./inline-error";
import { isSortlineEntry, resolveSortlinePart, sortlineRoot } from "./module-resolution";
import { nearestFolderWith } from "./nearest-folder";
import { runTimeModule } from "./run-time-exports";
import { keepUserFiles, type MappedFile, originalColumn, type PlainSourceMap } from "./source-map";
import { literal, literalKey } from "./write-data";
import type { WrittenValues } from "./write-values";

/** What goes into an artefact beside the user's code. */
export interface BundleOptions {
    readonly stage: string;
    readonly adapter: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly modules: Readonly<Record<string, string>>;
}

const generated = "sortline-generated";
const deployOnly = "sortline-deploy-only";

/** Makes the callbacks of the values and functions that they capture, each after those that it needs. */
function callbackLines(entries: readonly EntryCallback[], values: WrittenValues): string[] {
    return entries.map((entry, index) => {
        const given = entry.planned.parameters.map((name) => {
            const captured = entry.functions.get(name);
            if (!captured) return values.names.get(entry.values.get(name)) ?? "undefined";
            const at = entries.indexOf(captured);
            // Functions that need each other: one of them is not made yet.
            return at < index ? `callback${at}` : `function (...given) { return callback${at}.apply(this, given); }`;
        });
        return `const callback${index} = entry${index}${given.length === 0 ? "" : `(${given.join(", ")})`};`;
    });
}

function entryModule({ main, others, entries }: ArtefactPlan, values: WrittenValues, options: BundleOptions): string {
    const lines = [`import { adapt } from ${JSON.stringify(options.adapter)};`];
    entries.forEach((each, index) => {
        lines.push(`import { ${each.planned.exportName} as entry${index} } from ${JSON.stringify(each.file)};`);
    });
    const used = new Set(
        entries.flatMap((each) => each.planned.parameters.map((name) => values.names.get(each.values.get(name)))),
    );
    const names = [...used].filter((name) => name !== undefined);
    if (names.length > 0) lines.push(`import { ${names.join(", ")} } from ${JSON.stringify(valuesModule)};`);
    lines.push(...callbackLines(entries, values));
    const callback = (entry: EntryCallback) => `callback${entries.indexOf(entry)}`;
    const named = [...others].map(([name, each]) => `${literalKey(name)}: ${callback(each)}`);
    lines.push(
        `export const handler = adapt(${callback(main)}, ${literal(options.settings)}, { ${named.join(", ")} });`,
    );
    return lines.join("\n");
}

function exactly(paths: Iterable<string>): RegExp {
    return new RegExp(`^(?:${[...paths].map((path) => path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})$`);
}

function artefactPlugin(
    files: ReadonlyMap<string, ExtractedFile>,
    virtual: ReadonlyMap<string, string>,
    adapter: string,
): Plugin {
    return {
        name: "sortline",
        setup({ onResolve, onLoad }) {
            onResolve({ filter: exactly(virtual.keys()) }, ({ path }) => ({ path, namespace: generated }));
            onLoad({ filter: /.*/, namespace: generated }, ({ path }) => ({
                contents: virtual.get(path) ?? "",
                loader: "js",
                resolveDir: dirname(adapter),
            }));
            onResolve({ filter: /^sortline\// }, ({ path }) => {
                const target = resolveSortlinePart(path);
                return target === undefined ? undefined : { path: target };
            });
            // Only paths that end in the package's own entry need a second look.
            onResolve(
                { filter: /(^\.{1,2}|\/\.\.|components|index|\/\.)(\.[cm]?[jt]s)?\/?$/ },
                ({ path, resolveDir, kind }) => {
                    if (kind === "entry-point" || !/^\.{1,2}(\/|$)/.test(path)) return undefined;
                    const base = resolve(resolveDir, path);
                    const reaches = [base, `${base}.ts`, join(base, "index.ts")].some((each) => isSortlineEntry(each));
                    return reaches ? { path: "sortline", namespace: generated } : undefined;
                },
            );
            onResolve({ filter: /^@pulumi\// }, ({ path }) => ({ path, namespace: deployOnly, sideEffects: false }));
            onLoad({ filter: /.*/, namespace: deployOnly }, () => ({ contents: "module.exports = {};", loader: "js" }));
            onLoad({ filter: exactly(files.keys()) }, ({ path, namespace }) => {
                const file = namespace === "file" ? files.get(path) : undefined;
                if (!file) return undefined;
                const ending = path.slice(path.lastIndexOf("."));
                const loader = /^\.[cm]?ts$/.test(ending) ? "ts" : ending === ".tsx" ? "tsx" : "jsx";
                return { contents: file.code, loader, resolveDir: dirname(path) };
            });
        },
    };
}

/** Fails when code that exists only while deploying got in by a way that the analysis does not follow. */
function refuseDeployOnly(stage: string, metafile: Metafile): void {
    for (const output of Object.values(metafile.outputs)) {
        for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
            if (!input.startsWith(`${deployOnly}:`) || bytesInOutput === 0) continue;
            const importers = Object.entries(metafile.inputs)
                .filter(([, each]) => each.imports.some((imported) => imported.path === input))
                .map(([path]) => path);
            throw new Error(
                `stage "${stage}": ${input.slice(deployOnly.length + 1)} exists only while deploying, and is used by ${importers.join(", ")}\n` +
                    "    Import what the handler needs from a file that does not use it",
            );
        }
    }
}

/** The folder that the source map's paths start from: the user's project. */
function projectFolder(file: string): string {
    const folder = dirname(file);
    return nearestFolderWith(folder, ["Pulumi.yaml"]) ?? nearestFolderWith(folder, ["package.json"]) ?? folder;
}

function userFiles(map: PlainSourceMap, project: string, files: ReadonlyMap<string, ExtractedFile>, adapter: string) {
    const kept = new Map<number, MappedFile>();
    map.sources.forEach((source, index) => {
        const path = isAbsolute(source) ? source : resolve(project, source);
        const ours = relative(join(sortlineRoot(), "components"), path);
        if (source.includes(":") || path.split(sep).includes("node_modules")) return;
        // What surrounds a callback is this package's matter, not the user's.
        if (!files.has(path) && (path === adapter || !ours.startsWith(".."))) return;
        kept.set(index, {
            name: relative(project, path).split(sep).join("/"),
            insertions: files.get(path)?.insertions ?? [],
        });
    });
    return kept;
}

function problemOf({ text, location }: Message, project: string, files: ReadonlyMap<string, ExtractedFile>): Problem {
    const file = resolve(project, location?.file ?? "");
    const line = location?.line ?? 1;
    const column = originalColumn(files.get(file)?.insertions ?? [], line, location?.column ?? 0) + 1;
    return {
        location: { file, line, column },
        what: text,
        remedy: "Correct it here, or keep it out of what the handler uses",
    };
}

/** Builds, with failures as they are told of everywhere: by stage, file, line and column. */
async function readable<T extends BuildOptions & { write: false; metafile: true }>(
    stage: string,
    project: string,
    files: ReadonlyMap<string, ExtractedFile>,
    options: T,
) {
    try {
        const result = await build<BuildOptions & { write: false; metafile: true }>(options);
        // A name that its module does not export would be undefined at run time.
        const missing = result.warnings.filter((each) => each.id === "import-is-undefined");
        if (missing.length === 0) return result;
        throw new InlineError(
            stage,
            missing.map((each) => problemOf(each, project, files)),
        );
    } catch (error) {
        if (!(error instanceof Error) || !("errors" in error) || !Array.isArray(error.errors)) throw error;
        const { errors } = error as BuildFailure;
        throw new InlineError(
            stage,
            errors.map((each) => problemOf(each, project, files)),
        );
    }
}

/** Bundles a planned artefact into one file and its source map. Rejects with a readable error. */
export async function bundle(
    plan: ArtefactPlan,
    values: WrittenValues,
    options: BundleOptions,
): Promise<Map<string, string>> {
    const files = new Map([...plan.files].map(([path, each]) => [path, extract(each, values.names)]));
    const project = projectFolder(plan.main.file);
    const entry = "sortline:entry";
    const virtual = new Map([
        ...Object.entries(options.modules),
        ["sortline", runTimeModule()] as const,
        [valuesModule, values.module] as const,
        [entry, entryModule(plan, values, options)] as const,
    ]);
    const result = await readable(options.stage, project, files, {
        entryPoints: [{ in: entry, out: "index" }],
        bundle: true,
        write: false,
        metafile: true,
        minify: true,
        platform: "node",
        target: "node22",
        format: "cjs",
        mainFields: ["module", "main"],
        outdir: project,
        absWorkingDir: project,
        sourcemap: "external",
        sourcesContent: false,
        legalComments: "none",
        logLevel: "silent",
        plugins: [artefactPlugin(files, virtual, options.adapter)],
    });
    refuseDeployOnly(options.stage, result.metafile);
    const output = (ending: string) => result.outputFiles.find((each) => each.path.endsWith(ending))?.text ?? "";
    const map = JSON.parse(output("index.js.map")) as PlainSourceMap;
    const filtered = keepUserFiles(map, userFiles(map, project, files, options.adapter));
    return new Map([
        ["index.js", `${output("index.js")}//# sourceMappingURL=index.js.map\n`],
        ["index.js.map", `${JSON.stringify(filtered)}\n`],
    ]);
}
