import { readFileSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { nearestFolderWith } from "./nearest-folder";
import { byPackageImports } from "./package-imports";
import { byTypeScriptPaths } from "./typescript-settings";

const sourceEndings = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];
const typedTwin: Readonly<Record<string, readonly string[]>> = {
    ".js": [".ts", ".tsx"],
    ".jsx": [".tsx"],
    ".mjs": [".mts"],
    ".cjs": [".cts"],
};

function isFile(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The source file that a relative import means, TypeScript before JavaScript; undefined when there is none. */
export function resolveRelative(fromFile: string, specifier: string): string | undefined {
    return sourceAt(resolve(dirname(fromFile), specifier));
}

/** The source file that an absolute path without its ending means. */
function sourceAt(base: string): string | undefined {
    const ending = /\.[cm]?jsx?$/.exec(base)?.[0] ?? "";
    const twins = (typedTwin[ending] ?? []).map((typed) => base.slice(0, -ending.length) + typed);
    const candidates = [
        ...twins,
        base,
        ...sourceEndings.map((each) => base + each),
        ...sourceEndings.map((each) => join(base, `index${each}`)),
    ];
    const found = candidates.find(isFile);
    // Node and esbuild know a file by its real path.
    return found === undefined ? undefined : realpathSync(found);
}

/**
 * The user's file that an import means: by a relative path, by `paths` of tsconfig.json or by `imports` of package.json.
 * Undefined for packages.
 */
export function resolveUserFile(fromFile: string, specifier: string): string | undefined {
    if (isRelative(specifier)) return resolveRelative(fromFile, specifier);
    if (isBuiltin(specifier)) return undefined;
    if (specifier.startsWith("#")) {
        const target = byPackageImports(fromFile, specifier);
        return target !== undefined && isAbsolute(target) ? sourceAt(target) : undefined;
    }
    if (isInstalled(fromFile)) return undefined;
    for (const path of byTypeScriptPaths(fromFile, specifier)) {
        const found = sourceAt(path);
        if (found !== undefined) return isInstalled(found) ? undefined : found;
    }
    return undefined;
}

/** True for files of packages: settings of the program do not apply to them. */
export function isInstalled(file: string): boolean {
    return file.split(sep).includes("node_modules");
}

/** True for `./x`, `../x`, `.` and absolute paths. */
export function isRelative(specifier: string): boolean {
    return /^\.{0,2}(\/|$)/.test(specifier);
}

let root: string | undefined;

/** The folder of this package, whether it runs from source or compiled. */
export function sortlineRoot(): string {
    if (root !== undefined) return root;
    for (let at = __dirname; root === undefined; at = dirname(at)) {
        const manifest = join(at, "package.json");
        if (isFile(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { name?: string }).name === "sortline")
            root = at;
        else if (dirname(at) === at)
            throw new Error(`no package.json of sortline above ${__dirname}: install the package again`);
    }
    return root;
}

/** The source of a part of this package that has no deployment in it; undefined for the other parts. */
export function resolveSortlinePart(specifier: string): string | undefined {
    if (specifier !== "sortline/email") return undefined;
    const source = join(sortlineRoot(), "functions", "index.ts");
    return isFile(source) ? source : undefined;
}

/** True for the file that users import as `sortline`, in each of its forms. */
export function isSortlineEntry(file: string): boolean {
    return /^(dist\/)?components\/index\.[cm]?[jt]s$/.test(relative(sortlineRoot(), file).split(sep).join("/"));
}

/** The package's name in an import specifier. */
export function packageName(specifier: string): string {
    return specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
}

/** The folder of an installed package as a file sees it. */
export function packageFolder(name: string, fromFile: string): string | undefined {
    const inside = join("node_modules", name);
    const home = nearestFolderWith(dirname(fromFile), [join(inside, "package.json")]);
    return home === undefined ? undefined : join(home, inside);
}

const deployOnly = new Map<string, boolean>();

/** True for a package that exists only while deploying: Pulumi's own, and whatever is built on them. */
export function isDeployOnlyPackage(specifier: string, fromFile: string): boolean {
    if (isRelative(specifier) || isBuiltin(specifier)) return false;
    if (specifier.startsWith("#")) {
        const target = byPackageImports(fromFile, specifier);
        return target !== undefined && !isAbsolute(target) && isDeployOnlyPackage(target, fromFile);
    }
    const name = packageName(specifier);
    if (name.startsWith("@pulumi/")) return true;
    if (name === "sortline") return specifier === "sortline/testing";
    const folder = packageFolder(name, fromFile);
    if (folder === undefined) return false;
    const manifest = join(folder, "package.json");
    let known = deployOnly.get(manifest);
    if (known === undefined) {
        const { dependencies, peerDependencies } = JSON.parse(readFileSync(manifest, "utf8")) as {
            dependencies?: Record<string, string>;
            peerDependencies?: Record<string, string>;
        };
        known = "@pulumi/pulumi" in { ...dependencies, ...peerDependencies };
        deployOnly.set(manifest, known);
    }
    return known;
}
