import * as fs from "node:fs";
import * as path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another process holds the home folder. */
export class HomeInUse extends Error {
    override readonly name = "HomeInUse";
    constructor(readonly home: string) {
        super(`Another twin is using ${home}.`);
    }
}

/**
 * Takes a home folder for this process. The lock is the operating system's own on a file, so it ends with the process
 * however that ends: a `kill -9` leaves nothing stale behind.
 * @returns a function that gives the folder back.
 * @throws HomeInUse
 */
export function lockHome(home: string): () => void {
    fs.mkdirSync(home, { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(path.join(home, "lock.sqlite"));
    try {
        database.exec("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    } catch (error) {
        database.close();
        if ((error as { errcode?: number }).errcode === 5) throw new HomeInUse(home);
        throw error;
    }
    return () => {
        database.exec("ROLLBACK");
        database.close();
    };
}

/** Whether some process holds the home folder now. */
export function isLocked(home: string): boolean {
    if (!fs.existsSync(path.join(home, "lock.sqlite"))) return false;
    try {
        lockHome(home)();
        return false;
    } catch (error) {
        if (error instanceof HomeInUse) return true;
        throw error;
    }
}
