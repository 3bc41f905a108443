import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, platform } from "node:os";
import { isAbsolute, join } from "node:path";

/** The user's folder for files that can be made again. */
function userCache(): string {
    const configured = process.env.XDG_CACHE_HOME;
    // The specification of these folders says that a relative path is to be ignored.
    if (configured !== undefined && isAbsolute(configured)) return configured;
    return platform() === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}

async function holds(folder: string, files: ReadonlyMap<string, string>): Promise<boolean> {
    try {
        for (const [name, text] of files) if ((await readFile(join(folder, name), "utf8")) !== text) return false;
        return true;
    } catch {
        return false;
    }
}

/** Stores files in a folder named after their content, whole or not at all, and returns its path. */
export async function storeArtefact(files: ReadonlyMap<string, string>): Promise<string> {
    const hash = createHash("sha256");
    for (const [name, text] of files) hash.update(`${name}\0${Buffer.byteLength(text)}\0${text}`);
    const shelf = join(userCache(), "sortline", "artefacts");
    const folder = join(shelf, hash.digest("hex").slice(0, 32));
    if (await holds(folder, files)) return folder;
    const draft = join(shelf, `.${randomUUID()}`);
    await mkdir(draft, { recursive: true });
    try {
        for (const [name, text] of files) await writeFile(join(draft, name), text);
        // A folder that is there but does not hold these files was damaged: each is put right in one step.
        if (!(await renamed(draft, folder)) && !(await holds(folder, files))) {
            for (const name of files.keys()) await rename(join(draft, name), join(folder, name));
        }
        return folder;
    } finally {
        await rm(draft, { recursive: true, force: true });
    }
}

async function renamed(from: string, to: string): Promise<boolean> {
    try {
        await rename(from, to);
        return true;
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOTEMPTY" || code === "EEXIST" || code === "EPERM") return false;
        throw error;
    }
}
