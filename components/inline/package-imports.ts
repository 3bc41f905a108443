import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type PathConditionsMap, resolveImports } from "resolve-pkg-maps";
import { nearestFolderWith } from "./nearest-folder";

// As esbuild has them for a bundle that runs on Node.
const conditions = ["node", "import", "module", "default"];

/**
 * What `#name` means by the `imports` of the nearest package.json: an absolute path, or a package's name; undefined where
 * it is not declared.
 */
export function byPackageImports(fromFile: string, specifier: string): string | undefined {
    const folder = nearestFolderWith(dirname(fromFile), ["package.json"]);
    if (folder === undefined) return undefined;
    const { imports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        imports?: PathConditionsMap;
    };
    try {
        const [target] = resolveImports(imports, specifier, conditions);
        return target?.startsWith("./") ? resolve(folder, target) : target;
    } catch {
        // Not declared, or not for Node.
        return undefined;
    }
}
