import * as fs from "node:fs";
import * as path from "node:path";
import { badInput } from "./exit";

/**
 * The folder that keeps a twin's state: `--home`, else `SORTLINE_HOME`, else `.sortline` in the project.
 * Always absolute; not necessarily there yet.
 */
export function homeFolder(option: string | undefined): string {
    const given = option ?? process.env.SORTLINE_HOME;
    if (given !== undefined && given.trim() === "") {
        throw badInput("The home folder is empty: give --home (or SORTLINE_HOME) the path of a folder.");
    }
    return path.resolve(given ?? path.join(projectFolder(), ".sortline"));
}

/** The Pulumi project that the command works on: the nearest folder with a Pulumi.yaml, from the current one upwards. */
export function projectFolder(from: string = process.cwd()): string {
    for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
        if (fs.existsSync(path.join(folder, "Pulumi.yaml"))) return folder;
        if (path.dirname(folder) === folder) {
            throw badInput(
                `There is no Pulumi.yaml in ${path.resolve(from)} or above it: run sortline in the folder of your pipeline's program.`,
            );
        }
    }
}
