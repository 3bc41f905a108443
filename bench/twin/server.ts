import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { output } from "../harness/child-process";

/** Where a client finds the service that is measured. */
export interface Address {
    readonly endpoint: string;
    readonly accessKeyId: string;
}

/** A service in a process of its own. */
export interface Server extends Address {
    /** Memory that the process holds, in MB (10^6 bytes), as the operating system counts it. */
    residentMegabytes(): number;
    stop(): Promise<void>;
}

/** A twin, and what its program's streams are called there, by the names in the program. */
export interface TwinServer extends Server {
    readonly streams: Readonly<Record<string, string>>;
}

/** As the command starts a twin. */
const nodeOptions = require("../../bin/node-options.js") as readonly string[];

/** Starts a twin in a folder of its own, and deploys a program of this bench where one is named. */
export async function startTwin(program?: string): Promise<TwinServer> {
    const home = mkdtempSync(join(tmpdir(), "sortline-bench-twin-"));
    const project = resolve(__dirname, "programs", program ?? "forward");
    const child = spawn(
        process.execPath,
        [
            ...nodeOptions,
            resolve(__dirname, "twin-process.js"),
            home,
            project,
            program === undefined ? "empty" : "deployed",
        ],
        { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, NODE_NO_WARNINGS: "1" } },
    );
    const line = await firstLine(child);
    const told = JSON.parse(line) as Address & { streams: Record<string, string> };
    return {
        ...told,
        ...running(child, {
            end: () => child.stdin.end(),
            cleanUp: () => rmSync(home, { recursive: true, force: true }),
        }),
    };
}

/** Starts kinesalite as its documentation says, in memory, from a project that npm installs it into. */
export async function startKinesalite(folder: string): Promise<Server> {
    const port = await freePort();
    const child = spawn(process.execPath, [join(folder, "node_modules/kinesalite/cli.js"), "--port", String(port)], {
        stdio: ["ignore", "ignore", "inherit"],
    });
    const address = { endpoint: `http://127.0.0.1:${port}`, accessKeyId: "anyone" };
    await answering(address);
    return { ...address, ...running(child, { end: () => child.kill(), cleanUp: () => undefined }) };
}

/** Installs kinesalite into a folder of its own. */
export async function installKinesalite(version: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "sortline-bench-kinesalite-"));
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
    const environment = Object.fromEntries(own) as Record<string, string>;
    const options = ["--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await output("npm", ["install", ...options, `kinesalite@${version}`], { cwd: folder, environment });
    return folder;
}

function running(
    child: ChildProcess,
    { end, cleanUp }: { readonly end: () => void; readonly cleanUp: () => void },
): Pick<Server, "residentMegabytes" | "stop"> {
    return {
        residentMegabytes() {
            const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
            return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
        },
        async stop() {
            const ended = once(child, "exit");
            end();
            await ended;
            cleanUp();
        },
    };
}

async function firstLine(child: ChildProcess): Promise<string> {
    if (child.stdout === null) throw new Error("The server was started without its pipes.");
    for await (const line of createInterface({ input: child.stdout })) return line;
    throw new Error(`The server ended with ${child.exitCode ?? child.signalCode} before it was ready.`);
}

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    if (address === null || typeof address === "string") throw new Error("The system gave no port.");
    return address.port;
}

async function answering({ endpoint, accessKeyId }: Address): Promise<void> {
    const { NodeHttpHandler } = await import("@smithy/node-http-handler");
    const client = new KinesisClient({
        ...{ endpoint, region: "eu-central-1", maxAttempts: 100, requestHandler: new NodeHttpHandler() },
        credentials: { accessKeyId, secretAccessKey: accessKeyId },
    });
    await client.send(new ListStreamsCommand({}));
    client.destroy();
}
