import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { isDeployOnlyPackage, isRelative, resolveRelative, sortlineRoot } from "./module-resolution";
import { readSourceFile } from "./source-file";

/** Where something that this package exports comes from. */
export interface RunTimeExport {
    readonly file: string;
    readonly name: string;
}

/** True for files that may become part of an artefact: the run-time modules, and what imports nothing but packages. */
function existsAtRunTime(file: string): boolean {
    const place = relative(join(sortlineRoot(), "components"), file).split(sep).join("/");
    if (place.startsWith("runtime/")) return true;
    const source = readSourceFile(file);
    const specifiers = [
        ...source.effects,
        ...source.exportAll,
        ...[...source.imports.values()].map((each) => each.specifier),
    ];
    return specifiers.every((each) => !isRelative(each) && !isDeployOnlyPackage(each, file));
}

const entry = () => join(sortlineRoot(), "components", "index.ts");

const known = new Map<string, RunTimeExport | undefined>();

/**
 * Where an export of this package comes from that exists inside a Lambda; undefined for what exists only while deploying.
 * Each name is looked into when it is first asked for: a program uses few, and to read all files takes a while.
 */
export function runTimeExport(exported: string): RunTimeExport | undefined {
    if (known.has(exported)) return known.get(exported);
    const from = existsSync(entry()) ? readSourceFile(entry()).exports.get(exported) : undefined;
    const file = from && "specifier" in from ? resolveRelative(entry(), from.specifier) : undefined;
    const exists = file !== undefined && from && "name" in from && existsAtRunTime(file);
    const found = exists ? { file, name: from.name } : undefined;
    known.set(exported, found);
    return found;
}

/** This package as seen from inside a Lambda, as an ES module. */
export function runTimeModule(): string {
    const names = existsSync(entry()) ? [...readSourceFile(entry()).exports.keys()] : [];
    return names
        .flatMap((exported) => {
            const found = runTimeExport(exported);
            return found ? [`export { ${found.name} as ${exported} } from ${JSON.stringify(found.file)};\n`] : [];
        })
        .join("");
}
