import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The path of a file of this package that is not TypeScript, whether the twin runs from its sources or from `dist`. */
export function packageFile(path: string): string {
    for (let folder = __dirname; ; folder = dirname(folder)) {
        if (existsSync(join(folder, "package.json"))) return join(folder, path);
        if (folder === dirname(folder)) throw new Error(`The file ${path} of the package cannot be found.`);
    }
}
