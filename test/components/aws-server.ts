import { once } from "node:events";
import * as http from "node:http";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";

/** A call that a client made. */
export interface Call {
    /** The operation of a JSON protocol, else method and path. */
    readonly operation: string;
    readonly path: string;
    readonly body: Buffer;
    readonly headers: NodeJS.Dict<string | string[]>;
}

export interface Answer {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly body?: unknown;
}

/** A server on the loopback interface that answers AWS clients as a test says, and remembers what they asked. */
export interface AwsServer {
    readonly address: string;
    readonly calls: Call[];
    /** What a client is configured with. */
    readonly client: {
        readonly endpoint: string;
        readonly region: string;
        readonly credentials: { accessKeyId: string; secretAccessKey: string };
    };
    /** Cuts the connections that there are (HTTP/1.1). */
    disconnect(): void;
    close(): Promise<void>;
}

/** Starts a server. The Kinesis client speaks HTTP/2, the others HTTP/1.1. */
export async function awsServer(
    protocol: "http1" | "http2",
    answer: (call: Call) => Answer | Promise<Answer>,
): Promise<AwsServer> {
    const calls: Call[] = [];
    // What both kinds of request and response have in common.
    const handle = async (
        request: AsyncIterable<unknown> & { url?: string; method?: string; headers: http.IncomingHttpHeaders },
        response: {
            writeHead(status: number, headers: Record<string, string>): unknown;
            end(body: string | Buffer): unknown;
        },
    ) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const target = request.headers["x-amz-target"];
        const path = request.url ?? "";
        const operation =
            typeof target === "string" ? (target.split(".").at(-1) ?? "") : `${request.method} ${path.split("?")[0]}`;
        const call = { operation, path, body: Buffer.concat(chunks), headers: request.headers };
        calls.push(call);
        const { status = 200, headers = {}, body } = await answer(call);
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body ?? {}));
    };
    const server = protocol === "http1" ? http.createServer(handle) : http2.createServer(handle);
    const sessions = new Set<http2.ServerHttp2Session>();
    server.on("session", (session: http2.ServerHttp2Session) => sessions.add(session));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
        address,
        calls,
        client: {
            endpoint: address,
            region: "eu-central-1",
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
        },
        disconnect: () => {
            if ("closeAllConnections" in server) server.closeAllConnections();
        },
        close: async () => {
            for (const session of sessions) session.destroy();
            if ("closeAllConnections" in server) server.closeAllConnections();
            server.close();
            await once(server, "close");
        },
    };
}

/** The input of a call of a JSON protocol. */
export function input(call: Call | undefined): Record<string, unknown> {
    return JSON.parse(call?.body.toString("utf8") ?? "null") as Record<string, unknown>;
}
