import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageFile } from "../../../package-file";
import type { TwinContext } from "../../context";
import { LogStream } from "../log-stream";
import { containerEnvironment } from "../process-environment";
import { supervise } from "../supervised-process";

/** What a model server is started with. */
export interface ModelServerOptions {
    readonly python: string;
    /** The unpacked model. */
    readonly modelFolder: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly roleArn: string;
    readonly endpointName: string;
    readonly variantName: string;
    /** Milliseconds until the first healthy answer to /ping. */
    readonly startupTimeout: number;
}

export interface ModelRequest {
    readonly body: Uint8Array;
    readonly headers: Readonly<Record<string, string>>;
    /** Milliseconds. */
    readonly timeout: number;
}

export interface ModelResponse {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
}

/** A model server did not become healthy. */
export class UnhealthyError extends Error {
    override readonly name = "UnhealthyError";
}

/** The server did not answer in time. */
export class InvocationTimeout extends Error {
    override readonly name = "InvocationTimeout";
}

/** One process that serves a model over HTTP on a Unix socket that only this user can reach. */
export interface ModelServer {
    /** Resolves when /ping is answered with 200. @throws UnhealthyError */
    readonly ready: Promise<void>;
    /** Resolves when the process has ended, for whatever reason. */
    readonly exited: Promise<number>;
    /** Requests under way. */
    readonly inFlight: number;
    invoke(request: ModelRequest): Promise<ModelResponse>;
    /** Lets requests under way finish, then SIGTERM, and SIGKILL 30 seconds later. */
    stop(): Promise<void>;
    kill(): void;
}

/** The group of an endpoint's log streams. */
export function endpointLogGroup(endpointName: string): string {
    return `/aws/sagemaker/Endpoints/${endpointName}`;
}

const pingTimeout = 2_000;
const killGrace = 30_000;

export function startModelServer(context: TwinContext, options: ModelServerOptions): ModelServer {
    // Short enough for a socket's path, of which there are about 100 characters. Its mode is 0700.
    const folder = mkdtempSync(join(tmpdir(), "sortline-serve-"));
    const socketPath = join(folder, "http");
    const stream = `${options.variantName}/i-${randomBytes(8).toString("hex")}`;
    const log = new LogStream(context, endpointLogGroup(options.endpointName), stream);
    const agent = new Agent({ keepAlive: true });
    const state = { inFlight: 0, stopping: false, lastLine: "" };
    const drained: (() => void)[] = [];

    const server = packageFile("local/aws/sagemaker/server/serve.py");
    const running = supervise(options.python, [options.python, server, socketPath, options.modelFolder], {
        cwd: options.modelFolder,
        env: {
            ...containerEnvironment(context, options.python, options.roleArn, folder),
            SM_MODEL_DIR: options.modelFolder,
            ...inFolder(options.environment, options.modelFolder),
        },
        temporaryFolder: folder,
        onLine(line) {
            log.write(line);
            if (line.trim() !== "") state.lastLine = line.trim();
        },
    });
    let ended: number | undefined;
    const exited = running.exited.then(async (code) => {
        ended = code;
        agent.destroy();
        await log.flush();
        return code;
    });

    function send(
        method: "GET" | "POST",
        path: string,
        { body, headers, timeout }: ModelRequest,
    ): Promise<ModelResponse> {
        return new Promise((resolve, reject) => {
            const request = httpRequest({ socketPath, method, path, headers, agent }, (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () => {
                    clearTimeout(timer);
                    resolve({
                        status: response.statusCode ?? 0,
                        headers: response.headers,
                        body: Buffer.concat(chunks),
                    });
                });
            });
            const timer = setTimeout(() => request.destroy(new InvocationTimeout("timed out")), timeout);
            request.on("error", (error) => {
                clearTimeout(timer);
                reject(error);
            });
            request.end(body);
        });
    }

    async function healthy(): Promise<boolean> {
        try {
            const ping = { body: new Uint8Array(), headers: {}, timeout: pingTimeout };
            return (await send("GET", "/ping", ping)).status === 200;
        } catch {
            return false;
        }
    }

    async function becomeHealthy(): Promise<void> {
        const deadline = Date.now() + options.startupTimeout;
        while (!(await healthy())) {
            if (ended !== undefined) throw new UnhealthyError(`its process ended with ${ended}: ${state.lastLine}`);
            if (Date.now() > deadline) {
                throw new UnhealthyError(`it gave no healthy answer within ${options.startupTimeout / 1000} seconds`);
            }
            await new Promise((resolve) => setTimeout(resolve, 25));
        }
    }

    const ready = becomeHealthy();
    // Whoever needs it awaits it; the process may be given up before anybody does.
    ready.catch(() => undefined);

    return {
        ready,
        exited,
        get inFlight() {
            return state.inFlight;
        },
        async invoke(request) {
            state.inFlight++;
            try {
                return await send("POST", "/invocations", request);
            } finally {
                state.inFlight--;
                if (state.inFlight === 0) for (const resolve of drained.splice(0)) resolve();
            }
        },
        async stop() {
            if (state.inFlight > 0) await new Promise<void>((resolve) => drained.push(resolve));
            running.terminate();
            const timer = setTimeout(() => running.kill(), killGrace);
            await exited;
            clearTimeout(timer);
        },
        kill: () => running.kill(),
    };
}

/** Values that name a container's model folder name the real one here. */
function inFolder(environment: Readonly<Record<string, string>>, modelFolder: string): Record<string, string> {
    return Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [
            name,
            value === "/opt/ml/model" || value.startsWith("/opt/ml/model/")
                ? `${modelFolder}${value.slice("/opt/ml/model".length)}`
                : value,
        ]),
    );
}
