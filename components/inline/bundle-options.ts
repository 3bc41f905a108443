import { existsSync } from "node:fs";
import { isAbsolute, normalize, resolve } from "node:path";
import type { BuildOptions, Loader } from "esbuild";
import { secretWithin } from "./data-problem";

/** Lambda's Node runtimes; the code is written for the one that runs it. */
export type NodeRuntime = "nodejs22.x" | "nodejs24.x";

/** How a function's code is bundled. */
export interface BundleOptions {
    /** Packages that are left out, since a layer or the image brings them: `["sharp"]`. @default none */
    readonly external?: readonly string[];
    /** Names that are replaced by expressions while bundling, as esbuild's `define`: `{ "process.env.MODE": '"live"' }`. @default {} */
    readonly define?: Readonly<Record<string, string>>;
    /** How files are imported, by ending, as esbuild's `loader`: `{ ".sql": "text" }`. @default esbuild's own, and text for `.txt` */
    readonly loader?: Readonly<Record<`.${string}`, Loader>>;
    /** False leaves the code readable. @default true */
    readonly minify?: boolean;
    /**
     * Files that lie beside the code at run time: name there -> file of this machine; a relative one is the Pulumi
     * project's. @default {}
     */
    readonly files?: Readonly<Record<string, string>>;
    /** Bytes of code and files from which on a warning tells what takes the room: 0 to 262144000. @default 5242880 */
    readonly warnAboveBytes?: number;
}

/** Size from which on people should look at what a function carries: every cold start reads it. */
export const defaultWarnAboveBytes = 5 * 1024 * 1024;

/** esbuild's name of what a runtime understands. */
export function targetOf(runtime: NodeRuntime): string {
    return runtime.replace(/^nodejs(\d+)\.x$/, "node$1");
}

/** What artefacts are bundled with, whatever is in them. */
export function esbuildSettings(runtime: NodeRuntime, minify: boolean) {
    return {
        bundle: true,
        write: false,
        minify,
        platform: "node",
        target: targetOf(runtime),
        format: "cjs",
        // The modules of a package, where it has them: what is not used of these can be told and left out.
        mainFields: ["module", "main"],
        legalComments: "none",
        logLevel: "silent",
    } satisfies BuildOptions & { write: false };
}

const loaders: Readonly<Record<Loader, true>> = {
    base64: true,
    binary: true,
    copy: true,
    css: true,
    dataurl: true,
    default: true,
    empty: true,
    file: true,
    js: true,
    json: true,
    jsx: true,
    "local-css": true,
    text: true,
    ts: true,
    tsx: true,
};

/** The names of esbuild's loaders. */
export const esbuildLoaders: readonly string[] = Object.keys(loaders);

const ownNames = new Set(["index.js", "index.js.map"]);

/** Everything that is wrong with bundling options. */
export function bundleOptionProblems({ files = {}, warnAboveBytes, loader = {}, define }: BundleOptions): string[] {
    const problems: string[] = [];
    const secret = secretWithin({ ...define });
    if (secret !== undefined)
        problems.push(`define holds the secret setting "${secret}", which would stand in the code`);
    for (const [name, file] of Object.entries(files)) {
        const place = normalize(name);
        if (name === "" || isAbsolute(name) || place.startsWith("..") || place.endsWith("/"))
            problems.push(
                `files has "${name}"; it must be a path below the function's folder, such as "data/rates.json"`,
            );
        else if (ownNames.has(place)) problems.push(`files has "${name}", which is the name of the code itself`);
        if (!existsSync(resolve(file))) problems.push(`files names ${resolve(file)}, which does not exist`);
    }
    for (const ending of Object.keys(loader).filter((each) => !/^\.[^./\\]+$/.test(each)))
        problems.push(`loader has "${ending}"; it must be an ending such as ".sql"`);
    if (warnAboveBytes !== undefined && !(warnAboveBytes >= 0 && warnAboveBytes <= 262_144_000))
        problems.push(`warnAboveBytes is ${warnAboveBytes}; it must be 0 to 262144000 bytes`);
    return problems;
}
