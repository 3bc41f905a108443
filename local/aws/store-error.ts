/** What the twin keeps cannot be read or written; the message says where, why and what to do. */
export class StoreError extends Error {
    override readonly name = "StoreError";
}

export const diskFull =
    "cannot be written: the disk is full. Free some space, then try again; what was accepted before is kept";

/** SQLite's primary result codes that are about the file or the disk rather than about the statement. */
const sqliteReasons: Readonly<Record<number, string>> = {
    5: "is locked by another process. Stop the other twin or tool that has it open, and try again",
    8: "cannot be written. Make it and its folder writable",
    10: "cannot be read or written: the disk reports an error. Check the disk, then start the twin again",
    11: "is damaged. Restore its folder from a backup, or move it away to start afresh",
    13: diskFull,
    14: "cannot be opened. Check that its folder exists and that you may write there",
    26: "is not a store of the twin, or its beginning is damaged. Restore its folder from a backup, or move it away to start afresh",
};

/** What the file system reports about the disk rather than about a path. */
const diskReasons: Readonly<Record<string, string>> = {
    ENOSPC: diskFull,
    EDQUOT: diskFull,
    EROFS: "cannot be written: it is on a file system that is mounted for reading only",
    EIO: "cannot be read or written: the disk reports an error. Check the disk, then start the twin again",
};

/** What SQLite says about a database's file or the disk as a {@link StoreError}; any other error as it is. */
export function databaseFailure(error: unknown, file: string): unknown {
    if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
    const reason = sqliteReasons[error.errcode & 0xff];
    return reason === undefined ? error : new StoreError(`The store ${file} ${reason}.`, { cause: error });
}

/** What the file system says about the disk that a folder of the twin is on, as a {@link StoreError}; any other error as it is. */
export function diskFailure(error: unknown, folder: string): unknown {
    const { code } = Object(error) as { code?: unknown };
    const reason = typeof code === "string" ? diskReasons[code] : undefined;
    return reason === undefined ? error : new StoreError(`The twin's folder ${folder} ${reason}.`, { cause: error });
}

/** What the file system says about a file in a folder of the twin, as a {@link StoreError}; any other error as it is. */
export function fileFailure(error: unknown, folder: string): unknown {
    const known = diskFailure(error, folder);
    if (known !== error || !(error instanceof Error) || !("code" in error)) return known;
    return new StoreError(`The twin's folder ${folder} cannot be written: ${error.message}.`, { cause: error });
}
