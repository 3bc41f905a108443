import { relative, sep } from "node:path";
import type { ArtefactPlan } from "./artefact-plan";
import type { BundleOptions, NodeRuntime } from "./bundle-options";
import { entryModule } from "./entry-module";
import { type ExtractedFile, extract, valuesModule } from "./extract";
import type { Location } from "./inline-error";
import { nearestFolderWith } from "./nearest-folder";
import type { WrittenValues } from "./write-values";

/** All that an artefact is made from. */
export interface ArtefactJob {
    readonly stage: string;
    /** Where its callback stands. */
    readonly location: Location;
    /** The folder that paths in the artefact start from: the user's project. */
    readonly project: string;
    readonly adapter: string;
    /** What is kept of the user's files, by absolute path. */
    readonly files: ReadonlyMap<string, ExtractedFile>;
    /** Generated modules, by the names they are imported by. */
    readonly modules: ReadonlyMap<string, string>;
    readonly bundle: BundleOptions;
    readonly runtime: NodeRuntime;
    /** Whether it reads outputs, which may have to come from parameters. */
    readonly readsOutputs: boolean;
}

/** The module that an artefact is bundled from. */
export const entryName = "sortline:entry";

interface JobOptions {
    readonly stage: string;
    readonly location: Location;
    readonly adapter: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly modules: Readonly<Record<string, string>>;
    readonly entry?: string;
    readonly bundle: BundleOptions;
    readonly runtime: NodeRuntime;
}

/** Writes down what an artefact is made from. */
export function artefactJob(plan: ArtefactPlan, values: WrittenValues, options: JobOptions): ArtefactJob {
    const { stage, location, adapter, modules, bundle, runtime } = options;
    return {
        stage,
        location,
        project: projectFolder(plan.main?.file ?? options.entry ?? location.file),
        adapter,
        files: new Map([...plan.files].map(([path, each]) => [path, extract(each, values.names)])),
        modules: new Map([
            ...Object.entries(modules),
            [valuesModule, values.module],
            [entryName, entryModule(plan, values, options)],
        ]),
        bundle,
        runtime,
        readsOutputs: Object.keys(values.environment).length > 0,
    };
}

function projectFolder(file: string): string {
    const folder = nearestFolderWith(file, ["Pulumi.yaml"]) ?? nearestFolderWith(file, ["package.json"]);
    return folder ?? file.slice(0, file.lastIndexOf(sep));
}

/** A file's path as it stands in an artefact, the same in any folder. */
export function pathInProject({ project }: ArtefactJob, file: string): string {
    return relative(project, file).split(sep).join("/");
}
