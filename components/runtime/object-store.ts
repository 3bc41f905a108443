import { createHash } from "node:crypto";
import type { KinesisClientResolvedConfig } from "@aws-sdk/client-kinesis";
import { SignatureV4 } from "@smithy/signature-v4";
import { backoff } from "./backoff";
import { exchange, type HttpAnswer, TooLargeError } from "./http-exchange";
import { type S3Place, s3Address } from "./s3-address";

/** What is taken from an SDK client that is there anyway. */
export type ObjectStoreConfig = S3Place & Pick<KinesisClientResolvedConfig, "credentials" | "sha256">;

/** Objects in S3: the two operations that every stage needs. */
export interface ObjectStore {
    /** Writes an object; S3 refuses what arrives other than it was sent. Encryption is the bucket's default. */
    put(object: { bucket: string; key: string; body: Uint8Array }, signal?: AbortSignal): Promise<void>;
    /**
     * The content of an object; undefined where there is none.
     * @throws TooLargeError if it has more than `maxBytes`.
     */
    get(object: { bucket: string; key: string; maxBytes: number }, signal?: AbortSignal): Promise<Buffer | undefined>;
}

const ATTEMPTS = 5;

/** S3 has refused a request, or cannot be reached. The message names the bucket and no key, for a key may tell something. */
export class ObjectStoreError extends Error {
    override readonly name = "ObjectStoreError";
    constructor(
        message: string,
        /** S3's error code, or the network's. */
        readonly code: string,
        options?: ErrorOptions,
    ) {
        super(message, options);
    }
}

/**
 * S3 without its SDK client, which would be a third of a stage's artefact. Requests are signed by the SDK's own signer,
 * with the region and the credentials of the Kinesis client; its HTTP/2 connections are of no use with S3.
 */
export function objectStore(config: () => ObjectStoreConfig): ObjectStore {
    async function send(
        method: "PUT" | "GET",
        { bucket, key, body, maxBytes }: { bucket: string; key: string; body?: Uint8Array; maxBytes?: number },
        signal?: AbortSignal,
    ): Promise<HttpAnswer> {
        const { region, credentials, sha256, ...place } = config();
        const address = await s3Address({ region, ...place }, bucket, key);
        const host = address.port === undefined ? address.hostname : `${address.hostname}:${address.port}`;
        const headers = { host, ...bodyHeaders(body) };
        const signer = new SignatureV4({ service: "s3", region, credentials, sha256, uriEscapePath: false });
        for (let retry = 0; ; retry++) {
            let failure: ObjectStoreError;
            try {
                const signed = await signer.sign({ ...address, method, headers, query: {} });
                const answer = await exchange(
                    { ...address, method, headers: signed.headers, body },
                    { maxBytes, signal },
                );
                if (answer.status < 300 || answer.status === 404) return answer;
                failure = refused(method, bucket, answer);
                if (!passes(answer.status, failure.code)) throw failure;
            } catch (error) {
                if (error instanceof ObjectStoreError || error instanceof TooLargeError) throw error;
                signal?.throwIfAborted();
                failure = unreachable(method, bucket, error);
            }
            if (retry === ATTEMPTS - 1) throw failure;
            await backoff(retry, { base: 100, signal });
        }
    }

    return {
        async put({ bucket, key, body }, signal) {
            const answer = await send("PUT", { bucket, key, body }, signal);
            if (answer.status === 404) throw refused("PUT", bucket, answer);
        },
        async get({ bucket, key, maxBytes }, signal) {
            const answer = await send("GET", { bucket, key, maxBytes }, signal);
            if (answer.status !== 404) return answer.body;
            const error = refused("GET", bucket, answer);
            if (error.code !== "NoSuchKey") throw error;
            return undefined;
        },
    };
}

function bodyHeaders(body: Uint8Array | undefined): Record<string, string> {
    if (body === undefined) return {};
    const digest = createHash("sha256").update(body).digest();
    return {
        "content-length": String(body.byteLength),
        "content-type": "application/json",
        "x-amz-content-sha256": digest.toString("hex"),
        // Kept with the object; a bucket with an object lock asks for it.
        "x-amz-checksum-sha256": digest.toString("base64"),
    };
}

/** Throttling and errors of S3 itself; RequestTimeout is S3's word for a slow upload. */
function passes(status: number, code: string): boolean {
    return status === 429 || status >= 500 || code === "RequestTimeout";
}

function refused(method: string, bucket: string, { status, headers, body }: HttpAnswer): ObjectStoreError {
    const code = /<Code>([A-Za-z0-9]+)<\/Code>/.exec(body.toString("latin1"))?.[1] ?? `Http${status}`;
    const request = headers["x-amz-request-id"];
    const reference = typeof request === "string" ? `, request ${request}` : "";
    return new ObjectStoreError(
        `S3 refused to ${method} an object of the bucket ${bucket}: ${code} (status ${status}${reference}).`,
        code,
    );
}

function unreachable(method: string, bucket: string, error: unknown): ObjectStoreError {
    const known = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
    const code = known ?? (error instanceof Error ? error.name : "unknown");
    return new ObjectStoreError(
        `S3 could not be reached to ${method} an object of the bucket ${bucket}: ${code}.`,
        code,
        { cause: error },
    );
}
