import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { load } from "js-yaml";

/** What Pulumi.yaml says. */
export interface Project {
    readonly name: string;
    /** Folder of Pulumi.yaml. */
    readonly folder: string;
    /** Working directory of the program. */
    readonly programFolder: string;
    /** The program's file within {@link programFolder}, or `.` for the entry point that package.json names. */
    readonly entry: string;
    /** Arguments for Node, from `runtime.options.nodeargs`. */
    readonly nodeArguments: readonly string[];
    readonly config: readonly ConfigKey[];
}

interface ConfigKey {
    /** With its namespace, for example `sortline:threshold`. */
    readonly key: string;
    /** The default as text; undefined when the project declares none. */
    readonly value: string | undefined;
    readonly required: boolean;
    readonly secret: boolean;
    readonly description: string | undefined;
}

/** The project or its configuration is wrong; the message says what to change. */
export class ProjectError extends Error {
    override readonly name = "ProjectError";
}

type Mapping = Readonly<Record<string, unknown>>;

/** Reads a project. @throws ProjectError when there is none, or it cannot be run here. */
export function readProject(folder: string): Project {
    const file = join(resolve(folder), "Pulumi.yaml");
    const content = parse(file);
    const name = content.name;
    if (typeof name !== "string" || name === "") throw new ProjectError(`${file}: "name" is missing.`);
    const runtime = isMapping(content.runtime) ? content.runtime : { name: content.runtime };
    if (runtime.name !== "nodejs") {
        throw new ProjectError(`${file}: runtime "${runtime.name}" is not supported here; only nodejs is.`);
    }
    const options = isMapping(runtime.options) ? runtime.options : {};
    return {
        name,
        folder: dirname(file),
        ...programOf(file, content.main),
        nodeArguments: String(options.nodeargs ?? "")
            .split(/\s+/)
            .filter((argument) => argument !== ""),
        config: configKeys(file, name, content.config),
    };
}

function parse(file: string): Mapping {
    let source: string;
    try {
        source = readFileSync(file, "utf8");
    } catch (cause) {
        throw new ProjectError(`There is no Pulumi project in ${dirname(file)}: Pulumi.yaml cannot be read.`, {
            cause,
        });
    }
    let content: unknown;
    try {
        content = load(source, { filename: file });
    } catch (cause) {
        throw new ProjectError(`${file} is not valid YAML: ${(cause as Error).message}`, { cause });
    }
    if (!isMapping(content)) throw new ProjectError(`${file} must be a mapping with "name" and "runtime".`);
    return content;
}

function programOf(file: string, main: unknown): { programFolder: string; entry: string } {
    const folder = dirname(file);
    if (main === undefined) return { programFolder: folder, entry: "." };
    if (typeof main !== "string") throw new ProjectError(`${file}: "main" must be a path.`);
    const path = resolve(folder, main);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new ProjectError(`${file}: "main" names ${path}, which does not exist.`);
    return found.isDirectory()
        ? { programFolder: path, entry: "." }
        : { programFolder: dirname(path), entry: basename(path) };
}

function configKeys(file: string, project: string, config: unknown): ConfigKey[] {
    // A text is the folder of stack files in older projects: nothing is declared then.
    if (config === undefined || config === null || typeof config === "string") return [];
    if (!isMapping(config)) throw new ProjectError(`${file}: "config" must be a mapping of keys.`);
    return Object.entries(config).map(([name, declared]) => {
        const declaration: Mapping = isMapping(declared) ? declared : { value: declared };
        const value = declaration.value ?? declaration.default;
        return {
            key: name.includes(":") ? name : `${project}:${name}`,
            value: value === undefined || value === null ? undefined : configText(value),
            // Pulumi demands a value for a key that is declared with a type and has no default.
            required: declaration.type !== undefined && (value === undefined || value === null),
            secret: declaration.secret === true,
            description: typeof declaration.description === "string" ? declaration.description : undefined,
        };
    });
}

/** The configuration of a run: what was given, over what the project declares. */
export interface Configuration {
    readonly values: Readonly<Record<string, string>>;
    readonly secretKeys: readonly string[];
}

/** Merges the configuration. @throws ProjectError naming every required key without a value. */
export function configure(
    project: Project,
    given: Readonly<Record<string, string>>,
    defaults: Readonly<Record<string, string>> = {},
): Configuration {
    const declared = project.config.filter((key) => key.value !== undefined);
    const values: Record<string, string> = {
        ...defaults,
        ...Object.fromEntries(declared.map((key) => [key.key, key.value ?? ""])),
        ...given,
    };
    const missing = project.config.filter((key) => key.required && values[key.key] === undefined);
    if (missing.length > 0) {
        const lines = missing.map(
            (key) => `  ${key.key}${key.description === undefined ? "" : `: ${key.description}`}`,
        );
        throw new ProjectError(
            `Configuration is missing; Pulumi.yaml of ${project.name} requires a value for:\n${lines.join("\n")}`,
        );
    }
    return { values, secretKeys: project.config.filter((key) => key.secret).map((key) => key.key) };
}

function configText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

function isMapping(value: unknown): value is Mapping {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
