import type { Message, Metafile } from "esbuild";
import { type ArtefactJob, pathInProject } from "./artefact-job";
import { type PartSize, sizesOf } from "./artefact-size";
import { deployOnly, fileOf } from "./esbuild-plugin";
import type { Problem } from "./inline-error";
import { sortlineRoot } from "./module-resolution";
import { addonRemedy, nativeAddonMet, nativeAddonOf } from "./native-addon";
import { type MappedFile, originalColumn, type PlainSourceMap } from "./source-map";

type Inputs = Metafile["outputs"][string]["inputs"];

/** What esbuild tells of the artefact of one job, which it bundled under a namespace. */
export class BundledOutput {
    readonly #job: ArtefactJob;
    readonly #namespace: string;
    readonly #inputs: Inputs;

    constructor(job: ArtefactJob, namespace: string, inputs: Inputs) {
        this.#job = job;
        this.#namespace = namespace;
        this.#inputs = inputs;
    }

    /** What takes the room, the largest first. */
    sizes(): readonly PartSize[] {
        return sizesOf(this.#inputs, (input) => {
            const own = this.#own(input);
            if (own?.startsWith("sortline:")) return "what is generated for the function";
            if (own !== undefined) return own;
            return /(^|\/)components\/runtime\//.test(input) || input.startsWith("sortline-") ? "sortline" : input;
        });
    }

    /** Absolute paths of the files of this machine of which something is left. */
    #files(): string[] {
        return Object.keys(this.#inputs).flatMap((input) => {
            const own = this.#own(input);
            if (own !== undefined) return this.#job.modules.has(own) ? [] : [fileOf(this.#job, own)];
            return input.startsWith("sortline-") ? [] : [fileOf(this.#job, input)];
        });
    }

    /** The author's files in a source map, by their places in it. */
    userFiles(map: PlainSourceMap): ReadonlyMap<number, MappedFile> {
        const ours = `${pathInProject(this.#job, sortlineRoot())}/components/`;
        const kept = new Map<number, MappedFile>();
        map.sources.forEach((source, index) => {
            const name = this.#own(source);
            if (name === undefined || this.#job.modules.has(name)) return;
            const file = fileOf(this.#job, name);
            const extracted = this.#job.files.get(file);
            // What surrounds a callback is this package's matter, not the user's.
            const isOurs = file === this.#job.adapter || name.startsWith(ours) || /(^|\/)node_modules\//.test(name);
            if (extracted !== undefined || !isOurs) {
                kept.set(index, { name, insertions: extracted?.insertions ?? [] });
            }
        });
        return kept;
    }

    /**
     * What must not be in an artefact and got in by a way that the analysis does not follow: what exists only while
     * deploying, and packages that load machine code.
     */
    problems(metafile: Metafile): Problem[] {
        const { location } = this.#job;
        const problems: Problem[] = [];
        for (const [input, { bytesInOutput }] of Object.entries(this.#inputs)) {
            if (!input.startsWith(`${deployOnly}:`) || bytesInOutput === 0) continue;
            const importers = Object.keys(this.#inputs).filter((path) =>
                metafile.inputs[path]?.imports.some((imported) => imported.path === input),
            );
            problems.push({
                location,
                what: `${input.slice(deployOnly.length + 1)} exists only while deploying, and is used by ${importers.join(", ")}`,
                remedy: "Import what the handler needs from a file that does not use it",
            });
        }
        for (const addon of new Set(this.#files().map(nativeAddonOf))) {
            if (addon !== undefined) problems.push(addonProblem(this.#job, addon));
        }
        return problems;
    }

    /** The name of a module that belongs to this artefact alone. */
    #own(input: string): string | undefined {
        return input.startsWith(`${this.#namespace}:`) ? input.slice(this.#namespace.length + 1) : undefined;
    }
}

/** The package's own file is of no use to the person: the callback that reaches it is. */
function addonProblem({ location }: ArtefactJob, addon: string): Problem {
    return {
        location,
        what: `"${addon}" is a native addon, machine code that is not taken along`,
        remedy: addonRemedy,
    };
}

/** A message of esbuild's about a job as problems are told of everywhere: by file, line and column of the author's. */
export function problemOf({ text, location }: Message, namespace: string, job: ArtefactJob): Problem {
    const addon = nativeAddonMet(text);
    if (addon !== undefined) return addonProblem(job, addon);
    const remedy = "Correct it here, or keep it out of what the handler uses";
    if (location === null) return { location: job.location, what: text, remedy };
    const isOwn = location.file.startsWith(`${namespace}:`);
    const file = fileOf(job, isOwn ? location.file.slice(namespace.length + 1) : location.file);
    const insertions = (isOwn ? job.files.get(file)?.insertions : undefined) ?? [];
    const column = originalColumn(insertions, location.line, location.column) + 1;
    return { location: { file, line: location.line, column }, what: text, remedy };
}
