import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/** What Lambda's Node.js image brings along, by the beginning of the name: the AWS SDK and what it is made of. */
const scopes = ["@aws-sdk/", "@smithy/"];

/**
 * Lays out a folder in which a handler finds the AWS SDK as in Lambda's image, and nothing else of what this package
 * depends on. Of the SDK's clients, those that this package has.
 * @returns the folder, for NODE_PATH
 */
export function layOutRuntimeModules(folder: string, packageFolder: string): string {
    rmSync(folder, { recursive: true, force: true });
    const { dependencies = {} } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as {
        dependencies?: Record<string, string>;
    };
    for (const name of Object.keys(dependencies).filter((each) => scopes.some((scope) => each.startsWith(scope)))) {
        const link = join(folder, name);
        mkdirSync(dirname(link), { recursive: true });
        symlinkSync(installed(name, packageFolder), link, "junction");
    }
    return folder;
}

/** The folder of an installed package. Its own exports may hide its manifest from `require.resolve`. */
function installed(name: string, from: string): string {
    const folder = join(from, "node_modules", name);
    if (existsSync(folder)) return folder;
    const parent = dirname(from);
    if (parent === from) throw new Error(`The package ${name}, on which sortline depends, is not installed.`);
    return installed(name, parent);
}
