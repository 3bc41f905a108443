import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

export const root = path.resolve(__dirname, "..", "..");
const bin = path.join(root, "bin", "sortline.js");

export interface Finished {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

export interface RunOptions {
    readonly home: string;
    /** @default the repository */
    readonly cwd?: string;
    /** Added to this process's environment; undefined removes. */
    readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Runs the `sortline` command as a person would and waits for its end. */
export function sortline(args: readonly string[], options: RunOptions): Promise<Finished> {
    const child = launch(args, options);
    return finished(child);
}

/** A `sortline start` that stays up. */
export interface Running {
    readonly child: ChildProcess;
    readonly output: () => string;
    /** Ends it as Ctrl-C does. */
    stop(): Promise<Finished>;
    /** Ends it as a power failure does. */
    kill(): Promise<void>;
}

/** Starts the twin in a process of its own and waits until it says that it stays up. */
export async function startSortline(options: RunOptions, args: readonly string[] = []): Promise<Running> {
    const child = launch(["start", ...args], options);
    let output = "";
    const end = finished(child);
    await new Promise<void>((resolve, reject) => {
        const look = (piece: Buffer) => {
            output += piece.toString("utf8");
            // The last line that it prints before it waits.
            if (/counts and the last mails\n/.test(output)) resolve();
        };
        child.stdout?.on("data", look);
        child.stderr?.on("data", look);
        child.once("exit", (code) => reject(new Error(`sortline start ended with ${code}:\n${output}`)));
    });
    return {
        child,
        output: () => output,
        stop: () => {
            child.kill("SIGINT");
            return end;
        },
        kill: async () => {
            child.kill("SIGKILL");
            await end;
        },
    };
}

/** Starts the command without waiting for anything. */
export function launch(args: readonly string[], { home, cwd, environment }: RunOptions): ChildProcess {
    return spawn(process.execPath, [bin, ...args], {
        cwd: cwd ?? root,
        env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: undefined, SORTLINE_HOME: home, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
    });
}

function finished(child: ChildProcess): Promise<Finished> {
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (piece: Buffer) => {
        stdout += piece.toString("utf8");
    });
    child.stderr?.on("data", (piece: Buffer) => {
        stderr += piece.toString("utf8");
    });
    return new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code) => resolve({ code, stdout, stderr }));
    });
}

/** A folder that is deleted with everything in it by the returned function. */
export function temporaryFolder(): { folder: string; remove(): void } {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-"));
    return { folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/** The lines of JSON that a command printed. */
export function jsonLines(text: string): Record<string, unknown>[] {
    return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
}
