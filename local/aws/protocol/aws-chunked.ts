import { AwsError } from "../service";

export interface ChunkedBody {
    readonly body: Buffer;
    /** Headers that came after the body, such as a checksum, by name in lower case. */
    readonly trailers: Readonly<Record<string, string>>;
}

/** Is the body in S3's chunked encoding, in which the SDK sends a body along with its checksum? */
export function isAwsChunked(headers: Readonly<Record<string, string | undefined>>): boolean {
    const encodings = (headers["content-encoding"] ?? "").split(",").map((name) => name.trim());
    return encodings.includes("aws-chunked") || (headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
}

/** The headers as they would be without that encoding, with the trailers among them. */
export function unchunkedHeaders(
    headers: Readonly<Record<string, string | undefined>>,
    { body, trailers }: ChunkedBody,
): Record<string, string | undefined> {
    const encodings = (headers["content-encoding"] ?? "").split(",").map((name) => name.trim());
    const rest = encodings.filter((name) => name !== "" && name !== "aws-chunked").join(",");
    return {
        ...headers,
        ...trailers,
        "content-encoding": rest === "" ? undefined : rest,
        "content-length": String(body.length),
    };
}

/**
 * Decodes `size[;chunk-signature=…]\r\n data\r\n … 0\r\n trailers \r\n`.
 * @throws AwsError IncompleteBody when it is cut short or not in that form.
 */
export function decodeAwsChunked(encoded: Buffer, decodedLength: string | undefined): ChunkedBody {
    const chunks: Buffer[] = [];
    let position = 0;
    for (;;) {
        const end = encoded.indexOf("\r\n", position);
        const size = /^([0-9a-fA-F]{1,12})(;|$)/.exec(end < 0 ? "" : encoded.toString("latin1", position, end))?.[1];
        if (size === undefined) throw incomplete("a chunk has no size");
        const start = end + 2;
        const length = Number.parseInt(size, 16);
        position = start + length + 2;
        if (length === 0) {
            position = start;
            break;
        }
        if (encoded.toString("latin1", position - 2, position) !== "\r\n") throw incomplete("a chunk is cut short");
        chunks.push(encoded.subarray(start, start + length));
    }
    const body = Buffer.concat(chunks);
    if (decodedLength !== undefined && Number(decodedLength) !== body.length) {
        throw incomplete(`it holds ${body.length} bytes, but X-Amz-Decoded-Content-Length says ${decodedLength}`);
    }
    const trailers: Record<string, string> = {};
    for (const line of encoded.toString("latin1", position).split("\r\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { body, trailers };
}

function incomplete(what: string): AwsError {
    return new AwsError("IncompleteBody", `The body in aws-chunked encoding is not whole: ${what}.`);
}
