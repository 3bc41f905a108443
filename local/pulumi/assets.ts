import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import {
    isList,
    isProperties,
    mapProperties,
    type Properties,
    signatureOf,
    text,
    transformed,
    type Value,
} from "./values";

/**
 * Makes the assets and archives among the values comparable and independent of the working directory: paths become
 * absolute, and each gets a digest of its content.
 * @throws Error naming the path that cannot be read, or the address of a remote asset: the twin has no network.
 */
export async function readAssets(value: Value, folder: string): Promise<Value> {
    if (isList(value)) return Promise.all(value.map((item) => readAssets(item, folder)));
    if (!isProperties(value)) return value;
    switch (signatureOf(value)) {
        case "asset":
            return readAsset(value, folder);
        case "archive":
            return readArchive(value, folder);
        default:
            return readMembers(value, folder);
    }
}

/**
 * The values with paths of assets and archives made absolute, for reading them.
 * @throws Error naming a remote asset.
 */
export function locateAssets(value: Value, folder: string): Value {
    return transformed(value, (inner) => {
        const signature = signatureOf(inner);
        if (!isProperties(inner) || (signature !== "asset" && signature !== "archive")) return inner;
        refuseRemote(inner);
        const path = text(inner.path);
        return path === undefined ? inner : { ...inner, path: resolve(folder, path) };
    });
}

async function readMembers(value: Properties, folder: string): Promise<Properties> {
    const members = await Promise.all(
        Object.entries(value).map(async ([name, member]) => [name, await readAssets(member, folder)] as const),
    );
    return Object.fromEntries(members);
}

/** For comparison: assets and archives are what their content is, wherever it lies. */
export function byContent(value: Value): Value {
    if (isList(value)) return value.map(byContent);
    if (!isProperties(value)) return value;
    const signature = signatureOf(value);
    if (signature === "asset" || signature === "archive") return { [signature]: value.hash ?? null };
    return mapProperties(value, byContent);
}

async function readAsset(asset: Properties, folder: string): Promise<Properties> {
    refuseRemote(asset);
    const path = text(asset.path);
    if (path === undefined) return { ...asset, hash: digest(text(asset.text) ?? "") };
    const file = resolve(folder, path);
    return { ...asset, path: file, hash: digest(await reading(file, readFile)) };
}

async function readArchive(archive: Properties, folder: string): Promise<Properties> {
    refuseRemote(archive);
    const path = text(archive.path);
    if (path === undefined) {
        const assets = isProperties(archive.assets) ? await readMembers(archive.assets, folder) : {};
        const entries = Object.entries(assets).sort(([left], [right]) => (left < right ? -1 : 1));
        return {
            ...archive,
            assets,
            hash: digest(JSON.stringify(entries.map(([name, asset]) => [name, byContent(asset)]))),
        };
    }
    const root = resolve(folder, path);
    const found = await reading(root, stat);
    if (!found.isDirectory()) return { ...archive, path: root, hash: digest(await reading(root, readFile)) };
    const digests: string[] = [];
    for (const file of await filesOf(root)) {
        digests.push(`${relative(root, file).split(sep).join("/")}\n${digest(await reading(file, readFile))}`);
    }
    return { ...archive, path: root, hash: digest(digests.join("\n")) };
}

/** The files of a folder and its sub-folders, in a fixed order. */
async function filesOf(folder: string): Promise<string[]> {
    const files: string[] = [];
    for (const entry of await reading(folder, (path) => readdir(path, { withFileTypes: true }))) {
        const path = join(folder, entry.name);
        const directory = entry.isSymbolicLink() ? (await reading(path, stat)).isDirectory() : entry.isDirectory();
        files.push(...(directory ? await filesOf(path) : [path]));
    }
    return files.sort();
}

async function reading<T>(path: string, read: (path: string) => Promise<T>): Promise<T> {
    try {
        return await read(path);
    } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        const reason = code === "ENOENT" ? "does not exist" : `cannot be read: ${message}`;
        throw new Error(`The asset ${path} ${reason}.`, { cause });
    }
}

function refuseRemote(value: Properties): void {
    const uri = text(value.uri);
    if (uri === undefined) return;
    throw new Error(`The remote asset ${uri} is not supported here: download it and pass a FileAsset or FileArchive.`);
}

function digest(content: string | Buffer): string {
    return createHash("sha256").update(content).digest("hex");
}
