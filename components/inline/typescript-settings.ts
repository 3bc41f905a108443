import { dirname, isAbsolute } from "node:path";
import type { TsconfigRaw } from "esbuild";
import { createPathsMatcher, getTsconfig, type PathsMatcher } from "get-tsconfig";

/** What the nearest tsconfig.json, or jsconfig.json, says about a file. */
interface Settings {
    /** The absolute paths that an import may mean by `paths` and `baseUrl`. */
    readonly pathsOf: PathsMatcher | undefined;
    /** What changes the code that a compiler makes. */
    readonly compilerOptions: NonNullable<Exclude<TsconfigRaw, string>["compilerOptions"]>;
}

const none: Settings = { pathsOf: undefined, compilerOptions: {} };
const known = new Map<string, Settings>();

function settingsOf(file: string): Settings {
    const folder = dirname(file);
    const cached = known.get(folder);
    if (cached) return cached;
    const settings = read(folder);
    known.set(folder, settings);
    return settings;
}

function read(folder: string): Settings {
    try {
        const found = getTsconfig(folder) ?? getTsconfig(folder, "jsconfig.json");
        if (found === null) return none;
        const {
            experimentalDecorators,
            useDefineForClassFields,
            target,
            jsx,
            jsxFactory,
            jsxFragmentFactory,
            jsxImportSource,
        } = found.config.compilerOptions ?? {};
        return {
            pathsOf: createPathsMatcher(found) ?? undefined,
            compilerOptions: {
                experimentalDecorators,
                useDefineForClassFields,
                target,
                jsx: jsx as "react" | undefined,
                jsxFactory,
                jsxFragmentFactory,
                jsxImportSource,
            },
        };
    } catch {
        // The compiler says what is wrong with it.
        return none;
    }
}

/** The absolute paths that an import may mean by `paths` and `baseUrl` of the nearest tsconfig.json and its `extends`. */
export function byTypeScriptPaths(fromFile: string, specifier: string): readonly string[] {
    if (isAbsolute(specifier)) return [];
    return settingsOf(fromFile).pathsOf?.(specifier) ?? [];
}

/** The settings of the nearest tsconfig.json that change what a file's code means, as esbuild takes them. */
export function compilerOptionsOf(file: string): Settings["compilerOptions"] {
    return settingsOf(file).compilerOptions;
}
