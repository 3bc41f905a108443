import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";
import type { Location } from "./inline";
import { isPackageFile } from "./package-files";

/** More frames than any program has between itself and the component that it makes. */
const frames = 50;

/** The place in the program that is making a component now; undefined where there is none, or no way to tell. */
export function programLocation(): Location | undefined {
    const sites = getCallSites(frames, { sourceMap: true });
    for (const { scriptName, lineNumber, columnNumber } of sites) {
        const file = scriptName.startsWith("file://") ? fileURLToPath(scriptName) : scriptName;
        if (!/^([/\\]|[A-Za-z]:\\)/.test(file) || isPackageFile(file)) continue;
        return { file, line: lineNumber, column: columnNumber };
    }
    return undefined;
}
