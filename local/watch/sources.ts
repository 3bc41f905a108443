import { realpathSync } from "node:fs";
import * as path from "node:path";
import { type FolderTree, watchFolderTree } from "./folder-tree";
import { localPackages } from "./local-packages";
import { watchFiles } from "./single-files";

/** The files that a program and its functions are made of. */
export interface Sources {
    files(): string[];
    /**
     * Watches also what the program was seen to load, and packages that have become links since.
     * @returns the files that are new among those watched.
     */
    extend(loaded: readonly string[]): string[];
    close(): void;
}

export interface SourcesOptions {
    /** Folder of the project. */
    readonly project: string;
    /** Folder of the twin's state, which changes all the time. */
    readonly home: string;
    /** At once when a file has changed, or may have. */
    onChange(): void;
    onTrouble(message: string): void;
}

/** Watches the project, the local packages that it uses, and files elsewhere that it loads; not what is installed or built. */
export function watchSources({ project, home, onChange, onTrouble }: SourcesOptions): Sources {
    // Node knows a file by its real path.
    const root = realpathSync(project);
    const except = [realpathSync(home)];
    const trees = new Map<string, FolderTree>();
    const elsewhere = new Map<string, () => void>();

    const isInTree = (file: string) =>
        [...trees.keys()].some((tree) => file === tree || file.startsWith(tree + path.sep));

    function extend(loaded: readonly string[]): string[] {
        const added: string[] = [];
        for (const folder of [root, ...localPackages(root)]) {
            if (isInTree(folder)) continue;
            const tree = watchFolderTree(folder, { except, onChange, onTrouble });
            trees.set(folder, tree);
            added.push(...tree.files());
        }
        const folders = Map.groupBy(
            loaded.filter((file) => !(isInTree(file) || elsewhere.has(file))),
            path.dirname,
        );
        for (const [folder, files] of folders) {
            const close = watchFiles(
                folder,
                files.map((file) => path.basename(file)),
                onChange,
            );
            for (const file of files) elsewhere.set(file, close);
            added.push(...files);
        }
        return added;
    }

    extend([]);
    return {
        files: () => [...[...trees.values()].flatMap((tree) => tree.files()), ...elsewhere.keys()],
        extend,
        close() {
            for (const tree of trees.values()) tree.close();
            for (const close of new Set(elsewhere.values())) close();
        },
    };
}
