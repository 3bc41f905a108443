import * as fs from "node:fs";
import * as path from "node:path";

/** How a running twin can be reached: the contents of `twin.json` in its home. Readable by its owner only. */
export interface TwinFile {
    /** `http://127.0.0.1:PORT` */
    readonly address: string;
    /** Process id of the twin. */
    readonly pid: number;
    /** The run's secret: access key id of root for AWS calls, bearer token for the twin's own endpoints. */
    readonly token: string;
    /** Folder of the Pulumi project that the twin runs. */
    readonly project: string;
    /** ISO 8601. */
    readonly startedAt: string;
}

/** Where the twin file of a home folder is. */
function twinFilePath(home: string): string {
    return path.join(home, "twin.json");
}

export function writeTwinFile(home: string, content: TwinFile): void {
    const file = twinFilePath(home);
    // Whoever looks must see a whole file or none.
    fs.writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
}

/** @returns undefined where there is none, or none that can be read. */
export function readTwinFile(home: string): TwinFile | undefined {
    try {
        const content = JSON.parse(fs.readFileSync(twinFilePath(home), "utf8")) as Partial<TwinFile> | null;
        // The token goes to this address: never anywhere but to this machine.
        const isLocal = /^http:\/\/127\.0\.0\.1:\d+$/.test(content?.address ?? "");
        return isLocal && typeof content?.token === "string" ? (content as TwinFile) : undefined;
    } catch {
        return undefined;
    }
}

export function removeTwinFile(home: string): void {
    fs.rmSync(twinFilePath(home), { force: true });
}
