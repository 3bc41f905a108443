import { statSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { analyse } from "./analyse";
import { type ArtefactJob, artefactJob } from "./artefact-job";
import { artefactFolder } from "./batch";
import { type BundleOptions, bundleOptionProblems, type NodeRuntime } from "./bundle-options";
import { isPlainData } from "./data";
import type { Warn } from "./data-warnings";
import { formatLocation, InlineError, type Location, type Problem } from "./inline-error";
import { type LocatedCallback, locate } from "./locate";
import type { Grant } from "./permissions";
import { locationOf } from "./source-file";
import { type OutputRead, type WrittenValues, writeValues } from "./write-values";

export { type BundleOptions, bundleOptionProblems, esbuildLoaders, type NodeRuntime } from "./bundle-options";
export { callSite } from "./call-site";
export { secretWithin } from "./data-problem";
export { InlineError, type Location, type Problem, type StageProblem } from "./inline-error";
export { parametersEnvironment } from "./parameter-loader";
export {
    actionsWithoutResources,
    allow,
    allowOnAll,
    type Grant,
    type PolicyStatement,
    statementProblems,
} from "./permissions";
export { runTimeOnly } from "./run-time-only";
export {
    type HasRunTimeSide,
    hasRunTimeSide,
    type RunTimeMethod,
    type RunTimeSide,
    runTimeSide,
} from "./run-time-side";
export type { OutputRead } from "./write-values";

/** A callback of any signature: what `.stage()` and its like take. */
export type InlineCallback = (...args: never[]) => unknown;

/** A file whose default export is the handler: the way out where a closure cannot be taken along. */
export interface EntryFile {
    /** Path of the file; a relative one is the Pulumi project's. It is bundled as it is, and may capture nothing. */
    readonly entry: string;
}

/** How an inline callback becomes a Lambda function's code. */
export interface InlineOptions {
    /**
     * Absolute path of the ES module that surrounds the callback: it exports `adapt(callback, settings, callbacks)`, which
     * returns the Lambda handler `(event, context) => Promise<unknown>`.
     */
    readonly adapter: string;
    /** Plain data handed to `adapt` as its second argument; baked into the artefact. @default {} */
    readonly settings?: Readonly<Record<string, unknown>>;
    /** Generated ES modules that the adapter imports by these names, such as compiled validators. @default {} */
    readonly modules?: Readonly<Record<string, string>>;
    /** Further callbacks that the adapter calls by name, such as `partitionBy`: passed to `adapt` as its third argument. @default {} */
    readonly callbacks?: Readonly<Record<string, InlineCallback>>;
    /** How the code is bundled. @default minified, with all that it imports */
    readonly bundle?: BundleOptions;
    /** The runtime that the code is written for. @default "nodejs22.x" */
    readonly runtime?: NodeRuntime;
}

/** A callback made ready for `aws.lambda.Function`. */
export interface InlineFunction {
    /**
     * A folder archive with `index.js` and `index.js.map`, the same bytes for the same source. Rejects with an
     * `InlineError` that tells everything that is wrong with the callbacks of the program.
     */
    readonly code: pulumi.Output<pulumi.asset.Archive>;
    readonly handler: "index.handler";
    /** Outputs that the callback captured, by the name of the environment variable that carries each; some may be secret. */
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    /** What the callback's captured run-time methods must be allowed to do, and which code needs it. */
    readonly grants: readonly Grant[];
    /** Outputs that the callback reads by itself: what it may do with them is the program's to say, by `allow`. */
    readonly reads: readonly OutputRead[];
    /** Where the callback stands, for messages: absolute file, 1-based line and column. */
    readonly location: Location;
}

const nowhere: Location = { file: "(no file)", line: 1, column: 1 };

/**
 * Makes a Lambda artefact from a function written in a Pulumi program: what it captures travels as code, data or
 * environment variables, and the run-time methods that it calls say what it must be allowed to do. Data is taken now; the
 * artefacts of a program are bundled together once it has made its stages.
 *
 * What cannot travel makes `code` reject with an `InlineError`: all problems of all callbacks, each with file, line and
 * column.
 *
 * @param stage Name for messages.
 */
export function inline(stage: string, callback: InlineCallback | EntryFile, options: InlineOptions): InlineFunction {
    try {
        const { job, values } = prepare(stage, callback, options);
        return finished(job.location, job, values);
    } catch (error) {
        if (!(error instanceof InlineError)) throw error;
        return finished(error.problems[0]?.location ?? nowhere, error);
    }
}

function finished(location: Location, job: ArtefactJob | InlineError, values?: WrittenValues): InlineFunction {
    const archive = artefactFolder(job).then((folder): pulumi.asset.Archive => new pulumi.asset.FileArchive(folder));
    return {
        code: pulumi.output(archive),
        handler: "index.handler",
        environment: values?.environment ?? {},
        grants: values?.grants ?? [],
        reads: values?.reads ?? [],
        location,
    };
}

function prepare(
    stage: string,
    callback: InlineCallback | EntryFile,
    options: InlineOptions,
): { readonly job: ArtefactJob; readonly values: WrittenValues } {
    const { adapter, settings = {}, modules = {}, callbacks = {}, bundle = {}, runtime = "nodejs22.x" } = options;
    const entry = typeof callback === "object" && callback !== null ? resolve(callback.entry) : undefined;
    const main = entry === undefined ? locate(stage, callback as InlineCallback) : undefined;
    const location = main?.location ?? { file: entry ?? "", line: 1, column: 1 };
    const others = new Map<string, LocatedCallback>();
    for (const [name, each] of Object.entries(callbacks)) others.set(name, locate(`${stage}, ${name}`, each));

    const problems: Problem[] = bundleOptionProblems(bundle).map((what) => ({
        location,
        what: `its bundle options are wrong: ${what}`,
        remedy: "Correct the stage's bundle options",
    }));
    if (entry !== undefined && !statSync(entry, { throwIfNoEntry: false })?.isFile()) {
        problems.push({
            location,
            what: `${entry} is no file`,
            remedy: "Correct the path: it starts at the project's folder",
        });
    }
    if (!isPlainData(settings)) {
        const what = "its settings are no plain data";
        problems.push({ location, what, remedy: "Give numbers, texts, and lists and objects of them" });
    }
    if (problems.length > 0) throw InlineError.of(stage, problems);

    const warn: Warn = (at, file, what) => {
        void pulumi.log.warn(`stage "${stage}": ${what}\n    at ${formatLocation(locationOf(file, at.node))}`);
    };
    const plan = analyse(stage, main, others, bundle.external ?? [], warn);
    const values = writeValues(plan);
    const job = artefactJob(plan, values, { stage, location, adapter, settings, modules, entry, bundle, runtime });
    return { job, values };
}
