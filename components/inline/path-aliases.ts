import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parseExpression } from "@babel/parser";
import type * as t from "@babel/types";
import { nearestFolderWith } from "./nearest-folder";

/** The value of an expression of JSON, which in tsconfig.json may have comments and trailing commas. */
function jsonOf(node: t.Node): unknown {
    if (node.type === "ObjectExpression") {
        return Object.fromEntries(
            node.properties.flatMap((each) =>
                each.type === "ObjectProperty" && each.key.type === "StringLiteral"
                    ? [[each.key.value, jsonOf(each.value)]]
                    : [],
            ),
        );
    }
    if (node.type === "ArrayExpression") return node.elements.map((each) => (each ? jsonOf(each) : undefined));
    return "value" in node ? node.value : undefined;
}

interface Configuration {
    readonly extends?: string | readonly string[];
    readonly compilerOptions?: {
        readonly baseUrl?: string;
        readonly paths?: Readonly<Record<string, readonly string[]>>;
    };
}

/** What tsconfig.json says about imports that are no relative paths. */
interface Aliases {
    /** Absolute folder in which they are looked for. */
    readonly baseUrl?: string;
    /** Pattern -> absolute paths, with `*` for what the pattern's own stands for. */
    readonly paths: ReadonlyMap<string, readonly string[]>;
}

function extendedFile(file: string, specifier: string): string | undefined {
    const candidates = /^\.|^\//.test(specifier) ? [resolve(dirname(file), specifier)] : [];
    for (const each of candidates.flatMap((path) => [path, `${path}.json`])) if (existsSync(each)) return each;
    const { resolve: find } = createRequire(file);
    for (const each of [specifier, `${specifier}.json`, `${specifier}/tsconfig.json`]) {
        try {
            const found = find(each);
            if (found.endsWith(".json")) return found;
        } catch {
            // The next form of the name.
        }
    }
    return undefined;
}

// Of TypeScript 5.5: the folder of the file that extends others.
const configFolder = /^\$\{configDir\}/;
const none: Aliases = { paths: new Map() };
const known = new Map<string, Aliases>();

function readAliases(file: string, above: ReadonlySet<string>): Aliases {
    const cached = known.get(file);
    if (cached) return cached;
    if (above.has(file)) return none;
    let configuration: Configuration;
    try {
        configuration = (jsonOf(parseExpression(readFileSync(file, "utf8"))) ?? {}) as Configuration;
    } catch {
        // The compiler says what is wrong with it.
        return none;
    }
    const { extends: base = [], compilerOptions: { baseUrl, paths } = {} } = configuration;
    let aliases = none;
    for (const each of typeof base === "string" ? [base] : base) {
        const parent = extendedFile(file, each);
        if (parent !== undefined) aliases = { ...aliases, ...readAliases(parent, new Set([...above, file])) };
    }
    const folder = dirname(file);
    const place = (path: string) => resolve(folder, path.replace(configFolder, folder));
    if (baseUrl !== undefined) aliases = { ...aliases, baseUrl: place(baseUrl) };
    if (paths !== undefined) {
        const from = aliases.baseUrl ?? folder;
        const entries = Object.entries(paths).map(
            ([pattern, targets]) =>
                [pattern, targets.map((each) => resolve(from, each.replace(configFolder, folder)))] as const,
        );
        aliases = { ...aliases, paths: new Map(entries) };
    }
    if (above.size === 0) known.set(file, aliases);
    return aliases;
}

/** What `*` in a pattern stands for; undefined where the pattern does not fit. */
function starOf(pattern: string, specifier: string): string | undefined {
    const [start, end] = pattern.split("*");
    if (start === undefined || end === undefined) return pattern === specifier ? "" : undefined;
    const fits =
        specifier.length >= start.length + end.length && specifier.startsWith(start) && specifier.endsWith(end);
    return fits ? specifier.slice(start.length, specifier.length - end.length) : undefined;
}

/** The pattern that fits best, exact ones first, then the one with the longest beginning, and what its `*` stands for. */
function bestFit(patterns: Iterable<string>, specifier: string): { pattern: string; rest: string } | undefined {
    let best: { pattern: string; rest: string; length: number } | undefined;
    for (const pattern of patterns) {
        const rest = starOf(pattern, specifier);
        const length = pattern.includes("*") ? pattern.indexOf("*") : Number.POSITIVE_INFINITY;
        if (rest !== undefined && (!best || length > best.length)) best = { pattern, rest, length };
    }
    return best;
}

const nearest = new Map<string, Aliases>();

function nearestAliases(from: string): Aliases {
    const found = nearest.get(from);
    if (found) return found;
    const names = ["tsconfig.json", "jsconfig.json"];
    const folder = nearestFolderWith(from, names);
    const file = names.map((each) => join(folder ?? from, each)).find((each) => existsSync(each));
    const aliases = file === undefined ? none : readAliases(file, new Set());
    nearest.set(from, aliases);
    return aliases;
}

/** The paths that an import may mean by the nearest tsconfig.json, its `extends`, `paths` and `baseUrl`; absolute. */
export function byTypeScriptPaths(fromFile: string, specifier: string): readonly string[] {
    if (isAbsolute(specifier)) return [];
    const { paths, baseUrl } = nearestAliases(dirname(fromFile));
    const best = bestFit(paths.keys(), specifier);
    const targets = best ? (paths.get(best.pattern) ?? []).map((each) => each.replace("*", () => best.rest)) : [];
    return baseUrl === undefined ? targets : [...targets, resolve(baseUrl, specifier)];
}

// As esbuild has them for a bundle that runs on Node.
const conditions = new Set(["node", "import", "module", "default"]);

function conditional(target: unknown): string | undefined {
    if (typeof target === "string") return target;
    if (Array.isArray(target)) return target.map(conditional).find((each) => each !== undefined);
    if (typeof target !== "object" || target === null) return undefined;
    for (const [condition, each] of Object.entries(target)) {
        const found = conditions.has(condition) ? conditional(each) : undefined;
        if (found !== undefined) return found;
    }
    return undefined;
}

/**
 * What `#name` means by the `imports` of the nearest package.json: an absolute path, or a package's name; undefined where
 * it is not declared.
 */
export function byPackageImports(fromFile: string, specifier: string): string | undefined {
    const folder = nearestFolderWith(dirname(fromFile), ["package.json"]);
    if (folder === undefined) return undefined;
    const { imports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        imports?: Record<string, unknown>;
    };
    const best = bestFit(Object.keys(imports), specifier);
    const target = best && conditional(imports[best.pattern])?.replaceAll("*", () => best.rest);
    return target?.startsWith("./") ? resolve(folder, target) : target;
}
