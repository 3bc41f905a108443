import { createHash } from "node:crypto";
import { TooLargeError } from "./http-exchange";
import type { ObjectStore } from "./object-store";
import { RejectRecord } from "./reject-record";

/**
 * Largest datum, in bytes of JSON: 64 MiB, which holds any mail that SES delivers. A stage that reads and writes data of
 * that size needs about 450 MiB for it, beside what its handler needs.
 */
export const MAX_CLAIM_BYTES = 64 * 1_048_576;

/**
 * Data that is too big for a record: an object in the stream's bucket, to which the record refers (CloudEvents'
 * extension `dataref`).
 */
export interface Claims {
    /**
     * Stores JSON and returns the reference.
     * @throws RejectRecord if it is larger than a datum may be.
     */
    put(stage: string, json: Buffer, signal?: AbortSignal): Promise<string>;
    /**
     * The data behind a reference.
     * @throws RejectRecord if they are not this stream's, are gone, or are no longer what they were.
     */
    get(reference: string, signal?: AbortSignal): Promise<unknown>;
}

/** The claims of one stream. */
export function claimsIn(store: ObjectStore, bucket: string): Claims {
    const own = new RegExp(
        `^s3://${bucket.replaceAll(".", "\\.")}/(claims/[A-Za-z0-9-]+/\\d{4}/\\d{2}/\\d{2}/([0-9a-f]{64})\\.json)$`,
    );
    return {
        async put(stage, json, signal) {
            if (json.byteLength > MAX_CLAIM_BYTES) {
                throw new RejectRecord(
                    `The data are too large: ${json.byteLength} bytes of JSON, at most ${MAX_CLAIM_BYTES}.`,
                );
            }
            const key = claimKey(stage, json, new Date());
            await store.put({ bucket, key, body: json }, signal);
            return `s3://${bucket}/${key}`;
        },
        async get(reference, signal) {
            const [, key = "", digest] = own.exec(reference) ?? [];
            // Whoever may write to the stream must not choose what a stage reads.
            if (key === "") throw new RejectRecord("The record's dataref leads out of the stream's own claims.");
            const json = await read(store, { bucket, key }, signal);
            if (json === undefined) {
                throw new RejectRecord(
                    "The record's data are no longer in the bucket: the claim was deleted or has expired.",
                );
            }
            if (sha256(json) !== digest) throw new RejectRecord("The record's data are not those that were written.");
            try {
                return JSON.parse(json.toString("utf8"));
            } catch {
                throw new RejectRecord("The record's data are not JSON.");
            }
        },
    };
}

/** Named by its content: a repetition overwrites it with the same, and nothing else ever does. */
function claimKey(stage: string, json: Buffer, now: Date): string {
    return `claims/${stage}/${now.toISOString().slice(0, 10).replaceAll("-", "/")}/${sha256(json)}.json`;
}

async function read(
    store: ObjectStore,
    object: { bucket: string; key: string },
    signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
    try {
        return await store.get({ ...object, maxBytes: MAX_CLAIM_BYTES }, signal);
    } catch (error) {
        if (!(error instanceof TooLargeError)) throw error;
        throw new RejectRecord(`The record's data are too large: more than ${MAX_CLAIM_BYTES} bytes.`);
    }
}

function sha256(bytes: Buffer): string {
    return createHash("sha256").update(bytes).digest("hex");
}
