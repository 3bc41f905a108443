import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkFiles, checkPages, checkVersion, markVersion } from "./store-check";
import { databaseFailure, diskFailure, StoreError } from "./store-error";

/** Where the twin keeps what it accepted: one SQLite file, and folders of the services for large bodies. */
export interface Store {
    readonly database: DatabaseSync;
    /** The twin's home. Services make folders of their own in it. */
    readonly folder: string;
    /** Runs `work` in a transaction, synchronously. What it throws undoes its writes. Nests. */
    transaction<T>(work: () => T): T;
    /**
     * Runs `work` together with what others queue in the same turn of the event loop, in one transaction, and resolves
     * once that is on disk. What one `work` throws undoes its own writes only and rejects its own promise.
     */
    commit<T>(work: () => T): Promise<T>;
    /** Writes what is queued, then closes the file. */
    close(): void;
}

interface Queued {
    work(): unknown;
    resolve(value: unknown): void;
    reject(error: unknown): void;
}

/**
 * Opens the store in a folder, which is made if need be, readable by its owner only. One process at a time may do so;
 * seeing to that is the caller's part.
 * @throws StoreError when the file is damaged, not a store, or cannot be opened.
 */
export function openStore(folder: string): Store {
    const file = storeFile(folder);
    const database = open(folder, file);
    let depth = 0;
    let queue: Queued[] = [];
    let closed = false;

    function transaction<T>(work: () => T): T {
        const savepoint = `level_${depth}`;
        run(depth === 0 ? "BEGIN IMMEDIATE" : `SAVEPOINT ${savepoint}`);
        depth++;
        let result: T;
        try {
            result = work();
        } catch (error) {
            depth--;
            undo(depth === 0 ? "ROLLBACK" : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
            throw databaseFailure(error, file);
        }
        depth--;
        try {
            run(depth === 0 ? "COMMIT" : `RELEASE ${savepoint}`);
        } catch (error) {
            undo("ROLLBACK");
            throw error;
        }
        return result;
    }

    function run(sql: string): void {
        try {
            database.exec(sql);
        } catch (error) {
            throw databaseFailure(error, file);
        }
    }

    function undo(sql: string): void {
        try {
            database.exec(sql);
        } catch {
            // SQLite undoes the whole transaction by itself when the disk is full or fails: nothing is left to undo.
        }
    }

    function flush(): void {
        const group = queue;
        queue = [];
        if (group.length === 0) return;
        const outcomes: (() => void)[] = [];
        try {
            transaction(() => {
                for (const { work, resolve, reject } of group) {
                    try {
                        const value = transaction(work);
                        outcomes.push(() => resolve(value));
                    } catch (error) {
                        if (error instanceof StoreError) throw error;
                        outcomes.push(() => reject(error));
                    }
                }
            });
        } catch (error) {
            for (const { reject } of group) reject(error);
            return;
        }
        for (const outcome of outcomes) outcome();
    }

    return {
        database,
        folder,
        transaction,
        commit: <T>(work: () => T) =>
            new Promise<T>((resolve, reject) => {
                if (closed) throw new StoreError(`The store ${file} is closed: the twin is stopping.`);
                if (queue.length === 0) setImmediate(flush);
                queue.push({ work, resolve: (value) => resolve(value as T), reject });
            }),
        close() {
            if (closed) return;
            flush();
            closed = true;
            database.close();
        },
    };
}

function open(folder: string, file: string): DatabaseSync {
    let database: DatabaseSync | undefined;
    try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const { looksThrough } = checkFiles(folder, file);
        database = new DatabaseSync(file);
        // A second reader (a backup, a person with the sqlite3 command) must not make a write fail at once.
        database.exec("PRAGMA busy_timeout = 10000");
        checkVersion(database, file);
        database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        database.exec("PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384");
        if (looksThrough) checkPages(database, file);
        markVersion(database);
        // It holds the access keys of the roles.
        chmodSync(file, 0o600);
        return database;
    } catch (error) {
        database?.close();
        if (error instanceof StoreError) throw error;
        const code = (error as NodeJS.ErrnoException).code;
        if (code !== undefined && code !== "ERR_SQLITE_ERROR") {
            throw new StoreError(`The twin cannot keep its state in ${folder}: ${(error as Error).message}.`, {
                cause: error,
            });
        }
        throw databaseFailure(error, file);
    }
}

function storeFile(folder: string): string {
    return join(folder, "store.sqlite");
}

/** What is wrong with the store in a folder, or its disk, as a {@link StoreError}; any other error as it is. */
export function storeFailure(error: unknown, folder: string): unknown {
    return diskFailure(databaseFailure(error, storeFile(folder)), folder);
}
