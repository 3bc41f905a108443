import { AwsError } from "../../service";

export interface S3Address {
    readonly bucket?: string;
    readonly key?: string;
}

/** Virtual-host style, for a client that reaches the twin as `localhost` instead of by its number. */
const bucketHost = /^(?<bucket>.+)\.localhost$/;

/**
 * Which bucket and key a request is about, from its Host header (virtual-host style) or its path (path style).
 * @throws AwsError `InvalidURI` when the path is not percent-encoded UTF-8.
 */
export function s3Address(host: string | undefined, path: string): S3Address {
    const name = (host ?? "").replace(/:\d+$/, "").toLowerCase();
    const hosted = bucketHost.exec(name)?.groups?.bucket;
    const rest = path.replace(/^\//, "");
    if (hosted !== undefined) return { bucket: hosted, key: decoded(rest) };
    const slash = rest.indexOf("/");
    if (slash < 0) return { bucket: decoded(rest) };
    return { bucket: decoded(rest.slice(0, slash)), key: decoded(rest.slice(slash + 1)) };
}

function decoded(part: string): string | undefined {
    if (part === "") return undefined;
    try {
        return decodeURIComponent(part);
    } catch {
        throw new AwsError("InvalidURI", `The path part '${part}' is not percent-encoded UTF-8.`);
    }
}
