import { type BuildFailure, build, type Message, type Metafile } from "esbuild";
import { type ArtefactJob, pathInProject } from "./artefact-job";
import { type PartSize, sizesOf } from "./artefact-size";
import { targetOf } from "./bundle-options";
import { artefactPlugin, deployOnly, entryPoint, fileOf } from "./esbuild-plugin";
import { InlineError, type Problem } from "./inline-error";
import { sortlineRoot } from "./module-resolution";
import { addonRemedy, nativeAddonMet } from "./native-addon";
import { addedLines, withParameters } from "./parameter-loader";
import { keepUserFiles, type MappedFile, moveDown, originalColumn, type PlainSourceMap } from "./source-map";

/** A bundled artefact, in memory. */
export interface Bundle {
    /** Texts by their names in the artefact. */
    readonly files: ReadonlyMap<string, string>;
    /** Absolute paths of the files of this machine that it was made from. */
    readonly inputs: readonly string[];
    readonly sizes: readonly PartSize[];
}

/** What jobs must agree on to share a run of esbuild. */
function runOf({ project, runtime, bundle: { external, define, loader, minify } }: ArtefactJob): string {
    return JSON.stringify([project, runtime, external, define, loader, minify]);
}

/**
 * Bundles artefacts, those with the same options in one run of esbuild: packages are read once for all. Never rejects for
 * what is wrong with a job: that is its entry in the result.
 */
export async function bundle(jobs: readonly ArtefactJob[]): Promise<ReadonlyMap<ArtefactJob, Bundle | InlineError>> {
    const runs = Map.groupBy(jobs, runOf);
    const results = await Promise.all([...runs.values()].map(bundleTogether));
    return new Map(results.flatMap((each) => [...each]));
}

async function bundleTogether(jobs: readonly ArtefactJob[]): Promise<ReadonlyMap<ArtefactJob, Bundle | InlineError>> {
    try {
        return await run(jobs);
    } catch (error) {
        const [only, ...others] = jobs;
        if (only === undefined || !isBuildFailure(error)) throw error;
        if (others.length === 0) {
            const problems = error.errors.map((each) => problemOf(each, new Map([[namespaceOf(only, 0), only]]), only));
            return new Map([[only, InlineError.of(only.stage, problems)]]);
        }
        // esbuild does not say which entry an error belongs to: alone each tells its own.
        const results = await Promise.all(jobs.map((each) => bundleTogether([each])));
        return new Map(results.flatMap((each) => [...each]));
    }
}

function isBuildFailure(error: unknown): error is BuildFailure {
    return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

/** Readable code names it in comments; the number keeps two jobs of one name apart. */
function namespaceOf({ stage }: ArtefactJob, sameName: number): string {
    const name = `stage-${stage.replace(/[^A-Za-z0-9-]+/g, "-")}`;
    return sameName === 0 ? name : `${name}.${sameName}`;
}

function namespaces(jobs: readonly ArtefactJob[]): ReadonlyMap<string, ArtefactJob> {
    const named = new Map<string, ArtefactJob>();
    for (const job of jobs) {
        let sameName = 0;
        while (named.has(namespaceOf(job, sameName))) sameName++;
        named.set(namespaceOf(job, sameName), job);
    }
    return named;
}

async function run(jobs: readonly ArtefactJob[]): Promise<ReadonlyMap<ArtefactJob, Bundle | InlineError>> {
    const named = namespaces(jobs);
    const [first] = jobs;
    if (first === undefined) return new Map();
    const { project, runtime, bundle: options } = first;
    const places = [...named.keys()].map((namespace, index) => ({ namespace, out: `${index}/index` }));
    const { outputFiles, metafile, warnings } = await build({
        entryPoints: places.map(({ namespace, out }) => ({ in: entryPoint(namespace), out })),
        bundle: true,
        write: false,
        metafile: true,
        minify: options.minify ?? true,
        platform: "node",
        target: targetOf(runtime),
        format: "cjs",
        mainFields: ["module", "main"],
        external: [...(options.external ?? [])],
        define: { ...options.define },
        loader: { ...options.loader },
        outdir: project,
        absWorkingDir: project,
        sourcemap: "external",
        sourcesContent: false,
        legalComments: "none",
        logLevel: "silent",
        plugins: [artefactPlugin(named)],
    });
    const texts = new Map(
        outputFiles.map(({ path, text }) => [path.slice(project.length + 1).replaceAll("\\", "/"), text]),
    );
    // A name that its module does not export would be undefined at run time.
    const missing = warnings.filter((each) => each.id === "import-is-undefined");
    return new Map(
        places.map(({ namespace, out }): [ArtefactJob, Bundle | InlineError] => {
            const job = named.get(namespace) ?? first;
            const output = metafile.outputs[`${out}.js`];
            const problems = [
                ...missing
                    .filter(({ location }) => location?.file.startsWith(`${namespace}:`))
                    .map((each) => problemOf(each, named, job)),
                ...leftOvers(job, output, metafile),
            ];
            if (problems.length > 0) return [job, InlineError.of(job.stage, problems)];
            const code = texts.get(`${out}.js`) ?? "";
            const map = JSON.parse(texts.get(`${out}.js.map`) ?? "") as PlainSourceMap;
            const userMap = keepUserFiles(map, userFiles(map, namespace, job));
            return [
                job,
                {
                    files: filesOf(job, code, userMap),
                    inputs: inputsOf(namespace, job, output),
                    sizes: sizesOf(output?.inputs ?? {}, (input) => partName(input, namespace)),
                },
            ];
        }),
    );
}

function filesOf({ readsOutputs, bundle: { minify = true } }: ArtefactJob, code: string, map: PlainSourceMap) {
    const whole = readsOutputs ? withParameters(code, minify) : code;
    return new Map([
        ["index.js", `${whole}//# sourceMappingURL=index.js.map\n`],
        ["index.js.map", `${JSON.stringify(readsOutputs ? moveDown(map, addedLines) : map)}\n`],
    ]);
}

type Output = Metafile["outputs"][string] | undefined;

/** The file of this machine behind an input's name; undefined for a generated one. */
function inputFile(input: string, namespace: string, job: ArtefactJob): string | undefined {
    if (input.startsWith(`${namespace}:`)) {
        const name = input.slice(namespace.length + 1);
        return job.modules.has(name) ? undefined : fileOf(job, name);
    }
    return input.startsWith("sortline-") ? undefined : fileOf(job, input);
}

function inputsOf(namespace: string, job: ArtefactJob, output: Output): string[] {
    return Object.keys(output?.inputs ?? {})
        .map((input) => inputFile(input, namespace, job))
        .filter((each) => each !== undefined);
}

function partName(input: string, namespace: string): string {
    if (input.startsWith(`${namespace}:sortline:`)) return "what is generated for the function";
    if (input.startsWith(`${namespace}:`)) return input.slice(namespace.length + 1);
    return /(^|\/)components\/runtime\//.test(input) || input.startsWith("sortline-") ? "sortline" : input;
}

/** What exists only while deploying and got in by a way that the analysis does not follow, and native addons. */
function leftOvers(job: ArtefactJob, output: Output, metafile: Metafile): Problem[] {
    const problems: Problem[] = [];
    for (const [input, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
        if (!input.startsWith(`${deployOnly}:`) || bytesInOutput === 0) continue;
        const importers = Object.keys(output?.inputs ?? {}).filter((path) =>
            metafile.inputs[path]?.imports.some((imported) => imported.path === input),
        );
        problems.push({
            location: job.location,
            what: `${input.slice(deployOnly.length + 1)} exists only while deploying, and is used by ${importers.join(", ")}`,
            remedy: "Import what the handler needs from a file that does not use it",
        });
    }
    return problems;
}

function userFiles(map: PlainSourceMap, namespace: string, job: ArtefactJob): ReadonlyMap<number, MappedFile> {
    const kept = new Map<number, MappedFile>();
    const ours = pathInProject(job, sortlineRoot());
    map.sources.forEach((source, index) => {
        if (!source.startsWith(`${namespace}:`)) return;
        const name = source.slice(namespace.length + 1);
        const file = fileOf(job, name);
        const extracted = job.files.get(file);
        // What surrounds a callback is this package's matter, not the user's.
        if (job.modules.has(name) || file === job.adapter) return;
        if (extracted === undefined && (name.startsWith(`${ours}/components/`) || /(^|\/)node_modules\//.test(name)))
            return;
        kept.set(index, { name, insertions: extracted?.insertions ?? [] });
    });
    return kept;
}

/** A message of esbuild's as problems are told of everywhere: by file, line and column of the author's. */
function problemOf({ text, location }: Message, named: ReadonlyMap<string, ArtefactJob>, job: ArtefactJob): Problem {
    const addon = nativeAddonMet(text);
    // The package's own file is of no use to the person: the callback that reaches it is.
    if (addon !== undefined) {
        return { location: job.location, what: `it uses the native addon "${addon}"`, remedy: addonRemedy };
    }
    const remedy = "Correct it here, or keep it out of what the handler uses";
    if (location === null) return { location: job.location, what: text, remedy };
    const [, namespace = "", name = location.file] = /^([A-Za-z0-9.-]+):(.*)$/s.exec(location.file) ?? [];
    const file = fileOf(job, name);
    const insertions = named.get(namespace)?.files.get(file)?.insertions ?? [];
    const column = originalColumn(insertions, location.line, location.column) + 1;
    return { location: { file, line: location.line, column }, what: text, remedy };
}
