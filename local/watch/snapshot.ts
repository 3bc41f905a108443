import { hash } from "node:crypto";
import * as fs from "node:fs";

/** Contents up to this size are compared, in bytes; of larger files, size and time of change. */
const largestCompared = 128 << 10;

/** File systems tell the time of a change this coarsely, in milliseconds; some only by the second or two. */
const timeResolution = 2_000;

/** What files held at a time. */
export type Snapshot = ReadonlyMap<string, FileState>;

interface FileState {
    readonly size: number;
    readonly changed: number;
    readonly content: string | undefined;
    /** Whether a later change must show in the time: it does not where one follows another at once. */
    readonly settled: boolean;
}

/**
 * Looks at files.
 * @param earlier What has the same size and time as there is not read again.
 */
export function takeSnapshot(files: readonly string[], earlier: Snapshot = new Map()): Snapshot {
    const snapshot = new Map<string, FileState>();
    for (const file of files) {
        try {
            const { size, mtimeMs, ctimeMs } = fs.statSync(file);
            const changed = Math.max(mtimeMs, ctimeMs);
            const known = earlier.get(file);
            if (known?.settled === true && known.size === size && known.changed === changed) snapshot.set(file, known);
            else {
                const settled = Date.now() - changed > timeResolution;
                const content = size > largestCompared ? undefined : hash("sha1", fs.readFileSync(file));
                snapshot.set(file, { size, changed, content, settled });
            }
        } catch {
            // It has gone meanwhile, or is nobody's to read.
        }
    }
    return snapshot;
}

/** The files that are not as they were: other ones, new ones, missing ones. To save the same again is no change. */
export function changedFiles(before: Snapshot, after: Snapshot): string[] {
    const isSame = (a: FileState | undefined, b: FileState | undefined) =>
        a?.content === undefined ? a?.changed === b?.changed && a?.size === b?.size : a.content === b?.content;
    return [...new Set([...before.keys(), ...after.keys()])].filter(
        (file) => !isSame(before.get(file), after.get(file)),
    );
}
