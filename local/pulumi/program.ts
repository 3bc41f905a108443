import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import {
    findModule,
    lifeline,
    organization,
    type ProgramSurroundings,
    programEnvironment,
    startProgramProcess,
} from "./program-process";
import type { Configuration } from "./project";
import { refusedBySpare, startSpareProgram, takeSpareProgram } from "./spare-program";

/**
 * Keeps a process ready for the next run in the same folder, made while one runs, or, where somebody waits for that one,
 * after it. @default none
 */
export type KeepReady = "meanwhile" | "afterwards";

export interface ProgramOptions extends ProgramSurroundings {
    readonly stack: string;
    readonly configuration: Configuration;
    /** `host:port` of the monitor. */
    readonly monitor: string;
    /** Variables besides those of this process. */
    readonly environment: Readonly<Record<string, string>>;
    readonly keepReady?: KeepReady;
    onLine(line: string): void;
    /** Which files it has loaded, at its end; not those of packages. */
    onLoaded?(files: readonly string[]): void;
    readonly signal?: AbortSignal;
}

export interface ProgramResult {
    /** Undefined when a signal ended it. */
    readonly exitCode: number | undefined;
    /** The last lines that it printed to its error output. */
    readonly errorOutput: readonly string[];
}

const keptErrorLines = 20;

/** Runs a Pulumi program in a process of its own until it ends. */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
    const main = [findModule("@pulumi/pulumi/cmd/run", options.project), ...commandArguments(options)];
    const environment = {
        ...programEnvironment(options),
        ...options.environment,
        PULUMI_CONFIG: JSON.stringify(options.configuration.values),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(options.configuration.secretKeys),
        PULUMI_NODEJS_STACK: options.stack,
        PULUMI_NODEJS_MONITOR: options.monitor,
        PULUMI_NODEJS_ENGINE: options.monitor,
    };
    const alone = () => untilEnd(startProgramProcess(options, main, { environment, stdin: "ignore" }), options);
    if (options.keepReady === undefined) return alone();
    const spare = takeSpareProgram(options);
    if (spare === undefined) {
        const result = await alone();
        startSpareProgram(options);
        return result;
    }
    // Whoever has deployed twice does so again soon: the next one gets ready while this one runs.
    if (options.keepReady === "meanwhile") startSpareProgram(options);
    const result = await untilEnd(spare.run({ main, environment }), options);
    startSpareProgram(options);
    return result.exitCode === refusedBySpare ? alone() : result;
}

async function untilEnd(child: ChildProcess, options: ProgramOptions): Promise<ProgramResult> {
    const stop = () => {
        child.kill("SIGKILL");
        // What it has started may hold its output open; nobody waits for that any longer.
        for (const stream of child.stdio) stream?.destroy();
    };
    options.signal?.addEventListener("abort", stop);
    const pipe = child.stdio[lifeline];
    if (pipe instanceof Readable) {
        createInterface({ input: pipe }).on("line", (line) => {
            const files = loadedFiles(line);
            if (files !== undefined) options.onLoaded?.(files);
        });
    }
    const errorOutput: string[] = [];
    if (child.stdout === null || child.stderr === null) throw new Error("The program was started without its pipes.");
    createInterface({ input: child.stdout }).on("line", options.onLine);
    createInterface({ input: child.stderr }).on("line", (line) => {
        errorOutput.push(line);
        if (errorOutput.length > keptErrorLines) errorOutput.shift();
        options.onLine(line);
    });
    try {
        return await new Promise<ProgramResult>((resolve, reject) => {
            child.once("error", reject);
            child.once("close", (code) => resolve({ exitCode: code ?? undefined, errorOutput }));
            if (options.signal?.aborted) stop();
        });
    } finally {
        options.signal?.removeEventListener("abort", stop);
    }
}

/** Undefined where the program ended before the line did. */
function loadedFiles(line: string): string[] | undefined {
    try {
        const files: unknown = JSON.parse(line);
        return Array.isArray(files) ? files.map(String) : undefined;
    } catch {
        return undefined;
    }
}

function commandArguments({ project, stack, monitor }: ProgramOptions): string[] {
    return [
        ...["--monitor", monitor, "--engine", monitor],
        ...["--project", project.name, "--stack", stack, "--organization", organization],
        ...["--root-directory", project.folder, "--pwd", project.programFolder],
        ...["--parallel", "64"],
        project.entry,
    ];
}
