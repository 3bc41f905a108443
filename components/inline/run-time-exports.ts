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

let known: ReadonlyMap<string, RunTimeExport> | undefined;

/** What of this package's exports exists inside a Lambda, by name: the rest exists only while deploying. */
export function runTimeExports(): ReadonlyMap<string, RunTimeExport> {
    if (known) return known;
    const entry = join(sortlineRoot(), "components", "index.ts");
    const found = new Map<string, RunTimeExport>();
    for (const [exported, from] of existsSync(entry) ? readSourceFile(entry).exports : []) {
        const file = "specifier" in from ? resolveRelative(entry, from.specifier) : undefined;
        if (file !== undefined && "name" in from && existsAtRunTime(file))
            found.set(exported, { file, name: from.name });
    }
    known = found;
    return found;
}

/** This package as seen from inside a Lambda, as an ES module. */
export function runTimeModule(): string {
    return [...runTimeExports()]
        .map(([exported, { file, name }]) => `export { ${name} as ${exported} } from ${JSON.stringify(file)};\n`)
        .join("");
}
