import type { IncomingMessage, ServerResponse } from "node:http";

/** Where environments reach the Runtime API on the twin's port: `/_lambda/<environment secret>/2018-06-01/runtime/…` */
const runtimeApiPrefix = "/_lambda/";

/** An environment's side of the Runtime API. */
export interface RuntimeSession {
    /** The runtime is ready and waits for an invocation. */
    next(response: ServerResponse): void;
    /** The handler's result. False when no such invocation is running. */
    succeeded(requestId: string, payload: Buffer): boolean;
    /** The handler failed. False when no such invocation is running. */
    failed(requestId: string, payload: Buffer): boolean;
    /** The code could not be loaded. */
    initFailed(payload: Buffer): void;
    /** More than the limit was sent: the rest is not read. */
    tooLarge(requestId: string): void;
}

/** The largest response of a handler, in bytes. */
const responseLimit = 6_291_556;

export interface RuntimeApi {
    readonly prefix: string;
    handle(request: IncomingMessage, response: ServerResponse): void;
    open(secret: string, session: RuntimeSession): void;
    close(secret: string): void;
}

export function createRuntimeApi(): RuntimeApi {
    const sessions = new Map<string, RuntimeSession>();

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const [, secret = "", path = ""] =
            /^\/_lambda\/([^/]+)\/2018-06-01\/runtime\/(.*)$/.exec(request.url ?? "") ?? [];
        const session = sessions.get(secret);
        if (session === undefined) return reply(response, 403, "InvalidEnvironment");
        if (request.method === "GET" && path === "invocation/next") return session.next(response);
        if (request.method !== "POST") return reply(response, 404, "UnknownRoute");
        const [, requestId = "", outcome] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
        const payload = await read(request);
        if (payload === undefined) {
            session.tooLarge(requestId);
            return reply(response, 413, "RequestEntityTooLarge");
        }
        if (path === "init/error") {
            session.initFailed(payload);
            return reply(response, 202);
        }
        if (outcome === undefined) return reply(response, 404, "UnknownRoute");
        const known =
            outcome === "response" ? session.succeeded(requestId, payload) : session.failed(requestId, payload);
        return known ? reply(response, 202) : reply(response, 400, "InvalidRequestID");
    }

    return {
        prefix: runtimeApiPrefix,
        handle(request, response) {
            // An environment that is killed in the middle of a request is no concern of the server.
            answer(request, response).catch(() => response.destroy());
        },
        open: (secret, session) => sessions.set(secret, session),
        close: (secret) => sessions.delete(secret),
    };
}

async function read(request: IncomingMessage): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length;
        // Read to the end all the same: a client that is still sending would not see the answer.
        if (size <= responseLimit) chunks.push(chunk);
    }
    return size > responseLimit ? undefined : Buffer.concat(chunks);
}

function reply(response: ServerResponse, status: number, errorType?: string): void {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(errorType === undefined ? '{"status":"OK"}' : JSON.stringify({ errorType, errorMessage: errorType }));
}
