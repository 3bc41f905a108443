// For each operation of the real Pulumi command, a port of its own on which the twin is the provider of AWS.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { isAbsolute } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Services } from "../../aws/services";
import { createProvider } from "../provider/provider";
import { serviceResources } from "../resources";
import type { UrnParts } from "../urn";
import { engineLog } from "./engine-log";
import { providerService } from "./service";

/** An operation of the real Pulumi command, as its plugin makes it known. */
export interface EngineOperation {
    /** Address of the engine, `127.0.0.1:PORT`. */
    readonly engine: string;
    /** Working directory of the program. */
    readonly folder: string;
}

/** Undefined where the value is none. The engine is called back: never anywhere but on this machine. */
export function engineOperation(value: unknown): EngineOperation | undefined {
    const { engine, folder } = Object(value);
    const isLocal = typeof engine === "string" && /^127\.0\.0\.1:\d{1,5}$/.test(engine);
    return isLocal && typeof folder === "string" && isAbsolute(folder) ? { engine, folder } : undefined;
}

export interface ProviderServer {
    readonly port: number;
    /** Resolves when the engine is gone, or `close` was called. */
    readonly ended: Promise<void>;
    /** Resolves when nothing that the engine has asked for is under way. */
    idle(): Promise<void>;
    /** Closes the port. What the engine has begun is finished all the same. */
    close(): void;
}

/** An engine connects within ten seconds, or never. */
const patienceMilliseconds = 30_000;

/** The servers of all operations that are under way. */
export interface ProviderServers {
    serve(operation: EngineOperation): Promise<ProviderServer>;
    /** Closes all, and waits a while for what their engines have begun. */
    close(): Promise<void>;
}

/** What is not done by then the engines hear of as unfinished. */
const closingMilliseconds = 2000;

export interface ProviderServersOptions {
    readonly services: Services;
    /** The stack that the twin itself has deployed; undefined where it has deployed none. */
    deployed(): Pick<UrnParts, "stack" | "project"> | undefined;
}

export function createProviderServers(options: ProviderServersOptions): ProviderServers {
    const open = new Set<ProviderServer>();
    return {
        async serve(operation) {
            const server = await serveProvider(operation, options);
            open.add(server);
            server.ended.then(() => open.delete(server));
            return server;
        },
        async close() {
            const idle = Promise.all([...open].map((server) => server.idle()));
            await Promise.race([idle, wait(closingMilliseconds, undefined, { ref: false })]);
            for (const server of open) server.close();
        },
    };
}

/**
 * Serves one operation on a port of its own. The engine can present no secret, so that the port itself is the secret:
 * it is unknown until the plugin has it, takes one connection at a time, answers only after a handshake that names the
 * engine, and closes with it.
 */
async function serveProvider(
    { engine, folder }: EngineOperation,
    { services, deployed }: ProviderServersOptions,
): Promise<ProviderServer> {
    const log = engineLog(engine);
    const provider = createProvider(serviceResources, { services, tell: log.tell });
    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    const service = providerService({ provider, engine, folder, deployed, tell: log.tell });
    server.addService(ResourceProviderService, service.methods);
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    const ending = Promise.withResolvers<void>();
    let connection: Socket | undefined;

    const listener = createServer({ noDelay: true }, (socket) => {
        socket.on("error", () => socket.destroy());
        if (connection !== undefined) return void socket.destroy();
        clearTimeout(patience);
        connection = socket;
        socket.on("close", () => {
            connection = undefined;
            // Engines close connections that are idle, and come back.
            isThere(engine).then((there) => there || close());
        });
        injector.injectConnection(socket);
    });
    const patience = setTimeout(() => close(), patienceMilliseconds);

    function close(): void {
        clearTimeout(patience);
        listener.close();
        injector.destroy();
        connection?.destroy();
        log.close();
        ending.resolve();
    }

    const port = await new Promise<number>((resolve, reject) => {
        listener.once("error", reject);
        listener.listen(0, "127.0.0.1", () => resolve((listener.address() as AddressInfo).port));
    });
    return { port, ended: ending.promise, idle: service.idle, close };
}

function isThere(engine: string): Promise<boolean> {
    const [host = "", port = ""] = engine.split(":");
    return new Promise((resolve) => {
        const socket = connect(Number(port), host);
        const answer = (there: boolean) => {
            socket.destroy();
            resolve(there);
        };
        socket.once("connect", () => answer(true));
        socket.once("error", () => answer(false));
    });
}
