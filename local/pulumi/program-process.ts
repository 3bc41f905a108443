import { type ChildProcess, spawn } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageFile } from "../package-file";
import { type Project, ProjectError } from "./project";

/** What a program's process is started with, whichever deployment it will be for. */
export interface ProgramSurroundings {
    readonly project: Project;
    /** Folder in which Node keeps compiled code from one run to the next; made if need be. */
    readonly compileCache: string;
}

/** What programs are told is their organization: the one that Pulumi's own state in files has. */
export const organization = "organization";

/** The file descriptor of lifeline.ts, which cannot be imported from: it acts where it is loaded. */
export const lifeline = 3;

/** Variables of this process that would lead the program elsewhere. */
const withheld = ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "PULUMI_CONFIG"];

/**
 * Starts a process that has Pulumi and a loader of TypeScript.
 * @param main What it runs, and with which arguments.
 */
export function startProgramProcess(
    surroundings: ProgramSurroundings,
    main: readonly string[],
    options: { readonly environment: Readonly<Record<string, string>>; readonly stdin: "ignore" | "pipe" },
): ChildProcess {
    const { project } = surroundings;
    const child = spawn(process.execPath, [...nodeArguments(project), ...main], {
        cwd: project.programFolder,
        stdio: [options.stdin, "pipe", "pipe", "pipe"],
        env: options.environment,
    });
    child.stdio[lifeline]?.on("error", () => {
        // The program has ended, which "close" tells as well.
    });
    return child;
}

/** The variables of a program's process that no deployment changes. */
export function programEnvironment({ project, compileCache }: ProgramSurroundings): Record<string, string> {
    const own = Object.entries(process.env).filter(([name]) => !withheld.includes(name));
    const known = join(compileCache, `${hash("sha256", project.programFolder).slice(0, 16)}.modules`);
    const compiled = process.env.NODE_COMPILE_CACHE ?? fromSecondRunOn(compileCache);
    return {
        ...(Object.fromEntries(own) as Record<string, string>),
        ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
        // Where preload.cjs keeps what the programs of this folder load.
        SORTLINE_LOADED_MODULES: known,
        // tsx loads TypeScript; Pulumi's own loader is slower and knows CommonJS only.
        PULUMI_NODEJS_TYPESCRIPT: "false",
        // Pulumi reads these when it is loaded, which is before its command sets them.
        PULUMI_NODEJS_ORGANIZATION: organization,
        PULUMI_NODEJS_PROJECT: project.name,
        PULUMI_NODEJS_ROOT_DIRECTORY: project.folder,
    };
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

function nodeArguments(project: Project): string[] {
    const loader = pathToFileURL(findModule("tsx", project)).href;
    const given = project.nodeArguments.join(" ");
    // A project may ask for tsx by name, which Node would look for in the project's folder only.
    const named = given.replace(/--import[= ]tsx(?=\s|$)/, `--import=${loader}`);
    const withLoader = named === given && !given.includes("tsx") ? `${given} --import=${loader}` : named;
    return [
        `--import=${pathToFileURL(packageFile("local/pulumi/preload.cjs")).href}`,
        ...withLoader.split(" ").filter((argument) => argument !== ""),
        ...["./lifeline", "./loaded-files"].map((name) => `--import=${pathToFileURL(require.resolve(name)).href}`),
    ];
}

/** Finds a module from the program's folder, else from here. @throws ProjectError */
export function findModule(module: string, project: Project): string {
    for (const from of [join(project.programFolder, "index.js"), __filename]) {
        try {
            return createRequire(from).resolve(module);
        } catch {
            // The next place may have it.
        }
    }
    throw new ProjectError(`${module} is not installed for ${project.programFolder}: run "npm install" there.`);
}
