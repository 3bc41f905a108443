import * as fs from "node:fs";

/**
 * Watches some files of a folder: through the folder, since an editor that writes by renaming makes another file of the
 * same name.
 * @returns a function that ends this.
 */
export function watchFiles(folder: string, names: readonly string[], onChange: () => void): () => void {
    try {
        const watcher = fs.watch(folder, { persistent: false }, (_, name) => {
            if (name === null || names.includes(name)) onChange();
        });
        watcher.on("error", () => watcher.close());
        return () => watcher.close();
    } catch {
        // The folder has gone; the next deployment says what the program misses.
        return () => undefined;
    }
}
