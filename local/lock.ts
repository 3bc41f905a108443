import * as fs from "node:fs";
import * as path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFailure } from "./aws/store-error";

/** Another process holds the home folder. */
export class HomeInUse extends Error {
    override readonly name = "HomeInUse";
    constructor(readonly home: string) {
        super(`Another twin is using ${home}.`);
    }
}

/** What was given as home cannot be one. */
export class UnusableHome extends Error {
    override readonly name = "UnusableHome";
}

/** Whoever only looks holds the lock for less than a millisecond; a twin holds it for much longer than this. */
const patienceMilliseconds = 500;

/** What may lie in a folder before a twin first runs in it: settings that a person or a script has put there. */
const settings = ["config.json", "port"];

/**
 * Takes a home folder for this process, and makes it private to its owner. The lock is the operating system's own on a
 * file, so it ends with the process however that ends: a `kill -9` leaves nothing stale behind.
 * @returns a function that gives the folder back.
 * @throws HomeInUse, UnusableHome
 */
export function lockHome(home: string): () => void {
    prepareHome(home);
    const file = lockFile(home);
    let database: DatabaseSync | undefined;
    try {
        database = new DatabaseSync(file, { timeout: patienceMilliseconds });
        database.exec("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    } catch (error) {
        database?.close();
        if (isBusy(error)) throw new HomeInUse(home);
        const known = databaseFailure(error, file);
        if (known !== error) throw known;
        throw new Error(`The twin cannot lock ${file}: ${(error as Error).message}. Check the disk and who owns it.`, {
            cause: error,
        });
    }
    const locked = database;
    return () => {
        locked.exec("ROLLBACK");
        locked.close();
    };
}

/** Whether some process holds the home folder now. */
export function isLocked(home: string): boolean {
    if (!fs.existsSync(lockFile(home))) return false;
    // To look takes a shared lock: any number may look at once.
    const database = new DatabaseSync(lockFile(home), { readOnly: true });
    try {
        database.prepare("SELECT count(*) FROM sqlite_schema").get();
        return false;
    } catch (error) {
        if (isBusy(error)) return true;
        throw error;
    } finally {
        database.close();
    }
}

/** Whether a twin has ever run in a folder. */
export function isHome(folder: string): boolean {
    return fs.existsSync(lockFile(folder)) || fs.existsSync(path.join(folder, "store.sqlite"));
}

function lockFile(home: string): string {
    return path.join(home, "lock.sqlite");
}

/** A twin tidies its folders up, and `reset` deletes all of its home: there must be nothing else in it. */
function prepareHome(home: string): void {
    if (isHome(home)) return;
    let found: string[];
    try {
        fs.mkdirSync(home, { recursive: true, mode: 0o700 });
        found = fs.readdirSync(home).filter((name) => !settings.includes(name));
        if (found.length === 0) fs.chmodSync(home, 0o700);
    } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        const why = code === "EEXIST" || code === "ENOTDIR" ? "it is a file, or below one" : (error as Error).message;
        throw new UnusableHome(`${home} cannot be the folder of a twin's state: ${why}.`);
    }
    if (found.length > 0) {
        throw new UnusableHome(
            `${home} holds other things (${found.slice(0, 3).join(", ")}${found.length > 3 ? ", …" : ""}), and a twin needs a folder of its own for its state.`,
        );
    }
}

function isBusy(error: unknown): boolean {
    return (error as { errcode?: number }).errcode === 5;
}
