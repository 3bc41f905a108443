import { createHash } from "node:crypto";
import {
    chmodSync,
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { diskFailure } from "../store-error";
import { syncToDisk, syncTree } from "../sync";
import { invalidParameter } from "./names";
import { readZip } from "./zip";

/** A function's code: the bytes of a zip archive, or, in-process only, a folder that is copied. */
export type FunctionCode = { readonly ZipFile?: Uint8Array } | { readonly folder: string };

export interface InstalledCode {
    /** Where the unpacked code lies. */
    readonly folder: string;
    /** SHA-256, base64: of the archive, or of the folder's paths and contents. */
    readonly sha256: string;
    /** Bytes: of the archive, or of the folder's files. */
    readonly size: number;
}

/**
 * Puts code into a folder of its own, named by its digest: what runs is what was given, even if the caller's folder
 * changes later, and code that is there already is not copied again.
 * @param home The function's folder in the twin's home.
 */
export function installCode(home: string, code: FunctionCode): InstalledCode {
    const { digest, size, fill } = "folder" in code ? fromFolder(code.folder) : fromArchive(code.ZipFile);
    const folder = join(home, digest.toString("hex").slice(0, 32));
    if (!existsSync(folder)) {
        mkdirSync(home, { recursive: true });
        // Renamed when whole: a twin that dies while copying leaves no half of it.
        const half = mkdtempSync(join(home, "incoming-"));
        try {
            fill(half);
            chmodSync(half, 0o755);
            // The function's row, which comes next, refers to it.
            syncTree(half);
            renameSync(half, folder);
            for (const path of [home, dirname(home)]) syncToDisk(path);
        } catch (error) {
            rmSync(half, { recursive: true, force: true });
            throw diskFailure(error, home);
        }
    }
    return { folder, sha256: digest.toString("base64"), size };
}

/** Removes code that no environment runs any longer. */
export function pruneCode(home: string, keep: readonly string[]): void {
    for (const entry of readdirSync(home)) {
        const path = join(home, entry);
        if (!keep.includes(path)) rmSync(path, { recursive: true, force: true });
    }
}

interface Source {
    readonly digest: Buffer;
    readonly size: number;
    fill(target: string): void;
}

function fromArchive(archive: Uint8Array | undefined): Source {
    if (archive === undefined || archive.length === 0) {
        throw invalidParameter("Code.ZipFile is missing: give the bytes of a zip archive.");
    }
    const bytes = Buffer.from(archive);
    let entries: ReturnType<typeof readZip>;
    try {
        entries = readZip(bytes);
    } catch (error) {
        throw invalidParameter(`Could not unzip uploaded file: ${(error as Error).message}.`);
    }
    return {
        digest: createHash("sha256").update(bytes).digest(),
        size: bytes.length,
        fill(target) {
            for (const { path, data, mode } of entries) {
                const file = join(target, path);
                mkdirSync(dirname(file), { recursive: true });
                writeFileSync(file, data, { mode: mode ?? 0o644 });
            }
        },
    };
}

function fromFolder(folder: string): Source {
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
        throw invalidParameter(`Code folder ${folder} does not exist or is not a folder.`);
    }
    const hash = createHash("sha256");
    let size = 0;
    for (const file of filesOf(folder)) {
        const data = readFileSync(file);
        hash.update(`${relative(folder, file).split(sep).join("/")}\n${data.length}\n`).update(data);
        size += data.length;
    }
    return {
        digest: hash.digest(),
        size,
        fill: (target) => cpSync(folder, target, { recursive: true, dereference: true }),
    };
}

function filesOf(folder: string): string[] {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((path) => join(folder, path))
        .filter((path) => statSync(path).isFile())
        .sort();
}
