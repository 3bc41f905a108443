import * as fs from "node:fs";
import * as path from "node:path";

/** The folder of this package: the nearest one above that holds its package.json. */
export function packageFolder(from: string = __dirname): string {
    for (let folder = from; path.dirname(folder) !== folder; folder = path.dirname(folder)) {
        const manifest = path.join(folder, "package.json");
        if (fs.existsSync(manifest) && JSON.parse(fs.readFileSync(manifest, "utf8")).name === "sortline") return folder;
    }
    throw new Error(`The package's own folder was not found above ${from}: install sortline again.`);
}

/** Labelled texts that the project wrote itself: what a first model learns from. */
export function sampleLabels(): string {
    return path.join(packageFolder(), "samples", "labels.csv");
}

/** A folder of whole e-mails that the project wrote itself. */
export function sampleMails(): string {
    return path.join(packageFolder(), "samples", "mails");
}
