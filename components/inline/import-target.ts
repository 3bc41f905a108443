import {
    isDeployOnlyPackage,
    isRelative,
    isSortlineEntry,
    resolveSortlinePart,
    resolveUserFile,
} from "./module-resolution";
import { runTimeExport } from "./run-time-exports";
import { type ExportedName, type ImportedName, readSourceFile, type SourceFile } from "./source-file";

/** What an imported name stands for. */
export type ImportTarget =
    | { readonly kind: "package"; readonly specifier: string; readonly name: string }
    | { readonly kind: "deploy-only"; readonly package: string }
    /** A user's file whose exports are known: `name` is exported there. */
    | { readonly kind: "file"; readonly file: string; readonly name: string; readonly specifier: string }
    | { readonly kind: "missing" };

function isSource(file: string): boolean {
    return /\.[cm]?[jt]sx?$/.test(file);
}

/** Where an import leads from the artefact's point of view. */
export function importTarget(fromFile: string, { specifier, name }: ImportedName): ImportTarget {
    if (isDeployOnlyPackage(specifier, fromFile)) return { kind: "deploy-only", package: specifier };
    const target = resolveUserFile(fromFile, specifier) ?? resolveSortlinePart(specifier);
    if (specifier === "sortline" || (target !== undefined && isSortlineEntry(target))) {
        if (name === "*") return { kind: "package", specifier: "sortline", name };
        const atRunTime = runTimeExport(name);
        if (!atRunTime) return { kind: "deploy-only", package: "sortline" };
        return { kind: "package", specifier: atRunTime.file, name: atRunTime.name };
    }
    // `import x = require(…)` takes the module as it is, whatever it exports.
    if (target !== undefined && name === "=") return { kind: "package", specifier: target, name };
    if (target === undefined) return isRelative(specifier) ? { kind: "missing" } : { kind: "package", specifier, name };
    if (!isSource(target) || !readSourceFile(target).isModule) return { kind: "package", specifier: target, name };
    return { kind: "file", file: target, name, specifier };
}

const exportNames = new Map<string, { readonly file: SourceFile; readonly names: ReadonlySet<string> }>();

/** All names that a module file exports, those of `export * from` included. */
export function exportsOf(path: string, visited: ReadonlySet<string> = new Set()): ReadonlySet<string> {
    const file = readSourceFile(path);
    const known = exportNames.get(path);
    if (known?.file === file) return known.names;
    const names = new Set(file.exports.keys());
    for (const specifier of file.exportAll) {
        const target = resolveUserFile(path, specifier);
        if (target === undefined || visited.has(target) || !isSource(target)) continue;
        for (const name of exportsOf(target, new Set([...visited, path]))) if (name !== "default") names.add(name);
    }
    if (visited.size === 0) exportNames.set(path, { file, names });
    return names;
}

/** What a file exports under a name, looked for behind `export * from` too. */
export function findExport(file: SourceFile, name: string): ExportedName | undefined {
    const own = file.exports.get(name);
    if (own || name === "default") return own;
    for (const specifier of file.exportAll) {
        const target = importTarget(file.path, { specifier, name });
        if (target.kind === "file" && exportsOf(target.file).has(name)) return { specifier, name };
    }
    const outside = file.exportAll.find((specifier) => importTarget(file.path, { specifier, name }).kind !== "file");
    return outside === undefined ? undefined : { specifier: outside, name };
}
