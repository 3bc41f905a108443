import { createHash, randomBytes } from "node:crypto";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, HeadObjectCommand, NoSuchKey, NotFound, type S3Client } from "@aws-sdk/client-s3";
import { wrap } from "./envelope";
import { setAside } from "./failure-bucket";
import { errorFields, log } from "./log";
import { mailId } from "./mail-id";
import { isRejection, RejectRecord } from "./reject-record";
import { violation } from "./schema-check";
import type { Destination } from "./stream-handler";
import { outgoing, putAll } from "./stream-writer";

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
    readonly failureBucket: string;
    readonly kinesis: KinesisClient;
    readonly s3: S3Client;
}

/**
 * Puts a pointer to each new mail into the stream. What no later stage could read is set aside with the reason. Any
 * other error fails the invocation, which Lambda repeats and then keeps in the failure bucket.
 */
export function mailIntake({ stage, source, into, failureBucket, kinesis, s3 }: MailIntakeOptions) {
    return async (event: BucketEvent): Promise<void> => {
        // Not there in the test event that S3 sends when the notification is set up.
        for (const { s3: notified } of event.Records ?? []) {
            const bucket = notified.bucket.name;
            const key = decodeURIComponent(notified.object.key.replaceAll("+", " "));
            if (SETUP_NOTIFICATION.test(key)) continue;
            const pointer = { id: keyId(key), key, source: key, size: 0 };
            const envelope = () =>
                wrap(pointer, { id: pointer.id, source, kind: into.kind, traceparent: traceparent() });
            try {
                const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
                pointer.size = head.ContentLength ?? 0;
                pointer.source = sourceName(head.Metadata?.source) ?? key;
                pointer.id = mailId(await readMail(s3, bucket, key, pointer.size));
                const problem = violation(into.validate, pointer);
                if (problem !== undefined) {
                    throw new RejectRecord(`The mail does not fit the stream ${into.kind.type}: ${problem}.`);
                }
                const record = outgoing(0, envelope(), into.partitionBy?.(pointer));
                const failed = await putAll(kinesis, into.streamName, [record]);
                if (failed !== undefined) throw new Error(`The mail ${pointer.id} could not be put into the stream.`);
                log.info("mail-received", { stage, id: pointer.id, size: pointer.size });
            } catch (error) {
                if (error instanceof NoSuchKey || error instanceof NotFound) {
                    // Deleted since: nothing is left that could be handled.
                    log.warn("mail-gone", { stage, id: pointer.id });
                } else if (isRejection(error)) {
                    await setAside(s3, failureBucket, {
                        stage,
                        id: pointer.id,
                        reason: error.message,
                        record: envelope(),
                    });
                } else {
                    log.error("mail-failed", { stage, id: pointer.id, ...errorFields(error) });
                    throw error;
                }
            }
        }
    };
}

async function readMail(s3: S3Client, bucket: string, key: string, size: number): Promise<Uint8Array> {
    if (size > MAX_MAIL_BYTES) {
        const megabytes = (size / 1_000_000).toFixed(1);
        throw new RejectRecord(`The mail is too large: ${megabytes} MB, at most ${MAX_MAIL_BYTES / 1_000_000} MB.`);
    }
    if (size === 0) throw new RejectRecord("The mail is empty: the object has no bytes.");
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
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

/** The trace begins here (W3C trace context, sampled). */
function traceparent(): string {
    return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
