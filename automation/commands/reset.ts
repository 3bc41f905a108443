import * as fs from "node:fs";
import { HomeInUse, isHome, lockHome } from "../../local/lock";
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
    if (!isHome(home)) throw badInput(`${home} is not a folder of a twin's state, so it is left alone.`);
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
