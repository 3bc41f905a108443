import type { HttpRequest } from "./port";

/** The client went away in the middle of its request: there is nobody to answer. */
export class ClientGone extends Error {
    override readonly name = "ClientGone";
}

/**
 * Reads a request's body.
 * @param limit bytes; a longer body is read to its end, so that the client hears the answer, but not kept.
 * @returns undefined when the body is longer than the limit.
 * @throws ClientGone before its end.
 */
export function readBody(request: HttpRequest, limit: number): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
        let chunks: Buffer[] = [];
        let length = 0;
        request.on("data", (chunk: Buffer) => {
            length += chunk.length;
            if (length <= limit) chunks.push(chunk);
            else chunks = [];
        });
        request.on("end", () => {
            if (length > limit) resolve(undefined);
            else resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
        });
        const gone = () => reject(new ClientGone("The client went away before the end of its request."));
        request.on("error", gone);
        request.on("close", gone);
    });
}
