import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheFolder } from "./cache";
import { findPython, type Interpreter, PythonError } from "./interpreter";
import { runProgram } from "./program";

export interface PythonEnvironmentOptions {
    /** Told what is being done, a line at a time, while an environment is built. */
    onProgress?(line: string): void;
    /** Stops building; nothing is left behind. */
    readonly signal?: AbortSignal | undefined;
    /** Said before it is built. @default nothing */
    readonly cost?: string | undefined;
}

const building = new Map<string, Promise<{ python: string }>>();

/**
 * A virtual environment with exactly what a requirements file (with hashes) lists, in the user's cache folder. Built
 * once for each content of the file, Python version and platform; afterwards no network is needed.
 *
 * Console scripts in it carry the path of the folder it was built in: run modules, `<python> -m name`, instead.
 * @param requirements path of the requirements file.
 * @returns the path of its Python.
 * @throws PythonError when no Python is found or the packages cannot be installed.
 */
export async function pythonEnvironment(
    requirements: string,
    options: PythonEnvironmentOptions = {},
): Promise<{ python: string }> {
    const [interpreter, content] = await Promise.all([findPython(), readFile(requirements)]);
    const root = join(cacheFolder(), "python");
    const folder = join(root, digest(content, interpreter));
    if (usable(folder)) return { python: pythonOf(folder) };

    const started = building.get(folder);
    if (started !== undefined) return started;
    const build = buildEnvironment(interpreter, requirements, root, folder, options);
    building.set(folder, build);
    try {
        return await build;
    } finally {
        building.delete(folder);
    }
}

/** Whether that environment is there already. @throws PythonError when no Python is found. */
export async function hasPythonEnvironment(requirements: string): Promise<boolean> {
    return usable(await folderOf(requirements));
}

async function folderOf(requirements: string): Promise<string> {
    const [interpreter, content] = await Promise.all([findPython(), readFile(requirements)]);
    return join(cacheFolder(), "python", digest(content, interpreter));
}

function digest(requirements: Buffer, { executable, version, platform }: Interpreter): string {
    const hash = createHash("sha256").update(requirements);
    return hash.update(`\0${executable}\0${version}\0${platform}`).digest("hex").slice(0, 24);
}

function pythonOf(folder: string): string {
    return join(folder, "bin", "python");
}

/** An environment gets its name only when it is whole; but the Python that it was made from may have been removed. */
function usable(folder: string): boolean {
    try {
        accessSync(pythonOf(folder), constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

async function buildEnvironment(
    interpreter: Interpreter,
    requirements: string,
    root: string,
    folder: string,
    options: PythonEnvironmentOptions,
): Promise<{ python: string }> {
    mkdirSync(root, { recursive: true });
    removeAbandoned(root);
    const temporary = mkdtempSync(join(root, `.building-${process.pid}-`));
    try {
        if (options.cost !== undefined) options.onProgress?.(options.cost);
        options.onProgress?.(`Making a Python ${interpreter.version} environment in ${folder}`);
        const venv = await runProgram(interpreter.executable, ["-I", "-m", "venv", temporary], options);
        if (venv.exitCode !== 0) {
            throw new PythonError(`'${interpreter.executable} -m venv' failed:\n${venv.lastLines}`);
        }
        await install(pythonOf(temporary), requirements, options);
        adopt(temporary, folder);
        return { python: pythonOf(folder) };
    } finally {
        rmSync(temporary, { recursive: true, force: true });
    }
}

async function install(python: string, requirements: string, options: PythonEnvironmentOptions): Promise<void> {
    // The file lists all that is needed; what it leaves out of a package's own wishes is left out on purpose.
    const flags = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-input", "--progress-bar", "off"];
    const pip = await runProgram(
        python,
        ["-m", "pip", "--disable-pip-version-check", "install", ...flags, "-r", requirements],
        { ...options, onProgress: (line) => reportStep(line, options) },
    );
    if (pip.exitCode === 0) return;
    throw new PythonError(
        `The Python packages of ${basename(requirements)} could not be installed (pip ended with ${pip.exitCode ?? pip.signal}). ` +
            "The first time, a network connection to the Python package index is needed (pip's own settings for a mirror or a " +
            `proxy count); afterwards none. Try again when it is there. pip said last:\n${pip.lastLines}`,
    );
}

/** Of all that pip prints, what a person waiting wants to know. */
function reportStep(line: string, { onProgress }: PythonEnvironmentOptions): void {
    if (/^(Downloading|Installing|Successfully installed|WARNING|ERROR)\b/.test(line)) onProgress?.(line);
}

/** Another process may have built the same environment meanwhile: then that one is used. */
function adopt(temporary: string, folder: string): void {
    for (;;) {
        try {
            renameSync(temporary, folder);
            return;
        } catch (error) {
            if (usable(folder)) return;
            if (!existsSync(folder)) throw error;
            rmSync(folder, { recursive: true, force: true });
        }
    }
}

/** Removes what processes that have ended abruptly left half built. */
function removeAbandoned(root: string): void {
    for (const name of readdirSync(root)) {
        const pid = /^\.building-(\d+)-/.exec(name)?.[1];
        if (pid !== undefined && !alive(Number(pid))) rmSync(join(root, name), { recursive: true, force: true });
    }
}

function alive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
