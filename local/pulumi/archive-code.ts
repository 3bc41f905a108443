import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { isProperties, type Properties, signatureOf, text } from "./values";

/** The content of an archive as a function's code: a zip file's bytes, or a folder. */
export type ArchiveCode = { readonly ZipFile: Buffer } | { readonly folder: string };

/** Gives an archive's content to `work`; a folder that had to be made for it is removed afterwards. */
export async function withArchive<T>(archive: Properties, work: (code: ArchiveCode) => Promise<T>): Promise<T> {
    const path = text(archive.path);
    if (path !== undefined) {
        const found = await stat(path);
        return work(found.isDirectory() ? { folder: path } : { ZipFile: await readFile(path) });
    }
    const folder = await mkdtemp(join(tmpdir(), "sortline-code-"));
    try {
        await fill(folder, archive);
        return await work({ folder });
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function fill(folder: string, archive: Properties): Promise<void> {
    const path = text(archive.path);
    if (path !== undefined) {
        if (!(await stat(path)).isDirectory())
            throw new Error(`${path}: an archive within an archive must be a folder.`);
        await cp(path, folder, { recursive: true, dereference: true });
        return;
    }
    const assets = isProperties(archive.assets) ? archive.assets : {};
    for (const [name, asset] of Object.entries(assets)) {
        const target = join(folder, name);
        if (relative(folder, target).startsWith(".."))
            throw new Error(`The archive's entry "${name}" lies outside of it.`);
        if (!isProperties(asset)) continue;
        await mkdir(signatureOf(asset) === "archive" ? target : dirname(target), { recursive: true });
        if (signatureOf(asset) === "archive") await fill(target, asset);
        else if (text(asset.path) !== undefined) await cp(text(asset.path) ?? "", target, { dereference: true });
        else await writeFile(target, text(asset.text) ?? "");
    }
}
