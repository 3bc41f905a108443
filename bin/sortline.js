#!/usr/bin/env node
// Plain JavaScript that old Nodes can read: it tells them what to do before anything newer is loaded.
"use strict";

var required = [22, 13];
var found = process.versions.node.split(".").map(Number);
if (found[0] < required[0] || (found[0] === required[0] && found[1] < required[1])) {
    process.stderr.write(
        "sortline needs Node " +
            required.join(".") +
            " or newer (for its built-in SQLite); this is Node " +
            process.versions.node +
            " at " +
            process.execPath +
            ".\n" +
            "Install a newer Node from https://nodejs.org, or in a clone run `npm ci` and use `npm start` or `npx sortline`,\n" +
            "which bring their own.\n",
    );
    process.exit(1);
}

// Node 22 and 23 announce node:sqlite as experimental; the command's users cannot act on that.
var emitWarning = process.emitWarning;
process.emitWarning = function (warning) {
    var text = warning && warning.message ? warning.message : String(warning);
    if (/SQLite is an experimental feature|process\.execve/.test(text)) return;
    emitWarning.apply(process, arguments);
};

// Where Node can, it becomes a process with these options without another one beside it.
var options = require("./node-options.js");
var parameters = [process.execPath].concat(options, process.execArgv, process.argv.slice(1));
if (process.argv[2] === "start" && process.execve !== undefined && process.execArgv.indexOf(options[0]) < 0) {
    process.execve(process.execPath, parameters, process.env);
}

var main;
try {
    main = require("../dist/automation/main.js").main;
} catch (error) {
    if (error && error.code === "MODULE_NOT_FOUND" && /dist[\\/]automation[\\/]main/.test(error.message)) {
        process.stderr.write(
            "sortline is not built yet: run `npm run build` in " + require("node:path").dirname(__dirname) + "\n",
        );
        process.exit(1);
    }
    throw error;
}
// `sortline results | head` closes the pipe early, and has got what it wanted.
process.stdout.on("error", function (error) {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
});
main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
});
