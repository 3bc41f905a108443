import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Puts a file's content on disk, or a folder's list of names. */
export function syncToDisk(path: string): void {
    const handle = openSync(path, "r");
    try {
        fsyncSync(handle);
    } finally {
        closeSync(handle);
    }
}

/** Puts a folder on disk with all that is in it. */
export function syncTree(folder: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) syncTree(path);
        else if (entry.isFile()) syncToDisk(path);
    }
    syncToDisk(folder);
}
