import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { version as esbuildVersion } from "esbuild";
import { z } from "zod";
import { storedArtefact } from "./artefact-cache";
import { type ArtefactJob, pathInProject } from "./artefact-job";
import type { PartSize } from "./artefact-size";
import { userCache } from "./user-cache";

/** Rises when the same input makes another artefact. */
const format = 1;

/** What is remembered of an artefact under the digest of what it was made from. */
const Record = z.object({
    artefact: z.string(),
    /** Files of this machine that it was made from, and how each looked then. */
    inputs: z.array(z.tuple([z.string(), z.string()])),
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

/** Looks at each file once, however many artefacts are made from it. */
export class FileStamps {
    readonly #known = new Map<string, Promise<Stamp>>();

    of(path: string): Promise<Stamp> {
        const known = this.#known.get(path);
        if (known) return known;
        // Installers set the time of modification, but nobody sets that of the last change to the file's entry.
        const stamp = stat(path).then(
            ({ size, mtimeMs, ctimeMs, ino }) => ({ text: `${size}/${mtimeMs}/${ctimeMs}/${ino}`, changed: ctimeMs }),
            () => ({ text: "", changed: 0 }),
        );
        this.#known.set(path, stamp);
        return stamp;
    }
}

function digestOf(job: ArtefactJob): string {
    const { project, adapter, files, modules, bundle, runtime, readsOutputs } = job;
    const extracted = [...files].map(([path, { code }]) => [pathInProject(job, path), code]);
    const parts = [format, esbuildVersion, project, adapter, extracted, [...modules], bundle, runtime, readsOutputs];
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function placeOf(job: ArtefactJob): string {
    return join(userCache(), "sortline", "known-artefacts", `${digestOf(job)}.json`);
}

/** The artefact of a job that was bundled before, from files that have not changed since. */
export async function knownArtefact(job: ArtefactJob, stamps: FileStamps): Promise<StoredArtefact | undefined> {
    let record: z.infer<typeof Record>;
    try {
        record = Record.parse(JSON.parse(await readFile(placeOf(job), "utf8")));
    } catch {
        // Not there, or damaged: it is made again.
        return undefined;
    }
    const unchanged = await Promise.all(
        record.inputs.map(async ([path, text]) => (await stamps.of(path)).text === text),
    );
    if (unchanged.includes(false)) return undefined;
    const folder = await storedArtefact(record.artefact);
    return folder === undefined ? undefined : { folder, sizes: record.sizes };
}

/** The files of this machine that an artefact was made from, and the time when reading them began. */
export interface ArtefactInputs {
    readonly paths: readonly string[];
    /** Milliseconds of the epoch. */
    readonly readFrom: number;
}

/** Remembers an artefact for the next time, unless a file has changed while it was made. */
export async function rememberArtefact(
    job: ArtefactJob,
    { folder, sizes }: StoredArtefact,
    { paths, readFrom }: ArtefactInputs,
): Promise<void> {
    const stamps = new FileStamps();
    const inputs = await Promise.all(paths.map(async (path) => ({ path, stamp: await stamps.of(path) })));
    if (inputs.some(({ stamp }) => stamp.text === "" || stamp.changed >= readFrom)) return;
    const record: z.infer<typeof Record> = {
        artefact: basename(folder),
        inputs: inputs.map(({ path, stamp }) => [path, stamp.text]),
        sizes: [...sizes],
    };
    const place = placeOf(job);
    const draft = `${place}.${randomUUID()}`;
    await mkdir(join(place, ".."), { recursive: true });
    await writeFile(draft, JSON.stringify(record));
    await rename(draft, place);
}
