import { readFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import {
    type Loader,
    type OnLoadResult,
    type OnResolveArgs,
    type OnResolveResult,
    type Plugin,
    type TransformFailure,
    transform,
} from "esbuild";
import { type ArtefactJob, entryName, pathInProject } from "./artefact-job";
import { isSortlineEntry, resolveSortlinePart, resolveUserFile, sortlineRoot } from "./module-resolution";
import { runTimeModule } from "./run-time-exports";
import { compilerOptionsOf } from "./typescript-settings";

/** Files, and code in them, that mean something else by the settings of tsconfig.json: fields, decorators, JSX. */
const meansMore = /\.([cm]?ts|[jt]sx)$/;
const mayDiffer = /\bclass\b|<\/|\/>/;

/** Namespace of modules that exist only while deploying: whatever is left of them in an artefact is an error. */
export const deployOnly = "sortline-deploy-only";
const packageNamespace = "sortline-run-time";
const entryPrefix = "sortline-entry:";

const loaders: Readonly<Record<string, Loader>> = {
    ".ts": "ts",
    ".mts": "ts",
    ".cts": "ts",
    ".tsx": "tsx",
    ".js": "jsx",
    ".mjs": "jsx",
    ".cjs": "jsx",
    ".jsx": "jsx",
    ".json": "json",
    ".txt": "text",
};

/** The entry point of a job that is bundled under this namespace. */
export function entryPoint(namespace: string): string {
    return entryPrefix + namespace;
}

/** A file of this machine behind a module's name in a job's namespace. */
export function fileOf(job: ArtefactJob, name: string): string {
    return resolve(job.project, name);
}

/** The package folder that a file in `node_modules` belongs to. */
function packageFolder(file: string): string | undefined {
    return /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+[/\\]/.exec(file)?.[0];
}

/**
 * Resolves and loads the modules of many artefacts in one run. What belongs to one artefact alone lies in a namespace of
 * its own: the generated modules, what is kept of the user's files, and the files beside them. Packages, and this
 * package's run-time modules, are read once for all.
 */
export function artefactPlugin(jobs: ReadonlyMap<string, ArtefactJob>): Plugin {
    return {
        name: "sortline",
        setup({ onResolve, onLoad }) {
            onResolve({ filter: new RegExp(`^${entryPrefix}`) }, ({ path }) => ({
                path: entryName,
                namespace: path.slice(entryPrefix.length),
            }));
            onResolve({ filter: /^@pulumi\// }, ({ path }) => ({ path, namespace: deployOnly, sideEffects: false }));
            onLoad({ filter: /.*/, namespace: deployOnly }, () => ({ contents: "module.exports = {};", loader: "js" }));
            onResolve({ filter: /^sortline$/ }, () => ({ path: "sortline", namespace: packageNamespace }));
            onLoad({ filter: /.*/, namespace: packageNamespace }, () => ({
                contents: runTimeModule(),
                loader: "js",
                resolveDir: sortlineRoot(),
            }));
            for (const [namespace, job] of jobs) {
                const own = new OwnModules(namespace, job);
                onResolve({ filter: /.*/, namespace }, (args) => own.resolve(args));
                onLoad({ filter: /.*/, namespace }, ({ path }) => own.load(path));
            }
            onResolve({ filter: /^sortline\// }, ({ path }) => {
                const target = resolveSortlinePart(path);
                return target === undefined ? undefined : { path: target };
            });
        },
    };
}

/** The modules that belong to one artefact alone. */
class OwnModules {
    readonly #namespace: string;
    readonly #job: ArtefactJob;
    readonly #packages: ReadonlySet<string>;

    constructor(namespace: string, job: ArtefactJob) {
        this.#namespace = namespace;
        this.#job = job;
        this.#packages = new Set([...job.files.keys()].map(packageFolder).filter((each) => each !== undefined));
    }

    /** Where an import in one of them leads; undefined for esbuild to decide. */
    resolve({ path, importer }: OnResolveArgs): OnResolveResult | undefined {
        if (this.#job.modules.has(path)) return { path, namespace: this.#namespace };
        const target = resolveSortlinePart(path) ?? resolveUserFile(fileOf(this.#job, importer), path);
        if (target === undefined) return undefined;
        if (isSortlineEntry(target)) return { path: "sortline", namespace: packageNamespace };
        if (!this.#owns(target)) return { path: target };
        return { path: pathInProject(this.#job, target), namespace: this.#namespace };
    }

    async load(name: string): Promise<OnLoadResult> {
        const module = this.#job.modules.get(name);
        if (module !== undefined) return { contents: module, loader: "js", resolveDir: dirname(this.#job.adapter) };
        const file = fileOf(this.#job, name);
        const ending = extname(file);
        const loader = (this.#job.bundle.loader as Record<string, Loader> | undefined)?.[ending] ?? loaders[ending];
        const extracted = this.#job.files.get(file);
        if (loader === undefined) {
            const text = `No loader is configured for "${ending}" files: ${name}. Give one in the stage's bundle options, for example loader: { "${ending}": "text" }`;
            return { errors: [{ text }] };
        }
        const contents = extracted?.code ?? readFileSync(file, "utf8");
        if (!meansMore.test(file) || !mayDiffer.test(contents)) return { contents, loader, resolveDir: dirname(file) };
        // esbuild looks for tsconfig.json beside files that it finds itself, and these it does not.
        try {
            const { code } = await transform(contents, {
                loader,
                sourcefile: `${this.#namespace}:${name}`,
                sourcemap: "inline",
                target: "esnext",
                tsconfigRaw: { compilerOptions: compilerOptionsOf(file) },
            });
            return { contents: code, loader: "js", resolveDir: dirname(file) };
        } catch (error) {
            const { errors } = error as TransformFailure;
            const place = { file: name, namespace: this.#namespace };
            return {
                errors: errors.map(({ text, location }) => ({ text, location: location && { ...location, ...place } })),
            };
        }
    }

    /** True for a file that other artefacts may see otherwise, or that may reach one. */
    #owns(file: string): boolean {
        if (file === this.#job.adapter || this.#job.files.has(file)) return true;
        const folder = packageFolder(file);
        if (folder !== undefined) return this.#packages.has(folder);
        return relative(join(sortlineRoot(), "components", "runtime"), file).split(sep)[0] === "..";
    }
}
