import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "./store-error";
import { checkLog } from "./store-log";

/** What services keep beside the file: where there is any of it, there was a store. */
const besides = ["dynamodb", "objects"];

/**
 * Looks at the store's files before they are opened.
 * @returns whether the pages should be looked through: in a large store only after a twin that was killed.
 * @throws StoreError
 */
export function checkFiles(folder: string, file: string): { looksThrough: boolean } {
    const log = `${file}-wal`;
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    checkLog(log);
    if (size !== undefined && size > 0) return { looksThrough: size <= alwaysChecked || existsSync(log) };
    const found = [...besides.map((name) => join(folder, name)), log].filter((path) => existsSync(path));
    if (found.length === 0) return { looksThrough: false };
    const how = size === undefined ? "is missing" : "is empty";
    throw new StoreError(
        `The store ${file} ${how}, though ${found[0]} shows that there was one. Restore its folder from a backup, or move it away to start afresh.`,
    );
}

/** Marks a database as a store of the twin: "sort". */
const applicationId = 0x736f7274;

/** Grows with a change that earlier versions of the twin cannot read. */
const storeVersion = 1;

/** @throws StoreError when the database is not a store of the twin, or one of a newer twin. */
export function checkVersion(database: DatabaseSync, file: string): void {
    const id = Number(database.prepare("PRAGMA application_id").get()?.application_id);
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (id !== applicationId && id !== 0) {
        throw new StoreError(`The store ${file} is a database of another program. Move it away to start afresh.`);
    }
    if (version > storeVersion) {
        throw new StoreError(
            `The store ${file} was written by a newer sortline: it has version ${version}, and this one reads up to ${storeVersion}. Update sortline, or use another home.`,
        );
    }
}

/** Marks a database as a store of this version. */
export function markVersion(database: DatabaseSync): void {
    const marked = database.prepare("PRAGMA application_id").get()?.application_id === applicationId;
    if (!marked) database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${storeVersion}`);
}

/** A store up to this size is looked through at every start, in bytes: some 4 ms for each megabyte. */
const alwaysChecked = 64 << 20;

/** Finds damage before anything is built on it. SQLite has no checksums: what still makes sense is not found. @throws StoreError */
export function checkPages(database: DatabaseSync, file: string): void {
    const [found] = database.prepare("PRAGMA quick_check(1)").all();
    if (found?.quick_check === "ok") return;
    throw new StoreError(
        `The store ${file} is damaged (${String(found?.quick_check).split("\n").at(-1)}). Restore its folder from a backup, or move it away to start afresh.`,
    );
}
