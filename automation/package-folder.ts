import * as fs from "node:fs";
import * as path from "node:path";

/** The folder of this package: the nearest one above that holds its package.json. */
export function packageFolder(from: string = __dirname): string {
    for (let folder = from; path.dirname(folder) !== folder; folder = path.dirname(folder)) {
        if (manifestOf(folder)?.name === "sortline") return folder;
    }
    throw new Error(`The package's own folder was not found above ${from}: install sortline again.`);
}

/** The version of this package, as in its package.json. */
export function packageVersion(): string {
    return manifestOf(packageFolder())?.version ?? "unknown";
}

function manifestOf(folder: string): { name?: string; version?: string } | undefined {
    const file = path.join(folder, "package.json");
    return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined;
}
