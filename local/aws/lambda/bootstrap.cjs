"use strict";

/**
 * Runs a function's handler inside an execution environment: a client of Lambda's Runtime API in plain JavaScript, as
 * AWS's own Node.js runtime is. Nothing from the twin is loaded here, so that a handler sees only itself.
 */
const fs = require("node:fs");
const http = require("node:http");
const Module = require("node:module");
const net = require("node:net");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { format } = require("node:util");

process.setSourceMapsEnabled(true);

// The twin holds the other end of this socket. It closes with the twin, however the twin ends: no orphan is left.
const lifeline = new net.Socket({ fd: 3, readable: true, writable: true });
lifeline.on("close", () => process.exit(1));
lifeline.on("error", () => process.exit(1));
lifeline.resume();
lifeline.unref();

const [authority = "", ...prefix] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split("/");
const [host, port] = authority.split(":");
const base = `${["", ...prefix].join("/")}/2018-06-01/runtime`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

let requestId;

const standardStreams = [process.stdout, process.stderr];
const writers = standardStreams.map((stream) => stream.write.bind(stream));

const jsonLogs = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const lowestLevel = jsonLogs ? Math.max(0, levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? "INFO")) : 0;

function log(level, ...values) {
    if (levels.indexOf(level) < lowestLevel) {
        return;
    }
    const timestamp = new Date().toISOString();
    if (jsonLogs) {
        writers[0](`${JSON.stringify({ timestamp, level, requestId, ...structured(values) })}\n`);
        return;
    }
    // One log event may have many lines: the twin turns the carriage returns back.
    writers[0](`${timestamp}\t${requestId}\t${level}\t${format(...values).replaceAll("\n", "\r")}\n`);
}

/** What a call of console becomes in JSON: an object stays one, an error shows what it is. */
function structured(values) {
    const error = values.find(isError);
    if (error !== undefined) {
        const { errorType, errorMessage, trace: stackTrace } = errorBody(error);
        const others = values.filter((value) => value !== error);
        return { ...(others.length > 0 ? { message: format(...others) } : {}), errorType, errorMessage, stackTrace };
    }
    const [only] = values;
    if (values.length === 1 && typeof only === "object" && only !== null) {
        try {
            return { message: JSON.parse(JSON.stringify(only)) };
        } catch {
            // It has a circle, or will not be written as JSON.
        }
    }
    return { message: format(...values) };
}

for (const [method, level] of Object.entries({
    log: "INFO",
    info: "INFO",
    debug: "DEBUG",
    trace: "TRACE",
    warn: "WARN",
    error: "ERROR",
})) {
    console[method] = (...values) => log(level, ...values);
}

function request(method, route, body, headers = {}) {
    return new Promise((resolve, reject) => {
        const outgoing = http.request({ host, port, agent, method, path: base + route, headers }, (response) => {
            const chunks = [];
            response.on("data", (chunk) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () =>
                resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
            );
        });
        outgoing.on("error", (error) => {
            // A kept-alive connection may have been closed while the handler worked: that request never arrived.
            if (outgoing.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE")) {
                request(method, route, body, headers).then(resolve, reject);
            } else {
                reject(error);
            }
        });
        outgoing.end(body);
    });
}

function isError(value) {
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** The error as Lambda reports it: `{ errorType, errorMessage, trace }`. */
function errorBody(error) {
    if (isError(error)) {
        return {
            errorType: String(error.name),
            errorMessage: String(error.message),
            trace: String(error.stack ?? "").split("\n"),
        };
    }
    return { errorType: typeof error, errorMessage: format(error), trace: [] };
}

function named(name, message, cause) {
    const error = new Error(message);
    error.name = name;
    if (cause instanceof Error && cause.stack !== undefined) {
        error.stack = `${name}: ${message}\n${cause.stack}`;
    }
    return error;
}

/** Logs an error that ends an invocation, or the environment. */
function logFailure(what, error) {
    const { errorType, errorMessage, trace: stackTrace } = errorBody(error);
    if (jsonLogs) log("ERROR", { errorType, errorMessage, stackTrace });
    else log("ERROR", what, JSON.stringify({ errorType, errorMessage, stack: stackTrace }));
}

/** Tells the twin that everything that this invocation has written to a stream is through. */
async function endOfLogs(id) {
    const used = Math.ceil(process.resourceUsage().maxRSS / 1024);
    await Promise.all(writers.map((write) => new Promise((resolve) => write(`\u0001end ${id} ${used}\n`, resolve))));
}

async function fail(route, error) {
    const body = errorBody(error);
    await request("POST", route, JSON.stringify(body), {
        "content-type": "application/json",
        "lambda-runtime-function-error-type": body.errorType,
    });
}

/** The Runtime API is out of reach. If the twin lives, a byte on the lifeline says that it is not the handler's fault. */
function cutOff() {
    lifeline.write("!", () => process.exit(1));
}

async function die(error, exitCode) {
    try {
        logFailure("Uncaught Exception", error);
        await fail(requestId === undefined ? "/init/error" : `/invocation/${requestId}/error`, error);
        process.exit(exitCode);
    } catch {
        cutOff();
    }
}

process.on("uncaughtException", (error) => void die(error, 129));
process.on("unhandledRejection", (reason) => {
    const message = reason instanceof Error ? String(reason) : format(reason);
    void die(named("Runtime.UnhandledPromiseRejection", message, reason), 128);
});

function moduleFile(stem) {
    for (const extension of [".js", ".mjs", ".cjs"]) {
        if (fs.existsSync(stem + extension)) {
            return stem + extension;
        }
    }
    throw named("Runtime.ImportModuleError", `Error: Cannot find module '${path.basename(stem)}'`);
}

/**
 * On AWS nothing lies around the code. Here it lies in a folder of the project, whose packages a handler must not find:
 * beside its own it has those of Lambda's image, through NODE_PATH.
 */
function seeOwnModulesOnly(taskRoot) {
    const foldersAbove = Module._nodeModulePaths;
    const isInside = (folder) => folder === taskRoot || folder.startsWith(taskRoot + path.sep);
    Module._nodeModulePaths = (from) => {
        const folders = foldersAbove(from);
        return isInside(from) ? folders.filter(isInside) : folders;
    };
}

async function loadModule(file) {
    try {
        return file.endsWith(".cjs") ? require(file) : await import(pathToFileURL(file).href);
    } catch (error) {
        if (error instanceof SyntaxError) {
            throw named("Runtime.UserCodeSyntaxError", String(error), error);
        }
        if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
            throw named("Runtime.ImportModuleError", String(error), error);
        }
        throw error;
    }
}

async function loadHandler() {
    const [, stem, exportPath] = /^(.*?[^/.][^/]*?)\.(.+)$/.exec(process.env._HANDLER ?? "") ?? [];
    if (stem === undefined || exportPath === undefined) {
        throw named("Runtime.MalformedHandlerName", `Bad handler ${process.env._HANDLER}: write file.export`);
    }
    const taskRoot = fs.realpathSync(process.env.LAMBDA_TASK_ROOT ?? ".");
    seeOwnModulesOnly(taskRoot);
    const loaded = await loadModule(moduleFile(path.resolve(taskRoot, stem)));
    const member = (from) => exportPath.split(".").reduce((value, key) => value?.[key], from);
    const handler = member(loaded) ?? member(loaded.default);
    if (typeof handler !== "function") {
        throw named("Runtime.HandlerNotFound", `${process.env._HANDLER} is undefined or not exported`);
    }
    return handler;
}

function contextOf(headers) {
    const deadline = Number(headers["lambda-runtime-deadline-ms"]);
    const clientContext = headers["lambda-runtime-client-context"];
    return {
        callbackWaitsForEmptyEventLoop: true,
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
        invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
        memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        awsRequestId: headers["lambda-runtime-aws-request-id"],
        logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
        clientContext: clientContext === undefined ? undefined : JSON.parse(clientContext),
        identity: undefined,
        getRemainingTimeInMillis: () => deadline - Date.now(),
    };
}

/** Calls a handler that returns a promise, or one that takes a callback. */
function call(handler, event, context) {
    return new Promise((resolve, reject) => {
        const callback = (error, result) => (error ? reject(error) : resolve(result));
        const returned = handler(event, context, callback);
        if (typeof returned?.then === "function") {
            returned.then(resolve, reject);
        } else if (handler.length < 3) {
            resolve(returned);
        }
    });
}

async function main() {
    let handler;
    try {
        handler = await loadHandler();
    } catch (error) {
        await die(error, 1);
        return;
    }
    for (;;) {
        const next = await request("GET", "/invocation/next");
        if (next.status !== 200) {
            throw new Error(`The Runtime API answered ${next.status}`);
        }
        requestId = next.headers["lambda-runtime-aws-request-id"];
        process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"] ?? "";
        try {
            const result = await call(handler, JSON.parse(next.body.toString("utf8")), contextOf(next.headers));
            const body = Buffer.from(JSON.stringify(result) ?? "null");
            await endOfLogs(requestId);
            await request("POST", `/invocation/${requestId}/response`, body, { "content-type": "application/json" });
        } catch (error) {
            logFailure("Invoke Error", error);
            await endOfLogs(requestId);
            await fail(`/invocation/${requestId}/error`, error);
        }
    }
}

main().catch(cutOff);
