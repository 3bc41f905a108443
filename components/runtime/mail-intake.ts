import { createHash } from "node:crypto";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, HeadObjectCommand, NoSuchKey, NotFound, type S3Client } from "@aws-sdk/client-s3";
import { claimsIn } from "./claim-check";
import { type Deadline, type InvocationTime, startDeadline } from "./deadline";
import type { Destination } from "./destination";
import { wrap } from "./envelope";
import { setAside } from "./failure-bucket";
import { errorFields, log } from "./log";
import { mailId } from "./mail-id";
import type { ObjectStore } from "./object-store";
import { isRejection, RejectRecord } from "./reject-record";
import { violation } from "./schema-check";
import { outgoing, putAll } from "./stream-writer";
import { beginTrace } from "./trace-context";

/** Largest mail that SES delivers, in bytes. */
export const MAX_MAIL_BYTES = 40_000_000;

/** SES writes this object when a receipt rule begins to write to a bucket; it is no mail. */
const SETUP_NOTIFICATION = /(^|\/)AMAZON_SES_SETUP_NOTIFICATION$/;

/** The part of an S3 notification that is read. */
export interface BucketEvent {
    readonly Records?: readonly {
        readonly s3: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string } };
    }[];
}

export interface MailIntakeOptions {
    /** Name of the intake, under which it rejects. */
    readonly stage: string;
    readonly source: string;
    readonly into: Destination;
    /** Made when they are first needed. */
    readonly kinesis: () => KinesisClient;
    readonly s3: () => S3Client;
    readonly store: ObjectStore;
}

/**
 * Puts a pointer to each new mail into the stream. What no later stage could read is set aside with the reason. Any
 * other error fails the invocation, which Lambda repeats and then keeps in the failure bucket.
 */
export function mailIntake(options: MailIntakeOptions) {
    return async (event: BucketEvent, context: InvocationTime): Promise<void> => {
        const deadline = startDeadline(context);
        try {
            // Not there in the test event that S3 sends when the notification is set up.
            for (const { s3: notified } of event.Records ?? []) {
                const key = decodeURIComponent(notified.object.key.replaceAll("+", " "));
                if (!SETUP_NOTIFICATION.test(key)) await receive(options, notified.bucket.name, key, deadline);
            }
        } finally {
            deadline.end();
        }
    };
}

async function receive(options: MailIntakeOptions, bucket: string, key: string, deadline: Deadline): Promise<void> {
    const { stage, source, into, kinesis, store } = options;
    const { signal } = deadline;
    const s3 = options.s3();
    const pointer = { id: keyId(key), key, source: key, size: 0 };
    // The trace begins here.
    const traceparent = beginTrace();
    const envelope = () => wrap(pointer, { id: pointer.id, source, kind: into.kind, traceparent });
    try {
        const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        pointer.size = head.ContentLength ?? 0;
        pointer.source = sourceName(head.Metadata?.source) ?? key;
        pointer.id = mailId(await readMail(s3, bucket, key, pointer.size, signal));
        const problem = violation(into.validate, pointer);
        if (problem !== undefined) {
            throw new RejectRecord(`The mail does not fit the stream ${into.kind.type}: ${problem}.`);
        }
        const claims = claimsIn(store, into.bucket);
        const record = await outgoing(envelope(), { origin: 0, stage, into, claims, signal });
        const { failedFrom } = await putAll(kinesis, into.streamName, [record], deadline);
        if (failedFrom !== undefined) throw new Error("The stream did not take the pointer.");
        log.info("mail-received", { stage, id: pointer.id, size: pointer.size });
    } catch (error) {
        if (error instanceof NoSuchKey || error instanceof NotFound) {
            // Deleted since: nothing is left that could be handled.
            log.warn("mail-gone", { stage, id: pointer.id });
        } else if (isRejection(error)) {
            const { message: reason } = error;
            await setAside(store, into.bucket, { stage, id: pointer.id, reason, record: envelope() }, signal);
        } else {
            log.error("mail-failed", { stage, id: pointer.id, ...errorFields(error) });
            // Lambda logs what it is given, and an error may quote the mail's address or name.
            throw new Error(`The mail ${pointer.id} could not be put into the stream; the log says why.`);
        }
    }
}

async function readMail(
    s3: S3Client,
    bucket: string,
    key: string,
    size: number,
    abortSignal: AbortSignal,
): Promise<Uint8Array> {
    if (size > MAX_MAIL_BYTES) {
        const megabytes = (size / 1_000_000).toFixed(1);
        throw new RejectRecord(`The mail is too large: ${megabytes} MB, at most ${MAX_MAIL_BYTES / 1_000_000} MB.`);
    }
    if (size === 0) throw new RejectRecord("The mail is empty: the object has no bytes.");
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
    if (object.Body === undefined) throw new Error("S3 answered without a body.");
    return object.Body.transformToByteArray();
}

/** Stands in for the id of a mail that cannot be read. */
function keyId(key: string): string {
    return createHash("sha256").update(`key:${key}`).digest("hex");
}

/** Object metadata is ASCII only: the sender percent-encodes the name. */
function sourceName(metadata: string | undefined): string | undefined {
    if (metadata === undefined || metadata === "") return undefined;
    try {
        return decodeURIComponent(metadata);
    } catch {
        return metadata;
    }
}
