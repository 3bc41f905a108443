import { createHash } from "node:crypto";
import { log } from "./log";
import type { ObjectStore } from "./object-store";

/** A record that was set aside, as it lies in the failure bucket. */
export interface RejectedRecord {
    /** The stage, or other writer, that rejected it. */
    readonly stage: string;
    /** Why, for the person who reads it. */
    readonly reason: string;
    /** ISO 8601. */
    readonly rejectedAt: string;
    /**
     * The record's envelope, or the raw data in base64 where it is none. Data that were too big for the record are in
     * `data`, beside the `dataref` that leads to them: a person reads the one, a redrive sends the other.
     */
    readonly record: unknown;
    /** How the record came to the stage, for a redrive; not there for what a mail intake rejects. */
    readonly received?: ReceivedRecord;
}

/** What Lambda said of a record beside its data. */
export interface ReceivedRecord {
    /** `<shard>:<sequence number>` */
    readonly eventID?: string;
    readonly partitionKey?: string;
    /** When the stream took it, ISO 8601. */
    readonly arrivedAt?: string;
}

/** Longest record id that becomes part of an object key, in bytes; a key has at most 1,024. */
const MAX_ID_BYTES = 780;
/** What S3 does not take in a key, or reads as another one: controls, half characters, steps through folders. */
const NO_NAME = /[\p{Cc}\p{Cs}]|^\/|(^|\/)\.{0,2}(\/|$)/u;

/**
 * Where a rejected record is kept: by day and id, so that a person finds it, and by its content, so that a repetition
 * overwrites it and another record with the same id does not.
 */
export function rejectedKey(stage: string, id: string, record: unknown, rejectedAt: Date): string {
    const content = createHash("sha256").update(JSON.stringify(record)).digest("hex").slice(0, 12);
    const day = rejectedAt.toISOString().slice(0, 10).replaceAll("-", "/");
    const isName = Buffer.byteLength(id) <= MAX_ID_BYTES && !NO_NAME.test(id);
    const name = isName ? id : createHash("sha256").update(id).digest("hex");
    return `rejected/${stage}/${day}/${name}-${content}.json`;
}

/** Writes a record to the failure bucket of its stream. @returns the object's key. */
export async function setAside(
    store: ObjectStore,
    bucket: string,
    { id, ...rejected }: { readonly id: string } & Omit<RejectedRecord, "rejectedAt">,
    signal?: AbortSignal,
): Promise<string> {
    const { stage, record, reason, received } = rejected;
    const rejectedAt = new Date();
    const content: RejectedRecord = { stage, reason, rejectedAt: rejectedAt.toISOString(), received, record };
    const key = rejectedKey(stage, id, record, rejectedAt);
    await store.put({ bucket, key, body: Buffer.from(JSON.stringify(content), "utf8") }, signal);
    // The reason stays in the object: a handler may have worded it with what the record says.
    log.warn("record-rejected", { stage, id, key });
    return key;
}
