"use strict";

// Loaded into a program's process before all else: loads Pulumi and this package while Node still resolves modules by
// itself. The loader of TypeScript, which comes next, takes twice as long for each of these thousand files.

const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { join, sep } = require("node:path");
const { isMainThread } = require("node:worker_threads");

/** What every program loads, if it has them. Nothing else: what modules of others do when loaded is for the program. */
const packages = ["@pulumi/pulumi", "@pulumi/aws", "sortline"];

const program = Module.createRequire(join(process.cwd(), "index.js"));

/** @param {string} known A file of paths: which of Pulumi's files the last program of this folder loaded. */
function preload(known) {
    const last = read(known);
    for (const module of [...packages, ...last]) {
        try {
            program(module);
        } catch {
            // The program will meet it itself, if it needs it, and tell.
        }
    }
    process.once("exit", () => {
        const used = Object.keys(program.cache).filter(isLoadedOnDemand);
        if (used.some((file) => !last.includes(file))) write(known, used);
    });
}

/**
 * A file of a provider's package, which loads its thousands of resources when they are asked for.
 *
 * @param {string} file
 */
function isLoadedOnDemand(file) {
    return file.includes(`${sep}@pulumi${sep}`) && !file.includes(`${sep}@pulumi${sep}pulumi${sep}`);
}

/** @param {string} file */
function read(file) {
    try {
        return readFileSync(file, "utf8").split("\n");
    } catch {
        return [];
    }
}

/**
 * Whole or not at all: programs may end at the same time.
 *
 * @param {string} file
 * @param {readonly string[]} lines
 */
function write(file, lines) {
    try {
        const part = `${file}.${process.pid}`;
        writeFileSync(part, lines.join("\n"));
        renameSync(part, file);
    } catch {
        // It saves time and is no more than that.
    }
}

/**
 * What Pulumi loads for its own inline functions alone, and what stands in for it until one asks for it: npm's reader of
 * installed packages, which takes 250 files, and TypeScript, a sixth of the whole time. To anyone else that requires
 * them, they are what they always were.
 *
 * @type {readonly { module: string, standIn: (real: () => any) => unknown }[]}
 */
const forInlineFunctions = [
    {
        module: "@npmcli/arborist",
        standIn: (real) => ({
            /** @param {readonly unknown[]} parameters */
            Arborist: function Arborist(...parameters) {
                return new (real().Arborist)(...parameters);
            },
        }),
    },
    {
        module: "@pulumi/pulumi/typescript-shim",
        standIn: (real) => new Proxy({}, { get: (_, name) => real()[name], has: (_, name) => name in real() }),
    },
];

/** @param {() => void} load */
function withoutInlineFunctions(load) {
    const files = forInlineFunctions.flatMap(({ module, standIn }) => {
        try {
            const file = Module.createRequire(program.resolve("@pulumi/pulumi")).resolve(module);
            if (program.cache[file] !== undefined) return [];
            const exports = standIn(() => program(file));
            program.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports });
            return [file];
        } catch {
            // This version of Pulumi does not have it.
            return [];
        }
    });
    try {
        load();
    } finally {
        for (const file of files) delete program.cache[file];
    }
}

/**
 * Pulumi installs a reader of source maps that knows nothing of those that tsx makes, so that errors point to lines that
 * are not the user's. Node reads them itself.
 */
function withoutOtherSourceMaps() {
    try {
        const pulumi = Module.createRequire(program.resolve("@pulumi/pulumi"));
        const file = pulumi.resolve("source-map-support/register");
        program.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true });
    } catch {
        // This version of Pulumi does not have it.
    }
}

/** Pulumi tells its engine of each step that it takes, by a call of its own. This engine shows none of it. */
function withoutDebugMessages() {
    try {
        Module.createRequire(program.resolve("@pulumi/pulumi"))("@pulumi/pulumi/log").debug = () => Promise.resolve();
    } catch {
        // This version of Pulumi does not have it.
    }
}

const known = process.env.SORTLINE_LOADED_MODULES;
// Threads that load modules for the program load this as well.
if (isMainThread && known !== undefined) {
    withoutOtherSourceMaps();
    withoutInlineFunctions(() => preload(known));
    withoutDebugMessages();
}
// Not those of what is loaded by now: nobody debugs it here, and to read them takes a sixth of a second.
process.setSourceMapsEnabled(true);
