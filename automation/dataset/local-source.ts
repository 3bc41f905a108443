import * as fs from "node:fs";
import * as path from "node:path";
import { badInput } from "../exit";
import { printable } from "../terminal";
import { type DataSource, isRecordFile, recordFileNames } from "./source";

/**
 * The files that paths stand for, in the order of their names: a file itself, a folder with all files of records below.
 * @throws CommandError exit code 2 with every path that cannot be used.
 */
export function localSources(paths: readonly string[]): DataSource[] {
    const problems: string[] = [];
    const files = paths.flatMap((given) => {
        const { found, problem } = filesBehind(given);
        if (problem !== undefined) problems.push(printable(problem));
        return found;
    });
    if (problems.length > 0) {
        throw badInput(`${problems.join("\n")}\nGive files with labelled records (CSV or JSON Lines), or folders.`);
    }
    return [...new Set(files)].map((file) => ({ name: file, open: () => fs.createReadStream(file) }));
}

function filesBehind(given: string): { readonly found: readonly string[]; readonly problem?: string } {
    try {
        const stats = fs.statSync(given);
        if (stats.isDirectory()) {
            const found = fs
                .readdirSync(given, { recursive: true, withFileTypes: true })
                .filter((entry) => entry.isFile() && isRecordFile(entry.name) && !entry.name.startsWith("."))
                .map((entry) => path.join(entry.parentPath, entry.name))
                .sort();
            return found.length > 0
                ? { found }
                : { found, problem: `${given} is a folder without files that end in ${recordFileNames}` };
        }
        if (!stats.isFile()) return { found: [], problem: `${given} is not a file` };
        fs.accessSync(given, fs.constants.R_OK);
        return { found: [given] };
    } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        return {
            found: [],
            problem: missing ? `${given} is not there` : `${given} cannot be read: ${(error as Error).message}`,
        };
    }
}
