import * as fs from "node:fs";
import * as path from "node:path";
import { isIgnoredFile, isIgnoredFolder } from "./ignored";

export interface FolderTree {
    /** The files in it that count, by path. */
    files(): string[];
    close(): void;
}

export interface FolderTreeOptions {
    /** Folders in it that do not count, besides those that are no part of a program anyway. */
    readonly except: readonly string[];
    /** At once when something in it has changed that counts, or may count. */
    onChange(): void;
    /** A part of it cannot be watched, and why. */
    onTrouble(message: string): void;
}

/**
 * Watches a folder with all that is in it, also what comes later.
 *
 * A watcher for each folder: Node's own recursive one loses folders that come later on some systems, and libraries wait
 * for a file to be complete before they tell of it, where the twin must know at once that the code is old.
 */
export function watchFolderTree(root: string, { except, onChange, onTrouble }: FolderTreeOptions): FolderTree {
    const watchers = new Map<string, fs.FSWatcher>();

    function counts(folder: string): boolean {
        return folder === root || !(isIgnoredFolder(folder) || except.includes(folder));
    }

    function entriesOf(folder: string): fs.Dirent[] {
        try {
            return fs.readdirSync(folder, { withFileTypes: true });
        } catch {
            // It has gone meanwhile, or is nobody's to read.
            return [];
        }
    }

    function add(folder: string): void {
        if (watchers.has(folder) || !counts(folder)) return;
        try {
            const watcher = fs.watch(folder, { persistent: false }, (_, name) => changed(folder, name));
            watcher.on("error", () => remove(folder));
            watchers.set(folder, watcher);
        } catch (error) {
            const { code, message } = error as NodeJS.ErrnoException;
            if (code === "ENOENT" || code === "ENOTDIR") return;
            const more =
                code === "ENOSPC" || code === "EMFILE" ? "; allow more (sysctl fs.inotify.max_user_watches)" : "";
            onTrouble(`Changes in ${folder} are not seen: ${message}${more}.`);
            return;
        }
        // Only now: what was made before the watcher stood is found here.
        for (const entry of entriesOf(folder)) if (entry.isDirectory()) add(path.join(folder, entry.name));
    }

    function remove(folder: string): void {
        for (const [each, watcher] of watchers) {
            if (each !== folder && !each.startsWith(folder + path.sep)) continue;
            watcher.close();
            watchers.delete(each);
        }
    }

    function changed(folder: string, name: string | null): void {
        if (name === null) {
            onChange();
            return;
        }
        const changedPath = path.join(folder, name);
        const isFolder =
            fs.statSync(changedPath, { throwIfNoEntry: false })?.isDirectory() ?? watchers.has(changedPath);
        if (isFolder ? !counts(changedPath) : isIgnoredFile(changedPath)) return;
        // A folder that was replaced by another of its name has a watcher that sees nothing any longer.
        if (isFolder) {
            remove(changedPath);
            add(changedPath);
        }
        onChange();
    }

    add(root);
    return {
        files: () =>
            [...watchers.keys()].flatMap((folder) =>
                entriesOf(folder).flatMap((entry) =>
                    entry.isDirectory() || isIgnoredFile(entry.name) ? [] : [path.join(folder, entry.name)],
                ),
            ),
        close() {
            for (const watcher of watchers.values()) watcher.close();
            watchers.clear();
        },
    };
}
