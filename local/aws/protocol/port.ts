import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttp2Server, type Http2ServerRequest } from "node:http2";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import type { Writable } from "node:stream";

export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** What the responses of both protocols have. */
export type HttpResponse = Writable & {
    statusCode: number;
    setHeader(name: string, value: string | number): unknown;
    hasHeader(name: string): boolean;
    writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
};

export interface Port {
    readonly number: number;
    /** Stops listening and ends all connections at once, whatever they do. */
    close(): Promise<void>;
}

/** What HTTP/2 starts with. The first bytes tell the two protocols apart, as no HTTP/1.1 method begins like this. */
const preface = "PRI";

/**
 * Serves HTTP/1.1 and HTTP/2 without TLS ("prior knowledge", as the SDK's Kinesis client speaks it) on one port of the
 * loopback interface.
 * @param number 0 takes a free one.
 */
export async function listen(
    number: number,
    handle: (request: HttpRequest, response: HttpResponse) => void,
): Promise<Port> {
    // Clients keep connections for long; closing idle ones would race with their next request.
    const http1 = createHttpServer({ keepAliveTimeout: 0, requestTimeout: 0 }, handle);
    // With the default windows, large bodies crawl: each 64 kB would wait for a turn of the client's event loop.
    const http2 = createHttp2Server({ settings: { initialWindowSize: 8 << 20 }, maxSessionMemory: 1024 }, handle);
    http2.on("session", (session) => session.setLocalWindowSize(16 << 20));
    http2.on("sessionError", () => {
        // A client that went away; its streams have ended with it.
    });
    const sockets = new Set<Socket>();
    const server = createSocketServer({ noDelay: true }, (socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
        socket.on("error", () => socket.destroy());
        let first = Buffer.alloc(0);
        const look = (chunk: Buffer) => {
            first = Buffer.concat([first, chunk]);
            if (first.length < preface.length && preface.startsWith(first.toString("latin1"))) return;
            socket.off("data", look);
            const isHttp2 = first.toString("latin1", 0, preface.length) === preface;
            // HTTP/2 reads beneath JavaScript. What has been read already it takes from the socket, if nobody else does.
            if (isHttp2) socket.pause();
            socket.unshift(first);
            (isHttp2 ? http2 : http1).emit("connection", socket);
        };
        socket.on("data", look);
    });
    await new Promise<void>((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, number)));
        server.listen(number, "127.0.0.1", resolve);
    });
    return {
        number: (server.address() as AddressInfo).port,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                for (const socket of sockets) socket.destroy();
            }),
    };
}

/** Ends a request's connection without an answer. With HTTP/2 it takes along what else is under way on it. */
export function dropConnection(request: HttpRequest): void {
    if ("stream" in request) request.stream.session?.destroy();
    else request.socket.resetAndDestroy();
}

/** Another program has the port. */
export class PortInUse extends Error {
    override readonly name = "PortInUse";
    constructor(readonly port: number) {
        super(`Port ${port} of 127.0.0.1 is in use by another program. Choose another port, or 0 for a free one.`);
    }
}

function listenError(error: NodeJS.ErrnoException, number: number): Error {
    return error.code === "EADDRINUSE" ? new PortInUse(number) : error;
}
