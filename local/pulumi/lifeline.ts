// Loaded into a program's process. The engine holds the other end of this pipe, which closes with the engine, however
// that ends: without it, a program whose deployment was cut off would wait for answers for ever.

import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";

// Processes and threads that the program starts load this as well, and have no such pipe.
const runsProgram = process.argv.includes("--monitor") || process.argv.includes("--spare");
const isProgram = isMainThread && runsProgram && process.channel === undefined;

if (isProgram) {
    const engine = new Socket({ fd: 3, readable: true, writable: false });
    engine.on("error", () => process.exit(1));
    engine.on("end", () => process.exit(1));
    engine.resume();
    engine.unref();
}
