import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { region } from "../../../local/aws/service";
import { developmentPython } from "../../python";
import type { ClientOptions } from "../twin-under-test";

export interface MotoServer {
    /** What SDK clients are made with. */
    readonly client: ClientOptions;
    stop(): Promise<void>;
}

/** Starts moto's server on a free port of the loopback interface, in a process that ends with this one at the latest. */
export async function startMotoServer(): Promise<MotoServer> {
    const python = await developmentPython();
    const server = spawn(python, [join(__dirname, "serve_moto.py"), "-H", "127.0.0.1", "-p", "0"], {
        stdio: ["pipe", "ignore", "pipe"],
        env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
    });
    return {
        client: {
            endpoint: await address(server),
            region,
            credentials: { accessKeyId: "moto", secretAccessKey: "moto" },
            maxAttempts: 1,
        },
        async stop() {
            const ended = new Promise((resolve) => server.once("exit", resolve));
            server.stdin.end();
            if (server.exitCode === null && server.signalCode === null) await ended;
        },
    };
}

/** The address that it prints once it listens. */
function address({ stderr, ...server }: ChildProcess): Promise<string> {
    if (stderr === null) throw new Error("moto's server was started without its error stream.");
    return new Promise((resolve, reject) => {
        const said: string[] = [];
        // Read to its end: a full pipe would stop the server.
        createInterface({ input: stderr })
            .on("line", (line) => {
                const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
                if (found !== undefined) resolve(found);
                said.push(line);
                if (said.length > 20) said.shift();
            })
            .on("close", () => reject(new Error(`moto's server ended with ${server.exitCode}:\n${said.join("\n")}`)));
    });
}
