import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { packageFile } from "../../package-file";

/** A running process group that cannot outlive the twin. */
export interface SupervisedProcess {
    /** Exit code, 128 + signal number when a signal ended it; after the last line was delivered. Never rejects. */
    readonly exited: Promise<number>;
    /** SIGTERM to the whole group. */
    terminate(): void;
    /** SIGKILL to the whole group. */
    kill(): void;
}

export interface SuperviseOptions {
    readonly cwd: string;
    /** The whole environment: nothing of the twin's own is added. */
    readonly env: Readonly<Record<string, string>>;
    /** A folder that is removed when the process ends, even after the twin's own abrupt end. */
    readonly temporaryFolder?: string;
    onLine(line: string, stream: "stdout" | "stderr"): void;
}

/** How long (milliseconds) output may still come after the end, from a process that left the group. */
const outputGrace = 2_000;

/** Runs a command under the supervisor. `python` also runs the supervisor itself. */
export function supervise(python: string, command: readonly string[], options: SuperviseOptions): SupervisedProcess {
    const supervisor = packageFile("local/aws/sagemaker/supervise.py");
    const child = spawn(python, ["-I", supervisor, options.temporaryFolder ?? "", ...command], {
        cwd: options.cwd,
        env: options.env,
        stdio: ["pipe", "pipe", "pipe"],
        // Out of the terminal's group: Ctrl-C is for the twin, which then ends its children in order.
        detached: true,
    });
    // A write that comes after the end is of no interest.
    child.stdin.on("error", () => undefined);
    for (const stream of ["stdout", "stderr"] as const) {
        createInterface({ input: child[stream] }).on("line", (line) => options.onLine(line, stream));
    }
    const exited = new Promise<number>((resolve) => {
        child.once("error", (error) => {
            options.onLine(`${command[0]} could not be started: ${error.message}`, "stderr");
            resolve(127);
        });
        const end = (code: number | null) => resolve(code ?? 137);
        child.once("close", end);
        child.once("exit", (code) => setTimeout(end, outputGrace, code).unref());
    });
    const tell = (line: string) => {
        if (child.stdin.writable) child.stdin.write(line);
    };
    return { exited, terminate: () => tell("terminate\n"), kill: () => tell("kill\n") };
}
