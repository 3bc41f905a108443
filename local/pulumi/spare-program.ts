import type { ChildProcess } from "node:child_process";
import { type ProgramSurroundings, programEnvironment, startProgramProcess } from "./program-process";

/** What a waiting process is to run. */
export interface SpareWork {
    /** File of the command that runs programs, and its arguments. */
    readonly main: readonly string[];
    /** All variables that the program shall have. */
    readonly environment: Readonly<Record<string, string>>;
}

export interface SpareProgram {
    /** Hands the work over. The process exits with {@link refusedBySpare} where it may not be used for it. */
    run(work: SpareWork): ChildProcess;
}

/** Exit code of a process that has run nothing, since files that it had loaded changed meanwhile. */
export const refusedBySpare = 75;

const spares = new Map<string, ChildProcess>();

/**
 * Takes the process that was started for the next program of a folder, if there is one: it has loaded already what
 * takes most of a program's time, which is Pulumi, this package and the loader of TypeScript, and nothing of the program.
 */
export function takeSpareProgram(surroundings: ProgramSurroundings): SpareProgram | undefined {
    const key = keyOf(surroundings);
    const spare = spares.get(key);
    spares.delete(key);
    if (spare === undefined || spare.exitCode !== null || spare.signalCode !== null) return undefined;
    return {
        run(work) {
            hold(spare, true);
            spare.stdin?.end(JSON.stringify(work));
            return spare;
        },
    };
}

/** Starts such a process. It ends with this one, and does not keep it alive. */
export function startSpareProgram(surroundings: ProgramSurroundings): void {
    const key = keyOf(surroundings);
    if (spares.has(key)) return;
    const environment = programEnvironment(surroundings);
    const main = [require.resolve("./spare-main"), "--spare"];
    const child = startProgramProcess(surroundings, main, { environment, stdin: "pipe" });
    child.on("error", () => spares.delete(key));
    child.stdin?.on("error", () => {
        // It has ended, which whoever uses it is told by "close".
    });
    hold(child, false);
    spares.set(key, child);
}

function keyOf({ project }: ProgramSurroundings): string {
    return JSON.stringify([project.programFolder, project.nodeArguments]);
}

function hold(child: ChildProcess, alive: boolean): void {
    const handles = [child, ...child.stdio] as readonly (null | { ref?(): void; unref?(): void })[];
    for (const handle of handles) {
        if (alive) handle?.ref?.();
        else handle?.unref?.();
    }
}
