import { randomUUID } from "node:crypto";
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { fileFailure, StoreError } from "../store-error";

/** Where an object's bytes are: in its row, or in a file of its own in the folder of bodies. */
export type StoredBody = { readonly inline: Uint8Array } | { readonly file: string; readonly size: number };

/** Up to this size (bytes) a body lives in the database: one sync to disk instead of three. */
const largestInline = 16 * 1024;

export interface Bodies {
    /** Puts a body on disk. It counts only once a row refers to it. */
    write(body: Buffer): Promise<StoredBody>;
    /**
     * Writes files one after the other into a new one.
     * @param seen is told the bytes of each.
     */
    join(files: readonly StoredBody[], seen: (part: Buffer) => void): Promise<StoredBody>;
    /**
     * The same bytes under a name of their own.
     * @throws StoreError when its file is missing or not as large as it was.
     */
    copy(body: StoredBody): Promise<StoredBody>;
    /** @throws StoreError when its file is missing or not as large as it was. */
    read(body: StoredBody): Buffer;
    /**
     * A large body's file, opened for reading, which whoever asked closes; undefined for a small one, which has none.
     * @throws StoreError when it is missing or not as large as it was.
     */
    open(body: StoredBody): number | undefined;
    /** @throws StoreError when its file is missing or not as large as it was. */
    check(body: StoredBody): void;
    remove(body: StoredBody): void;
    /** Deletes files that no row refers to: what a crash left between file and row. */
    sweep(inUse: ReadonlySet<string>): void;
}

/**
 * Files are written once, under a name that nobody knows yet, synced, and never changed: a row that refers to one
 * is the moment at which it exists, so no reader ever sees half of it.
 */
export function openBodies(folder: string): Bodies {
    mkdirSync(folder, { recursive: true, mode: 0o700 });

    async function create(size: number, fill: (handle: FileHandle) => Promise<void>): Promise<StoredBody> {
        const file = randomUUID();
        const path = join(folder, file);
        try {
            const handle = await open(path, "wx", 0o600);
            try {
                await fill(handle);
                await handle.sync();
            } finally {
                await handle.close();
            }
            await syncFolder();
        } catch (error) {
            rmSync(path, { force: true });
            throw fileFailure(error, folder);
        }
        return { file, size };
    }

    async function syncFolder(): Promise<void> {
        const handle = await open(folder, "r");
        try {
            await handle.sync();
        } finally {
            await handle.close();
        }
    }

    /** The path of a body's file, which is there, and whole as far as its size tells. */
    function wholeFile({ file, size }: { readonly file: string; readonly size: number }): string {
        const path = join(folder, file);
        let found: number;
        try {
            found = statSync(path).size;
        } catch (error) {
            const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
            throw missing ? damaged(path, "is missing") : fileFailure(error, folder);
        }
        if (found !== size) throw damaged(path, `has ${found} bytes instead of ${size}`);
        return path;
    }

    function openFile(body: StoredBody): number | undefined {
        if ("inline" in body) return undefined;
        const path = wholeFile(body);
        try {
            return openSync(path, "r");
        } catch (error) {
            throw fileFailure(error, folder);
        }
    }

    function read(body: StoredBody): Buffer {
        if ("inline" in body) return Buffer.from(body.inline);
        const handle = openFile(body);
        if (handle === undefined) return Buffer.alloc(0);
        try {
            return readFileSync(handle);
        } finally {
            closeSync(handle);
        }
    }

    return {
        read,
        open: openFile,
        async write(body) {
            if (body.length <= largestInline) return { inline: body };
            return create(body.length, (handle) => handle.writeFile(body));
        },
        join: (parts, seen) =>
            create(
                parts.reduce((sum, part) => sum + ("file" in part ? part.size : part.inline.length), 0),
                async (handle) => {
                    for (const part of parts) {
                        const bytes = read(part);
                        seen(bytes);
                        await handle.appendFile(bytes);
                    }
                },
            ),
        async copy(body) {
            if ("inline" in body) return body;
            const file = randomUUID();
            const path = join(folder, file);
            // At once: the original may be deleted in the next turn of the event loop.
            const original = wholeFile(body);
            try {
                linkSync(original, path);
                await syncFolder();
            } catch (error) {
                rmSync(path, { force: true });
                throw fileFailure(error, folder);
            }
            return { file, size: body.size };
        },
        check(body) {
            if ("file" in body) wholeFile(body);
        },
        remove(body) {
            if ("file" in body) rmSync(join(folder, body.file), { force: true });
        },
        sweep(inUse) {
            for (const file of readdirSync(folder)) if (!inUse.has(file)) rmSync(join(folder, file), { force: true });
        },
    };
}

function damaged(path: string, how: string): StoreError {
    return new StoreError(
        `The body of an object, ${path}, ${how}. Restore the twin's folder from a backup, or delete the object and put it again.`,
    );
}
