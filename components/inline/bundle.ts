import { type BuildFailure, type BuildResult, build } from "esbuild";
import type { ArtefactJob } from "./artefact-job";
import type { PartSize } from "./artefact-size";
import { type BundleInputs, bundleInputs, PackageFolders } from "./bundle-inputs";
import { esbuildSettings } from "./bundle-options";
import { BundledOutput, problemOf } from "./bundled-output";
import { artefactPlugin, entryPoint } from "./esbuild-plugin";
import { importMetaDefinitions, withImportMeta } from "./import-meta";
import { InlineError } from "./inline-error";
import { addedLines, withParameters } from "./parameter-loader";
import { keepUserFiles, moveDown, type PlainSourceMap } from "./source-map";

/** A bundled artefact, in memory. */
export interface Bundle {
    /** Texts by their names in the artefact. */
    readonly files: ReadonlyMap<string, string>;
    readonly inputs: BundleInputs;
    readonly sizes: readonly PartSize[];
}

type Results = ReadonlyMap<ArtefactJob, Bundle | InlineError>;

/** What jobs must agree on to share a run of esbuild. */
function runOf({ project, runtime, bundle: { external, define, loader, minify } }: ArtefactJob): string {
    return JSON.stringify([project, runtime, external, define, loader, minify]);
}

/**
 * Bundles artefacts, those with the same options in one run of esbuild: packages are read once for all, and each comes out
 * as it would alone. Never rejects for what is wrong with a job: that is its entry in the result.
 */
export async function bundle(jobs: readonly ArtefactJob[]): Promise<Results> {
    const runs = Map.groupBy(jobs, runOf);
    const results = await Promise.all([...runs.values()].map(bundleTogether));
    return new Map(results.flatMap((each) => [...each]));
}

async function bundleTogether(jobs: readonly ArtefactJob[]): Promise<Results> {
    const named = namespaces(jobs);
    try {
        return await read(await run(named), named);
    } catch (error) {
        const [only, ...others] = named;
        if (only === undefined || !isBuildFailure(error)) throw error;
        if (others.length === 0) {
            const [namespace, job] = only;
            const problems = error.errors.map((each) => problemOf(each, namespace, job));
            return new Map([[job, InlineError.of(job.stage, problems)]]);
        }
        // esbuild does not say which entry an error belongs to: alone each tells its own.
        const results = await Promise.all(jobs.map((each) => bundleTogether([each])));
        return new Map(results.flatMap((each) => [...each]));
    }
}

function isBuildFailure(error: unknown): error is BuildFailure {
    return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

/** Names for jobs by their stages, which readable code shows in comments; a number keeps two of one name apart. */
function namespaces(jobs: readonly ArtefactJob[]): ReadonlyMap<string, ArtefactJob> {
    const named = new Map<string, ArtefactJob>();
    for (const job of jobs) {
        const name = `stage-${job.stage.replace(/[^A-Za-z0-9-]+/g, "-")}`;
        let namespace = name;
        for (let same = 1; named.has(namespace); same++) namespace = `${name}.${same}`;
        named.set(namespace, job);
    }
    return named;
}

type Run = BuildResult<{ write: false; metafile: true }>;

/** The name of the output of the n-th job. All lie equally deep: a source map's paths start from there. */
function outputName(index: number): string {
    return `${index}/index`;
}

function run(named: ReadonlyMap<string, ArtefactJob>): Promise<Run> {
    const [first] = named.values();
    if (first === undefined) throw new Error("nothing to bundle");
    const { project, runtime, bundle: options } = first;
    return build({
        entryPoints: [...named.keys()].map((namespace, index) => ({
            in: entryPoint(namespace),
            out: outputName(index),
        })),
        ...esbuildSettings(runtime, options.minify ?? true),
        metafile: true,
        external: [...(options.external ?? [])],
        define: { ...importMetaDefinitions, ...options.define },
        loader: { ...options.loader },
        outdir: project,
        absWorkingDir: project,
        sourcemap: "external",
        sourcesContent: false,
        plugins: [artefactPlugin(named)],
    });
}

/** Takes the artefacts out of a run. */
async function read(
    { outputFiles, metafile, warnings }: Run,
    named: ReadonlyMap<string, ArtefactJob>,
): Promise<Results> {
    const textOf = (name: string) =>
        outputFiles.find(({ path }) => path.replaceAll("\\", "/").endsWith(`/${name}`))?.text ?? "";
    const folders = new PackageFolders();
    // A name that its module does not export would be undefined at run time.
    const missing = warnings.filter((each) => each.id === "import-is-undefined");
    const results = [...named].map(async ([namespace, job], index): Promise<[ArtefactJob, Bundle | InlineError]> => {
        const name = outputName(index);
        const output = new BundledOutput(job, namespace, metafile.outputs[`${name}.js`]?.inputs ?? {});
        const own = missing.filter(({ location }) => location?.file.startsWith(`${namespace}:`));
        const problems = [...own.map((each) => problemOf(each, namespace, job)), ...output.problems(metafile)];
        if (problems.length > 0) return [job, InlineError.of(job.stage, problems)];
        const map = JSON.parse(textOf(`${name}.js.map`)) as PlainSourceMap;
        const files = await filesOf(job, textOf(`${name}.js`), keepUserFiles(map, output.userFiles(map)));
        return [job, { files, inputs: bundleInputs(job, namespace, metafile, folders), sizes: output.sizes() }];
    });
    return new Map(await Promise.all(results));
}

async function filesOf(
    { readsOutputs, bundle: { minify = true } }: ArtefactJob,
    code: string,
    map: PlainSourceMap,
): Promise<ReadonlyMap<string, string>> {
    const meta = withImportMeta(code);
    const whole = readsOutputs ? await withParameters(meta.code, minify) : meta.code;
    const moved = moveDown(map, meta.addedLines + (readsOutputs ? addedLines : 0));
    return new Map([
        ["index.js", `${whole}//# sourceMappingURL=index.js.map\n`],
        ["index.js.map", `${JSON.stringify(moved)}\n`],
    ]);
}
