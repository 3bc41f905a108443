import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { cacheFolder } from "./cache-folder";

/** Files by their names in a folder. */
export type FileContents = ReadonlyMap<string, Uint8Array>;

function shelf(): string {
    return join(cacheFolder(), "artefacts");
}

/** The name of a folder with these files. */
function contentName(files: FileContents): string {
    const hash = createHash("sha256");
    for (const name of [...files.keys()].sort()) {
        const content = files.get(name) ?? new Uint8Array();
        hash.update(`${name}\0${content.byteLength}\0`).update(content);
    }
    return hash.digest("hex").slice(0, 32);
}

/** The files of this machine that lie at or below a path, by their names in an artefact. */
export function readBelow(name: string, path: string): FileContents {
    if (!statSync(path).isDirectory()) return new Map([[name, readFileSync(path)]]);
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    // A link stands for the file that it leads to; what leads to a folder could lead around in a circle.
    const isFile = (file: string) => statSync(file).isFile();
    const files = entries.map((each) => join(each.parentPath, each.name)).filter(isFile);
    return new Map(
        files.map((file) => [join(name, relative(path, file)).split(sep).join("/"), readFileSync(file)] as const),
    );
}

/** The folder of an artefact known by name, if it is there and whole. */
export function storedArtefact(name: string): string | undefined {
    const folder = join(shelf(), name);
    try {
        return contentName(readBelow("", folder)) === name ? folder : undefined;
    } catch {
        return undefined;
    }
}

/** Stores files in a folder named after their content, whole or not at all, and returns its path. */
export async function storeArtefact(files: FileContents): Promise<string> {
    const name = contentName(files);
    const folder = join(shelf(), name);
    if (storedArtefact(name) !== undefined) return folder;
    const draft = join(shelf(), `.${randomUUID()}`);
    try {
        for (const [each, content] of files) {
            await mkdir(dirname(join(draft, each)), { recursive: true });
            await writeFile(join(draft, each), content);
        }
        // A folder that is there but does not hold these files was damaged: each is put right in one step.
        if (!(await renamed(draft, folder)) && storedArtefact(name) === undefined) await repair(draft, folder, files);
        return folder;
    } finally {
        await rm(draft, { recursive: true, force: true });
    }
}

async function repair(draft: string, folder: string, files: FileContents): Promise<void> {
    for (const name of files.keys()) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await rename(join(draft, name), join(folder, name));
    }
    const expected = new Set(files.keys());
    for (const name of readBelow("", folder).keys()) if (!expected.has(name)) await rm(join(folder, name));
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
