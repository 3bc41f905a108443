import * as fs from "node:fs";
import * as path from "node:path";
import { HomeInUse, lockHome } from "../../local/lock";
import { readTwinFile } from "../../local/twin-file";
import { badInput, CommandError } from "../exit";

/** Deletes a home folder, if it is one and no twin runs in it. */
export async function reset(options: { readonly home: string }): Promise<void> {
    const { home } = options;
    if (!fs.existsSync(home)) {
        process.stdout.write(`There is nothing to delete: ${home} does not exist.\n`);
        return;
    }
    // --home may be mistyped, and what is deleted is gone: only what a twin has made is.
    if (!fs.existsSync(path.join(home, "lock.sqlite"))) {
        throw badInput(`${home} is not the home of a twin (it has no lock.sqlite), so it is left alone.`);
    }
    try {
        const unlock = lockHome(home);
        unlock();
    } catch (error) {
        if (!(error instanceof HomeInUse)) throw error;
        const pid = readTwinFile(home)?.pid;
        throw new CommandError(
            `A twin is running in ${home}${pid === undefined ? "" : ` (process ${pid})`}: end it with Ctrl-C there first.`,
        );
    }
    fs.rmSync(home, { recursive: true, force: true });
    process.stdout.write(`Deleted ${home}.\n`);
}
