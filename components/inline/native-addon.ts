import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, sep } from "node:path";
import { isRelative, packageName } from "./module-resolution";
import { nearestFolderWith } from "./nearest-folder";

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

function manifestOf(
    name: string,
    fromFile: string,
): { readonly folder: string; readonly manifest: Manifest } | undefined {
    const inside = join("node_modules", name, "package.json");
    const home = nearestFolderWith(dirname(fromFile), [inside]);
    if (home === undefined) return undefined;
    const manifest = JSON.parse(readFileSync(join(home, inside), "utf8")) as Manifest;
    return { folder: dirname(join(home, inside)), manifest };
}

function isMachineCode({ main, exports }: Manifest): boolean {
    return main?.endsWith(".node") === true || /\.node"/.test(JSON.stringify(exports ?? ""));
}

const known = new Map<string, boolean>();

function isAddonPackage(name: string, fromFile: string): boolean {
    const found = manifestOf(name, fromFile);
    if (!found) return false;
    const { folder, manifest } = found;
    const answered = known.get(folder);
    if (answered !== undefined) return answered;
    const { gypfile, binary, dependencies = {}, optionalDependencies = {} } = manifest;
    const answer =
        gypfile === true ||
        (typeof binary === "object" && binary !== null) ||
        isMachineCode(manifest) ||
        existsSync(join(folder, "binding.gyp")) ||
        loaders.some((each) => each in dependencies) ||
        // One package a platform, of which the right one is installed.
        Object.keys(optionalDependencies).some((each) => {
            const platform = manifestOf(each, join(folder, "package.json"));
            return platform !== undefined && isMachineCode(platform.manifest);
        });
    known.set(folder, answer);
    return answer;
}

/** The native addon that an import leads to: the file or the package; undefined for an import of plain code. */
export function nativeAddon(specifier: string, fromFile: string): string | undefined {
    if (specifier.endsWith(".node")) return specifier;
    if (isRelative(specifier) || isBuiltin(specifier) || specifier.startsWith("#")) return undefined;
    const name = packageName(specifier);
    return isAddonPackage(name, fromFile) ? name : undefined;
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
