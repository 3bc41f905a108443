import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { type Configuration, type Project, ProjectError } from "./project";

/** The file descriptor of lifeline.ts, which cannot be imported from: it acts where it is loaded. */
const lifeline = 3;

export interface ProgramOptions {
    readonly project: Project;
    readonly stack: string;
    readonly configuration: Configuration;
    /** `host:port` of the monitor. */
    readonly monitor: string;
    /** Variables besides those of this process. */
    readonly environment: Readonly<Record<string, string>>;
    /** Folder in which Node keeps compiled code from one run to the next; made if need be. */
    readonly compileCache: string;
    onLine(line: string): void;
    readonly signal?: AbortSignal;
}

export interface ProgramResult {
    /** Undefined when a signal ended it. */
    readonly exitCode: number | undefined;
    /** The last lines that it printed to its error output. */
    readonly errorOutput: readonly string[];
}

/** Variables of this process that would lead the program elsewhere. */
const withheld = ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "PULUMI_CONFIG"];

const keptErrorLines = 20;

/** Runs a Pulumi program in a process of its own until it ends. */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
    const { project, configuration, monitor } = options;
    const own = new Map(Object.entries(process.env).filter(([name]) => !withheld.includes(name)));
    const child = spawn(process.execPath, programArguments(options), {
        cwd: project.programFolder,
        stdio: ["ignore", "pipe", "pipe", "pipe"],
        env: {
            ...Object.fromEntries(own),
            NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? fromSecondRunOn(options.compileCache),
            ...options.environment,
            PULUMI_CONFIG: JSON.stringify(configuration.values),
            PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(configuration.secretKeys),
            // tsx loads TypeScript; Pulumi's own loader is slower and knows CommonJS only.
            PULUMI_NODEJS_TYPESCRIPT: "false",
            PULUMI_NODEJS_MONITOR: monitor,
        },
    });
    const stop = () => child.kill("SIGKILL");
    options.signal?.addEventListener("abort", stop);
    child.stdio[lifeline]?.on("error", () => {
        // The program has ended, which "close" tells as well.
    });
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

/**
 * Filling the cache takes half a second at a program's end. The first run, which somebody watches, goes without; from
 * the second on it is filled once and then saves as much.
 */
function fromSecondRunOn(folder: string): string | undefined {
    if (existsSync(folder)) return folder;
    mkdirSync(folder, { recursive: true });
    return undefined;
}

function programArguments({ project, stack, monitor }: ProgramOptions): string[] {
    const loader = pathToFileURL(find("tsx", project)).href;
    const given = project.nodeArguments.join(" ");
    // A project may ask for tsx by name, which Node would look for in the project's folder only.
    const named = given.replace(/--import[= ]tsx(?=\s|$)/, `--import=${loader}`);
    const nodeArguments = named === given && !given.includes("tsx") ? `${given} --import=${loader}` : named;
    return [
        ...nodeArguments.split(" ").filter((argument) => argument !== ""),
        "--enable-source-maps",
        ...["./lifeline", "./native-source-maps"].map(
            (name) => `--import=${pathToFileURL(require.resolve(name)).href}`,
        ),
        find("@pulumi/pulumi/cmd/run", project),
        ...["--monitor", monitor, "--engine", monitor],
        ...["--project", project.name, "--stack", stack, "--organization", "organization"],
        ...["--root-directory", project.folder, "--pwd", project.programFolder],
        ...["--parallel", "64"],
        project.entry,
    ];
}

/** Finds a module from the program's folder, else from here. */
function find(module: string, project: Project): string {
    for (const from of [join(project.programFolder, "index.js"), __filename]) {
        try {
            return createRequire(from).resolve(module);
        } catch {
            // The next place may have it.
        }
    }
    throw new ProjectError(`${module} is not installed for ${project.programFolder}: run "npm install" there.`);
}
