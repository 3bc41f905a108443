import * as http from "node:http";
import * as https from "node:https";

export interface HttpRequest {
    readonly method: string;
    readonly protocol: string;
    readonly hostname: string;
    readonly port?: number;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: Uint8Array;
}

export interface HttpAnswer {
    readonly status: number;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: Buffer;
}

/** More than any answer has that is not the content of an object. */
const MAX_DOCUMENT_BYTES = 65_536;
/** A connection on which nothing moves for so long is given up, in milliseconds. */
const SILENCE = 10_000;

/** Connections are kept between invocations. */
const agents = {
    "http:": new http.Agent({ keepAlive: true }),
    "https:": new https.Agent({ keepAlive: true }),
};

/**
 * Sends a request and collects the answer.
 * @param options.maxBytes that an answer other than an error may have. @default 65,536
 * @throws TooLargeError for an answer that is larger, and what the network has to say.
 */
export function exchange(
    { protocol, body, ...options }: HttpRequest,
    { maxBytes = MAX_DOCUMENT_BYTES, signal }: { readonly maxBytes?: number; readonly signal?: AbortSignal },
): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
        const settings = { ...options, signal };
        const request =
            protocol === "http:"
                ? http.request({ ...settings, agent: agents["http:"] })
                : https.request({ ...settings, agent: agents["https:"] });
        request.setTimeout(SILENCE, () => request.destroy(new SilentError(options.hostname)));
        request.on("error", reject);
        request.on("response", (answer) => {
            const status = answer.statusCode ?? 0;
            const limit = status < 300 ? maxBytes : MAX_DOCUMENT_BYTES;
            const chunks: Buffer[] = [];
            let bytes = 0;
            answer.on("error", reject);
            answer.on("data", (chunk: Buffer) => {
                bytes += chunk.length;
                if (bytes > limit) answer.destroy(new TooLargeError(limit));
                else chunks.push(chunk);
            });
            answer.on("end", () => resolve({ status, headers: answer.headers, body: Buffer.concat(chunks) }));
        });
        request.end(body);
    });
}

export class TooLargeError extends Error {
    override readonly name = "TooLargeError";
    constructor(maxBytes: number) {
        super(`The answer has more than ${maxBytes} bytes.`);
    }
}

class SilentError extends Error {
    override readonly name = "TimeoutError";
    constructor(hostname: string) {
        super(`${hostname} has been silent for ${SILENCE / 1000} seconds.`);
    }
}
