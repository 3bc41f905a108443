import { spawn } from "node:child_process";

export interface ChildOptions {
    readonly cwd: string;
    /** The whole environment: nothing is inherited. */
    readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs a command until it ends and returns what it printed. What it says on the error stream goes to ours.
 * @throws Error with the command and its exit code where that is not 0.
 */
export function output(command: string, parameters: readonly string[], options: ChildOptions): Promise<string> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, parameters, {
            cwd: options.cwd,
            env: options.environment,
            stdio: ["ignore", "pipe", "inherit"],
        });
        const chunks: Buffer[] = [];
        child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
        child.once("error", reject);
        child.once("close", (code, signal) => {
            if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
            else
                reject(
                    new Error(`${[command, ...parameters].join(" ")} ended with ${code ?? signal} in ${options.cwd}`),
                );
        });
    });
}

/** Runs a fresh Node process whose last line of output is JSON, and returns that. */
export async function answerOf<T>(parameters: readonly string[], options: ChildOptions): Promise<T> {
    const lines = (await output(process.execPath, parameters, options)).trimEnd().split("\n");
    return JSON.parse(lines.at(-1) ?? "") as T;
}
