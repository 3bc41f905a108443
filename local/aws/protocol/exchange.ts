import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import type { AwsResponse } from "../service";
import type { HttpRequest, HttpResponse } from "./port";

/** Against pages of other origins that reach the loopback interface under a name of their own (DNS rebinding). */
export function isLocalHost(request: HttpRequest): boolean {
    const host = request.headers.host ?? request.headers[":authority"];
    return typeof host === "string" && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

/** The headers of a request, without those that are HTTP/2's own. */
export function plainHeaders(request: HttpRequest): Record<string, string | undefined> {
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(request.headers)) {
        if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(",") : value;
    }
    return headers;
}

/** Writes a service's answer. @throws Error when the client goes away meanwhile. */
export async function writeResponse(
    request: HttpRequest,
    response: HttpResponse,
    { status, headers, body }: AwsResponse,
    requestId: string,
): Promise<void> {
    response.statusCode = status;
    // S3 has a name of its own for it.
    if (headers["x-amz-request-id"] === undefined) response.setHeader("x-amzn-requestid", requestId);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (body instanceof Readable) {
        if (request.method !== "HEAD") return pipeline(body, response);
        body.destroy();
        response.end();
        return finished(response);
    }
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    if (!response.hasHeader("content-length") && status !== 204 && status !== 304) {
        response.setHeader("content-length", bytes.length);
    }
    // Of an answer without a body, HTTP/2 would send an empty frame.
    if (request.method === "HEAD" || bytes.length === 0) response.end();
    else response.end(bytes);
    // Written to its end: closing the port right after must not cut it.
    await finished(response);
}
