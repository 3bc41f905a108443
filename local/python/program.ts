import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { PythonEnvironmentOptions } from "./environment";

export interface ProgramResult {
    readonly exitCode: number | null;
    readonly signal: NodeJS.Signals | null;
    /** The last lines of what it printed. */
    readonly lastLines: string;
}

const kept = 15;

/** Runs a program to its end; rejects only when it cannot be started or was aborted. */
export function runProgram(
    command: string,
    parameters: readonly string[],
    { onProgress, signal }: PythonEnvironmentOptions,
): Promise<ProgramResult> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, parameters, {
            stdio: ["ignore", "pipe", "pipe"],
            // PYTHONPATH and the like would mix other packages in.
            env: { ...withoutPython(process.env), PYTHONUNBUFFERED: "1" },
            signal,
        });
        const lines: string[] = [];
        for (const stream of [child.stdout, child.stderr]) {
            createInterface({ input: stream }).on("line", (line) => {
                if (line.trim() === "") return;
                lines.push(line.trimEnd());
                if (lines.length > kept) lines.shift();
                onProgress?.(line.trim());
            });
        }
        child.once("error", reject);
        child.once("close", (exitCode, endSignal) =>
            resolve({ exitCode, signal: endSignal, lastLines: lines.join("\n") }),
        );
    });
}

function withoutPython(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(PYTHON|VIRTUAL_ENV)/.test(name)));
}
