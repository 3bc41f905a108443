import { realpathSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import type { Metafile } from "esbuild";
import { type ArtefactJob, entryName } from "./artefact-job";
import { fileOf } from "./esbuild-plugin";
import { isInstalled, isRelative, packageFolder, packageName, resolveUserFile } from "./module-resolution";

/** All that decided what an artefact became: when none of it has changed, it would come out the same. */
export interface BundleInputs {
    /** Absolute paths of the files that were read, also of those of which nothing is left, and of packages' manifests. */
    readonly files: readonly string[];
    /** What the author's imports led to: importing file, specifier, file. */
    readonly imports: readonly (readonly [string, string, string])[];
    /** Folders of packages as importers see them, and where they really are: installers link them. */
    readonly packages: readonly (readonly [string, string])[];
}

/** Finds the folder of a package that a file imports, once for each folder and package. */
export class PackageFolders {
    readonly #known = new Map<string, string | undefined>();

    of(importer: string, name: string): string | undefined {
        const key = `${dirname(importer)}\0${name}`;
        if (!this.#known.has(key)) this.#known.set(key, packageFolder(name, importer));
        return this.#known.get(key);
    }
}

/** The inputs of the artefact that was bundled under a namespace, in a run of many. */
export function bundleInputs(
    job: ArtefactJob,
    namespace: string,
    { inputs }: Metafile,
    folders: PackageFolders,
): BundleInputs {
    const files = new Set<string>();
    const imports: [string, string, string][] = [];
    const packages = new Map<string, string>();
    const fileBehind = (input: string): string | undefined => {
        if (input.startsWith(`${namespace}:`)) {
            const name = input.slice(namespace.length + 1);
            return job.modules.has(name) ? undefined : fileOf(job, name);
        }
        return /^(sortline-|stage-)[^/]*:/.test(input) ? undefined : fileOf(job, input);
    };
    const waiting = [`${namespace}:${entryName}`];
    const visited = new Set(waiting);
    for (let input = waiting.pop(); input !== undefined; input = waiting.pop()) {
        const file = fileBehind(input);
        if (file !== undefined) files.add(file);
        // What is generated finds packages beside the adapter.
        const importer = file ?? job.adapter;
        for (const { path, original, external } of inputs[input]?.imports ?? []) {
            if (!external && !visited.has(path)) {
                visited.add(path);
                waiting.push(path);
            }
            if (original === undefined || isBuiltin(original)) continue;
            const target = external ? undefined : fileBehind(path);
            if (file !== undefined && !isInstalled(file) && resolveUserFile(file, original) === target) {
                if (target !== undefined) imports.push([file, original, target]);
                continue;
            }
            if (isRelative(original) || original.startsWith("#") || original.startsWith("sortline:")) continue;
            const folder = folders.of(importer, packageName(original));
            if (folder === undefined || packages.has(folder)) continue;
            packages.set(folder, realpathSync(folder));
            files.add(join(folder, "package.json"));
        }
    }
    return { files: [...files], imports, packages: [...packages] };
}
