import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { version as esbuildVersion } from "esbuild";
import { z } from "zod";
import { storedArtefact } from "./artefact-cache";
import { type ArtefactJob, pathInProject } from "./artefact-job";
import type { PartSize } from "./artefact-size";
import type { BundleInputs } from "./bundle-inputs";
import { cacheFolder } from "./cache-folder";
import { isInstalled, resolveUserFile } from "./module-resolution";
import { compilerOptionsOf } from "./typescript-settings";

/** Rises when the same input makes another artefact. */
const format = 2;

/** What is remembered of an artefact under the digest of what it was made from. */
const Record = z.object({
    artefact: z.string(),
    /** Files of this machine that it was made from, and how each looked then. */
    inputs: z.array(z.tuple([z.string(), z.string()])),
    /** What the author's imports led to: importing file, specifier, file. */
    imports: z.array(z.tuple([z.string(), z.string(), z.string()])),
    /** Folders of packages, and where they really were. */
    packages: z.array(z.tuple([z.string(), z.string()])),
    /** What tsconfig.json said of the author's files. */
    settings: z.array(z.tuple([z.string(), z.string()])),
    sizes: z.array(z.object({ part: z.string(), bytes: z.number() })),
});

/** An artefact that is stored, and what takes the room in it. */
export interface StoredArtefact {
    readonly folder: string;
    readonly sizes: readonly PartSize[];
}

interface Stamp {
    /** How a file looks: another text when its content is another one. Empty for a file that is not there. */
    readonly text: string;
    /** Milliseconds of the epoch. */
    readonly changed: number;
}

/**
 * How the inputs of artefacts look now, asked once for what many share. The author's files themselves are looked at each
 * time: a program may write one between two stages.
 */
export class FileStamps {
    readonly #known = new Map<string, Stamp>();
    readonly #realPaths = new Map<string, string>();
    readonly #imports = new Map<string, string | undefined>();
    readonly #settings = new Map<string, string>();

    /** The author's file that an import leads to. */
    importOf(importer: string, specifier: string): string | undefined {
        const key = `${importer}\0${specifier}`;
        if (!this.#imports.has(key)) this.#imports.set(key, resolveUserFile(importer, specifier));
        return this.#imports.get(key);
    }

    /** What tsconfig.json says of a file. */
    settingsOf(path: string): string {
        const settings = this.#settings.get(path) ?? JSON.stringify(compilerOptionsOf(path));
        this.#settings.set(path, settings);
        return settings;
    }

    /** Where a folder really is; empty for one that is not there. */
    realPathOf(folder: string): string {
        const known = this.#realPaths.get(folder);
        if (known !== undefined) return known;
        const real = existsSync(folder) ? realpathSync(folder) : "";
        this.#realPaths.set(folder, real);
        return real;
    }

    of(path: string): Stamp {
        const known = this.#known.get(path);
        if (known) return known;
        const stats = statSync(path, { throwIfNoEntry: false });
        // Installers set the time of modification, but nobody sets that of the last change to the file's entry.
        const stamp = stats
            ? { text: `${stats.size}/${stats.mtimeMs}/${stats.ctimeMs}/${stats.ino}`, changed: stats.ctimeMs }
            : { text: "", changed: 0 };
        if (isInstalled(path)) this.#known.set(path, stamp);
        return stamp;
    }
}

function digestOf(job: ArtefactJob): string {
    const { project, adapter, files, modules, bundle, runtime, readsOutputs } = job;
    const extracted = [...files].map(([path, { code }]) => [pathInProject(job, path), code, compilerOptionsOf(path)]);
    const parts = [format, esbuildVersion, project, adapter, extracted, [...modules], bundle, runtime, readsOutputs];
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function placeOf(job: ArtefactJob): string {
    return join(cacheFolder(), "known-artefacts", `${digestOf(job)}.json`);
}

/**
 * The artefact of a job that was bundled before, from files that have not changed since. Looked for at once: a program
 * whose functions are all known has them before anything else begins.
 */
export function knownArtefact(job: ArtefactJob, stamps: FileStamps): StoredArtefact | undefined {
    let record: z.infer<typeof Record>;
    try {
        record = Record.parse(JSON.parse(readFileSync(placeOf(job), "utf8")));
    } catch {
        // Not there, or damaged: it is made again.
        return undefined;
    }
    if (record.inputs.some(([path, text]) => stamps.of(path).text !== text)) return undefined;
    if (record.packages.some(([folder, real]) => stamps.realPathOf(folder) !== real)) return undefined;
    if (record.imports.some(([importer, name, path]) => stamps.importOf(importer, name) !== path)) return undefined;
    if (record.settings.some(([path, settings]) => stamps.settingsOf(path) !== settings)) return undefined;
    const folder = storedArtefact(record.artefact);
    return folder === undefined ? undefined : { folder, sizes: record.sizes };
}

/**
 * Remembers an artefact for the next time, unless a file has changed while it was made. That it cannot be remembered is no
 * reason to fail: it is made again.
 *
 * @param readFrom When reading the inputs began, in milliseconds of the epoch.
 */
export async function rememberArtefact(
    job: ArtefactJob,
    { folder, sizes }: StoredArtefact,
    { files, imports, packages }: BundleInputs,
    readFrom: number,
    stamps: FileStamps,
): Promise<void> {
    const inputs = files.map((path) => ({ path, stamp: stamps.of(path) }));
    if (inputs.some(({ stamp }) => stamp.text === "" || stamp.changed >= readFrom)) return;
    const record: z.infer<typeof Record> = {
        artefact: basename(folder),
        inputs: inputs.map(({ path, stamp }) => [path, stamp.text]),
        imports: imports.map(([importer, name, path]) => [importer, name, path]),
        packages: packages.map(([folder, real]) => [folder, real]),
        settings: files
            .filter((path) => !isInstalled(path) && /\.([cm]?ts|[jt]sx)$/.test(path))
            .map((path) => [path, stamps.settingsOf(path)]),
        sizes: [...sizes],
    };
    const place = placeOf(job);
    const draft = `${place}.${randomUUID()}`;
    try {
        await mkdir(join(place, ".."), { recursive: true });
        await writeFile(draft, JSON.stringify(record));
        await rename(draft, place);
    } catch (error) {
        await pulumi.log.debug(
            `${place} could not be written: ${error instanceof Error ? error.message : String(error)}`,
        );
    }
}
