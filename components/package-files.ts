import { existsSync } from "node:fs";
import * as path from "node:path";

/** The folder of this package: these files run from `components/` in a clone and from `dist/components/` once built. */
function packageFolder(): string {
    let folder = __dirname;
    while (!existsSync(path.join(folder, "package.json"))) {
        const parent = path.dirname(folder);
        if (parent === folder)
            throw new Error(`No package.json above ${__dirname}: the package sortline is incomplete.`);
        folder = parent;
    }
    return folder;
}

/** Absolute path of a module that runs inside a Lambda function. It is bundled from its source. */
export function runtimeModule(name: string): string {
    return path.join(packageFolder(), "components", "runtime", `${name}.ts`);
}

/** Absolute path of the training code that comes with the package. */
export function trainingFolder(): string {
    return path.join(packageFolder(), "training");
}

/** True for a file of the components themselves, in a clone or once built. */
export function isPackageFile(file: string): boolean {
    const folders = [path.join(packageFolder(), "components"), path.join(packageFolder(), "dist", "components")];
    return folders.some((folder) => file.startsWith(folder + path.sep));
}
