import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFile } from "../../package-file";
import { bringsOwnRuntime } from "./configuration";
import type { StoredFunction } from "./function-store";
import { failure } from "./outcome";

/** The end of an environment's process. */
export interface Ending {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    /** It could not reach the Runtime API: the twin's fault, not the handler's. */
    readonly cutOff: boolean;
}

/**
 * Starts an environment's process.
 * @param id Unique; it stands in the command line, by which a process left over from a killed twin is known.
 */
export function spawnEnvironment(
    of: StoredFunction,
    id: string,
    variables: Readonly<Record<string, string>>,
): ChildProcess {
    const heap = `--max-old-space-size=${Math.floor(of.settings.MemorySize * 0.9)}`;
    const { program, options } = bringsOwnRuntime(of.settings)
        ? { program: join(of.code.folder, "bootstrap"), options: [] }
        : { program: process.execPath, options: [heap, packageFile("local/aws/lambda/bootstrap.cjs")] };
    return spawn(program, [...options, id], {
        cwd: of.code.folder,
        env: { ...variables },
        // A process group of its own: Ctrl-C reaches the twin alone, and what the handler starts is killed with it.
        detached: true,
        // The last one is the lifeline: it closes with the twin, and tells the twin when the Runtime API is out of reach.
        stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
}

/** Resolves when process and output have ended. */
export function ending(child: ChildProcess): Promise<Ending> {
    let cutOff = false;
    for (const stream of child.stdio) stream?.on("error", () => undefined);
    child.stdio[3]?.on("data", () => {
        cutOff = true;
    });
    return new Promise((resolve) => {
        // A process that could not be started has no exit, but it closes as well.
        child.on("error", () => undefined);
        child.on("exit", () => {
            killGroup(child);
            // A process that left the group may hold the output open; nobody waits for it.
            setTimeout(() => {
                for (const stream of [child.stdout, child.stderr]) stream?.destroy();
            }, 1000).unref();
        });
        child.on("close", (code, signal) => resolve({ code, signal, cutOff }));
    });
}

/** Signals as Lambda names them, where it does not say the name itself. */
const signals: Readonly<Record<string, string>> = {
    SIGABRT: "aborted",
    SIGBUS: "bus error",
    SIGFPE: "floating point exception",
    SIGHUP: "hangup",
    SIGILL: "illegal instruction",
    SIGINT: "interrupt",
    SIGKILL: "killed",
    SIGPIPE: "broken pipe",
    SIGQUIT: "quit",
    SIGSEGV: "segmentation fault",
    SIGTERM: "terminated",
    SIGTRAP: "trace/breakpoint trap",
};

/** What Lambda says of an invocation whose process has ended. */
export function exitError(requestId: string, { code, signal }: Ending): Buffer {
    const because = (reason: string) => `RequestId: ${requestId} Error: ${reason}`;
    // The system's error, below 0, is that of a program that could not be started.
    if (code !== null && code < 0) {
        const reason = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
        return failure("Runtime.InvalidEntrypoint", because(reason));
    }
    let reason = "Runtime exited without providing a reason";
    if (signal !== null) reason = `Runtime exited with error: signal: ${signals[signal] ?? signal}`;
    else if (code !== 0) reason = `Runtime exited with error: exit status ${code}`;
    return failure("Runtime.ExitError", because(reason));
}

/** Ends the process and what it has started, at once. */
export function killGroup({ pid }: ChildProcess): void {
    if (pid !== undefined) killProcessGroup(pid);
}

/**
 * Ends a process that a killed twin has left. An environment notices the twin's end by itself, unless its handler never
 * gives up the processor. The id tells it from another process that got its number.
 */
export function killLeftover(pid: number, id: string): void {
    const file = `/proc/${pid}/cmdline`;
    let command = "";
    try {
        command = existsSync("/proc/self/cmdline")
            ? readFileSync(file, "utf8")
            : execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    } catch {
        // There is no such process any longer.
    }
    if (command.includes(id)) killProcessGroup(pid);
}

function killProcessGroup(leader: number): void {
    try {
        process.kill(-leader, "SIGKILL");
    } catch {
        // Nothing of the group is left.
    }
}
