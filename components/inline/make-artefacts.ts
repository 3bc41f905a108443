import { resolve } from "node:path";
import { deflateRawSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { type FileContents, readBelow, storeArtefact } from "./artefact-cache";
import type { ArtefactJob } from "./artefact-job";
import { largestUnpacked, largestZip, type PartSize, sizeTable } from "./artefact-size";
import { type Bundle, bundle } from "./bundle";
import { defaultWarnAboveBytes } from "./bundle-options";
import { cacheFolder } from "./cache-folder";
import { formatLocation, InlineError } from "./inline-error";
import { FileStamps, knownArtefact, rememberArtefact } from "./known-artefacts";

/** A folder, or why there is none. */
export type Made = { readonly folder: string } | InlineError;

/** The artefact of a job that was made before, from files that have not changed since; undefined where it must be made. */
export function artefactMadeBefore(job: ArtefactJob, stamps: FileStamps): Made | undefined {
    const known = knownArtefact(job, stamps);
    return known && checked(job, known.sizes, known.folder);
}

/** Makes the artefacts of many jobs together. */
export async function makeArtefacts(jobs: readonly ArtefactJob[]): Promise<ReadonlyMap<ArtefactJob, Made>> {
    if (jobs.length === 0) return new Map();
    const readFrom = Date.now();
    const bundles = await bundle(jobs);
    const stamps = new FileStamps();
    const made = [...bundles].map(
        async ([job, result]): Promise<[ArtefactJob, Made]> => [
            job,
            result instanceof InlineError ? result : await store(job, result, readFrom, stamps),
        ],
    );
    return new Map(await Promise.all(made));
}

async function store(
    job: ArtefactJob,
    { files, inputs, sizes }: Bundle,
    readFrom: number,
    stamps: FileStamps,
): Promise<Made> {
    const beside = filesBeside(job);
    const covered = [...files.keys()].filter((name) => beside.has(name));
    if (covered.length > 0) return coveredBy(job, covered);
    const contents: FileContents = new Map([
        ...[...files].map(([name, text]) => [name, Buffer.from(text)] as const),
        ...beside,
    ]);
    const all: PartSize[] = [...sizes, ...[...beside].map(([part, { byteLength }]) => ({ part, bytes: byteLength }))];
    const zip = zippedSize(contents);
    if (zip > largestZip) return tooLarge(job, all, `${zip} bytes large as a zip, and Lambda takes ${largestZip}`);
    const folder = await storeArtefact(contents).catch((error: unknown) => unwritable(job, error));
    if (typeof folder !== "string") return folder;
    // What lies beside the code is read at each deployment.
    if (beside.size === 0) await rememberArtefact(job, { folder, sizes: all }, inputs, readFrom, stamps);
    return checked(job, all, folder);
}

function filesBeside({ bundle: { files = {} } }: ArtefactJob): FileContents {
    return new Map(Object.entries(files).flatMap(([name, path]) => [...readBelow(name, resolve(path))]));
}

/** Size of the zip, as far as it could be too large. */
function zippedSize(files: FileContents): number {
    const unpacked = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (unpacked <= largestZip) return unpacked;
    return [...files.values()].reduce((sum, content) => sum + deflateRawSync(content).byteLength, 0);
}

/** The artefact, once its size is seen to be one that Lambda takes. */
function checked(job: ArtefactJob, sizes: readonly PartSize[], folder: string): Made {
    const bytes = sizes.reduce((sum, each) => sum + each.bytes, 0);
    if (bytes > largestUnpacked)
        return tooLarge(job, sizes, `${bytes} bytes large, and Lambda takes ${largestUnpacked}`);
    if (bytes > (job.bundle.warnAboveBytes ?? defaultWarnAboveBytes)) {
        void pulumi.log.warn(
            `stage "${job.stage}": its code is ${bytes} bytes large, which every cold start has to read\n` +
                `    at ${formatLocation(job.location)}\n${sizeTable(sizes)}`,
        );
    }
    return { folder };
}

function coveredBy({ stage, location }: ArtefactJob, names: readonly string[]): InlineError {
    const what = `its files would take the place of the code itself: ${names.join(", ")}`;
    return InlineError.of(stage, [
        { location, what, remedy: "Put them into a folder of their own, below the function's" },
    ]);
}

function unwritable({ stage, location }: ArtefactJob, error: unknown): InlineError {
    const reason = error instanceof Error ? error.message : String(error);
    const what = `its code cannot be stored in ${cacheFolder()}: ${reason}`;
    return InlineError.of(stage, [
        { location, what, remedy: "Make room there, or name another folder: XDG_CACHE_HOME" },
    ]);
}

function tooLarge(job: ArtefactJob, sizes: readonly PartSize[], what: string): InlineError {
    const { stage, location } = job;
    const remedy = `Leave out what a layer brings (external), or import less. What takes the room:\n${sizeTable(sizes)}`;
    return InlineError.of(stage, [{ location, what: `its code is ${what}`, remedy }]);
}
