import { stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { filesIn, type S3Files } from "../s3-files";

/** Copies a host's checkpoints to S3 while it trains, as SageMaker does. Files that are removed stay there. */
export interface CheckpointCopy {
    /** Copies all that has changed, now, and looks no more. */
    finish(): Promise<void>;
    /** Looks no more: what was not copied is lost. */
    abandon(): Promise<void>;
}

export interface CheckpointCopyOptions {
    readonly folder: string;
    /** Where they go; undefined for a job without checkpoints. */
    readonly uri: string | undefined;
    readonly files: S3Files;
    /** Milliseconds between two looks. */
    readonly interval: number;
    /** Told each time that something was copied, before the end. */
    onCopied(): void;
}

/** @throws Error when the folder cannot be read. What is there already is what S3 has. */
export async function copyCheckpoints({
    folder,
    uri,
    files,
    ...options
}: CheckpointCopyOptions): Promise<CheckpointCopy> {
    if (uri === undefined) return { finish: async () => undefined, abandon: async () => undefined };
    const prefix = uri.replace(/\/$/, "");
    /** By path: how each file was when it was copied, and when it was looked at last. */
    const copied = await versionsIn(folder);
    let seen = copied;
    let over = false;
    let looking = Promise.resolve();
    let timer: NodeJS.Timeout | undefined;

    async function copy(path: string, version: string): Promise<void> {
        await files.uploadFile(join(folder, path), `${prefix}/${path.split(sep).join("/")}`);
        copied.set(path, version);
    }

    async function look(): Promise<void> {
        const found = await versionsIn(folder);
        let any = false;
        for (const [path, version] of found) {
            // One that still grows is copied when it does no more.
            if (over || copied.get(path) === version || seen.get(path) !== version) continue;
            await copy(path, version);
            any = true;
        }
        seen = found;
        if (any && !over) options.onCopied();
    }

    function lookLater(): void {
        timer = setTimeout(() => {
            // What fails here fails again at the end, and is told then.
            looking = look().catch(() => undefined);
            void looking.then(() => {
                if (!over) lookLater();
            });
        }, options.interval);
    }

    async function end(): Promise<void> {
        over = true;
        clearTimeout(timer);
        await looking;
    }

    lookLater();
    return {
        abandon: end,
        async finish() {
            await end();
            for (const [path, version] of await versionsIn(folder)) {
                if (copied.get(path) !== version) await copy(path, version);
            }
        },
    };
}

/** What tells one state of each file from another, by path. */
async function versionsIn(folder: string): Promise<Map<string, string>> {
    const versions = new Map<string, string>();
    for (const path of await filesIn(folder)) {
        const { mtimeMs, size, ino } = await stat(join(folder, path));
        versions.set(path, `${ino} ${size} ${mtimeMs}`);
    }
    return versions;
}
