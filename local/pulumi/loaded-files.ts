// Loaded into a program's process. At its end it tells the engine which files of the user's own it has loaded, so that
// they can be watched wherever they lie.

import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { isAbsolute, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

/** The pipe to the engine, of which lifeline.ts holds this end. */
const pipe = 3;

// Processes and threads that the program starts load this as well, and have no such pipe.
const runsProgram = process.argv.includes("--monitor") || process.argv.includes("--spare");

if (isMainThread && runsProgram && process.channel === undefined) {
    process.on("exit", () => {
        try {
            const required = Object.keys(require.cache).filter(isOwn);
            writeSync(pipe, `${JSON.stringify(required.length > 0 ? required : importedModules().filter(isOwn))}\n`);
        } catch {
            // The engine has ended, or the list is longer than the pipe takes at once: the project is watched all the same.
        }
    });
}

/** ES modules stand in no table that can be read. V8 tells which scripts have run. */
function importedModules(): string[] {
    const session = new Session();
    session.connect();
    const files: string[] = [];
    session.post("Profiler.enable");
    session.post("Profiler.getBestEffortCoverage", (_, coverage) => {
        for (const { url } of coverage?.result ?? []) if (url.startsWith("file:")) files.push(withoutQuery(url));
    });
    session.disconnect();
    return files;
}

/** tsx tells versions of a module apart by a query. */
function withoutQuery(url: string): string {
    return fileURLToPath(url.replace(/[?#].*$/, ""));
}

function isOwn(file: string): boolean {
    return isAbsolute(file) && !file.split(sep).includes("node_modules");
}
