import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { packageFile } from "../../../package-file";
import type { SearchRange } from "./search-space";

/** What a tuner is to search. */
export interface Search {
    /** The tuning job's. */
    readonly name: string;
    readonly strategy: "Bayesian" | "Random" | "Hyperband" | "Grid";
    readonly direction: "maximize" | "minimize";
    /** The same seed and results make the same choices. */
    readonly seed: number;
    /** How many training jobs are drawn at random before results are learnt from. */
    readonly startup: number;
    readonly ranges: readonly SearchRange[];
    /** Hyperband's: how often a training job prints its objective at least and at most. */
    readonly resource?: { readonly min: number; readonly max: number };
}

export type TrialState = "complete" | "pruned" | "fail";

/** What a training job had come to when the twin ended. `state` is null while it runs. */
export interface PastTrial {
    readonly parameters: Readonly<Record<string, string>>;
    readonly values: readonly number[];
    readonly state: TrialState | null;
}

/** Optuna in a process of its own. Training jobs have numbers from 0. Every call rejects once the process has ended. */
export interface Tuner {
    /** Hyperparameters for the next training job; undefined when there are none left to try. */
    ask(number: number): Promise<Readonly<Record<string, string>> | undefined>;
    /** @returns whether Hyperband wants the training job to end. */
    report(number: number, step: number, value: number): Promise<boolean>;
    tell(number: number, state: TrialState, value: number | undefined): Promise<void>;
    /** A training job that an earlier process chose; in the order of the numbers. */
    restore(number: number, past: PastTrial): Promise<void>;
    /** A result of another tuning job. @returns whether it lies within the ranges of this one. */
    learn(parameters: Readonly<Record<string, string>>, value: number): Promise<boolean>;
    close(): void;
}

interface Waiting {
    resolve(answer: Readonly<Record<string, unknown>>): void;
    reject(error: Error): void;
}

/** How many lines of its last words an error has. */
const keptLines = 5;

/** @param python of the environment with Optuna. */
export function startTuner(python: string, search: Search): Tuner {
    const script = packageFile("local/aws/sagemaker/tuning/tuner.py");
    // It ends when its standard input does, and so with the twin, however that ends.
    const child = spawn(python, ["-I", "-X", "utf8", script], {
        stdio: ["pipe", "pipe", "pipe"],
        env: {},
        detached: true,
    });
    const waiting: Waiting[] = [];
    const said: string[] = [];
    let ended: Error | undefined;

    const end = (reason: string) => {
        ended ??= new Error(`The tuner ${reason}${said.length === 0 ? "" : `: ${said.join(" ")}`}`);
        for (const { reject } of waiting.splice(0)) reject(ended);
    };
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => end(`could not be started: ${error.message}`));
    child.once("close", (code) => end(`has ended with exit code ${code}`));
    createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
    createInterface({ input: child.stderr }).on("line", (line) => {
        said.push(line.trim());
        if (said.length > keptLines) said.shift();
    });

    const write = (line: object) => void child.stdin.write(`${JSON.stringify(line)}\n`);
    const question = (line: object): Promise<Readonly<Record<string, unknown>>> =>
        new Promise((resolve, reject) => {
            if (ended !== undefined) return reject(ended);
            waiting.push({ resolve, reject });
            write(line);
        });

    write(search);
    return {
        async ask(number) {
            const { parameters } = await question({ ask: number });
            return (parameters as Record<string, string> | null) ?? undefined;
        },
        report: async (number, step, value) => (await question({ report: number, step, value })).stop === true,
        tell: async (number, state, value) => void (await question({ tell: number, state, value })),
        restore: async (number, past) => void (await question({ restore: number, ...past })),
        learn: async (parameters, value) => (await question({ parent: { parameters, value } })).used === true,
        close() {
            end("was closed");
            child.stdin.end();
            child.kill("SIGKILL");
        },
    };
}
