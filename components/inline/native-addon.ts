import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, sep } from "node:path";
import { isRelative, packageFolder, packageName } from "./module-resolution";

/** Packages by which others find and load machine code. */
const loaders = [
    "bindings",
    "node-gyp-build",
    "node-gyp-build-optional-packages",
    "node-pre-gyp",
    "@mapbox/node-pre-gyp",
];

/** What to do about machine code, which is not part of what a bundler can take along. */
export const addonRemedy =
    "Use a package in plain JavaScript, or bring it in a layer or a container image and load it there with an import that stays external";

interface Manifest {
    readonly main?: string;
    readonly gypfile?: boolean;
    readonly binary?: unknown;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
    readonly exports?: unknown;
}

function readManifest(folder: string): Manifest {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function isMachineCode({ main, exports }: Manifest): boolean {
    return main?.endsWith(".node") === true || /\.node"/.test(JSON.stringify(exports ?? ""));
}

const known = new Map<string, boolean>();

function isAddon(folder: string): boolean {
    const answered = known.get(folder);
    if (answered !== undefined) return answered;
    const manifest = existsSync(join(folder, "package.json")) ? readManifest(folder) : {};
    const { gypfile, binary, dependencies = {}, optionalDependencies = {} } = manifest;
    const answer =
        gypfile === true ||
        (typeof binary === "object" && binary !== null) ||
        isMachineCode(manifest) ||
        existsSync(join(folder, "binding.gyp")) ||
        loaders.some((each) => each in dependencies) ||
        // One package a platform, of which the right one is installed.
        Object.keys(optionalDependencies).some((each) => {
            const platform = packageFolder(each, join(folder, "package.json"));
            return platform !== undefined && isMachineCode(readManifest(platform));
        });
    known.set(folder, answer);
    return answer;
}

/** The native addon that an import leads to: the file or the package; undefined for an import of plain code. */
export function nativeAddon(specifier: string, fromFile: string): string | undefined {
    if (specifier.endsWith(".node")) return specifier;
    if (isRelative(specifier) || isBuiltin(specifier) || specifier.startsWith("#")) return undefined;
    const name = packageName(specifier);
    const folder = packageFolder(name, fromFile);
    return folder !== undefined && isAddon(folder) ? name : undefined;
}

/** The native addon that a bundled file belongs to: packages find their machine code when they run, unseen by a bundler. */
export function nativeAddonOf(file: string): string | undefined {
    const [, name] = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file) ?? [];
    if (name === undefined) return undefined;
    const folder = file.slice(0, file.lastIndexOf(name) + name.length);
    return isAddon(folder) ? name.split(sep).join("/") : undefined;
}

/** The native addon that a bundler met, from what esbuild says about a file for which it has no loader. */
export function nativeAddonMet(message: string): string | undefined {
    const [, file] = /^No loader is configured for "\.node" files: (.*)$/m.exec(message) ?? [];
    if (file === undefined) return undefined;
    const [, inPackage] = file
        .split(sep)
        .join("/")
        .split(/(?:^|\/)node_modules\/(?!.*\/node_modules\/)/);
    return inPackage === undefined ? file : packageName(inPackage);
}
