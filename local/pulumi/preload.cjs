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
 * Reads what npm has installed, for Pulumi's own inline functions alone, and takes 250 files to load: it is loaded when
 * one asks for it. To anyone else that requires it, it is what it always was.
 *
 * @param {() => void} load
 */
function withArboristOnDemand(load) {
    let file;
    try {
        file = Module.createRequire(program.resolve("@pulumi/pulumi")).resolve("@npmcli/arborist");
    } catch {
        // This version of Pulumi does not have it.
    }
    if (file === undefined || program.cache[file] !== undefined) return load();
    const real = () => program(file);
    /** @param {readonly unknown[]} parameters */
    function Arborist(...parameters) {
        return new (real().Arborist)(...parameters);
    }
    program.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports: { Arborist } });
    try {
        load();
    } finally {
        delete program.cache[file];
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

const known = process.env.SORTLINE_LOADED_MODULES;
// Threads that load modules for the program load this as well.
if (isMainThread && known !== undefined) {
    withoutOtherSourceMaps();
    withArboristOnDemand(() => preload(known));
}
// Not those of what is loaded by now: nobody debugs it here, and to read them takes a sixth of a second.
process.setSourceMapsEnabled(true);
