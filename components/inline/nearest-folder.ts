import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder at or above `folder` that holds one of `names`. */
export function nearestFolderWith(folder: string, names: readonly string[]): string | undefined {
    for (let at = folder; ; at = dirname(at)) {
        if (names.some((name) => existsSync(join(at, name)))) return at;
        if (dirname(at) === at) return undefined;
    }
}
