import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { S3Client } from "@aws-sdk/client-s3";
import { decodeEnvelope, type Envelope, type RecordKind, wrap } from "./envelope";
import { setAside } from "./failure-bucket";
import { errorFields, log } from "./log";
import { isRejection, RejectRecord } from "./reject-record";
import { type Validator, violation } from "./schema-check";
import { type Outgoing, outgoing, putAll } from "./stream-writer";

/** A record of Lambda's Kinesis event, as far as it is read. */
export interface StreamRecord {
    readonly eventID?: string;
    readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
}

/** What Lambda is told: from which record on it has to try again. */
export interface StreamResponse {
    readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The user's callback: for one record, or for all records of a batch at once. */
export type Handle =
    | { readonly mode: "record"; readonly handler: (datum: unknown) => unknown }
    | { readonly mode: "batch"; readonly handler: (data: readonly unknown[]) => unknown };

/** Where a stage's results go. */
export interface Destination {
    readonly streamName: string;
    readonly kind: RecordKind;
    readonly validate: Validator;
    readonly partitionBy?: (datum: unknown) => string;
}

export interface StreamHandlerOptions {
    readonly stage: string;
    /** The `source` of the envelopes that the stage writes. */
    readonly source: string;
    readonly handle: Handle;
    readonly validate: Validator;
    readonly into?: Destination;
    readonly failureBucket: string;
    readonly kinesis: KinesisClient;
    readonly s3: S3Client;
}

/** Time kept free for emitting what is done, in milliseconds, or this part of the function's timeout if that is less. */
const RESERVE = { milliseconds: 5000, share: 0.2 };

/**
 * Handles a batch in order, at least once. What can never succeed is set aside and the rest goes on; at any other error
 * the batch stops: what came before is emitted, and Lambda is told to try again from there.
 */
export function streamHandler(options: StreamHandlerOptions) {
    const { stage, into, kinesis, s3, failureBucket } = options;

    return async (
        event: { readonly Records: readonly StreamRecord[] },
        context: { getRemainingTimeInMillis(): number },
    ): Promise<StreamResponse> => {
        const time = context.getRemainingTimeInMillis();
        const reserve = Math.min(RESERVE.milliseconds, time * RESERVE.share);
        const readings = event.Records.map((record, origin) => read(record, origin, options.validate));
        const handled = await handle(options.handle, readings);

        const results: Outgoing[] = [];
        let rejected = 0;
        let stoppedAt: number | undefined;
        for (const reading of readings) {
            const { origin, id } = reading;
            if (origin > 0 && context.getRemainingTimeInMillis() < reserve) {
                log.warn("batch-out-of-time", { stage, id });
                stoppedAt = origin;
                break;
            }
            try {
                try {
                    results.push(...emitted(options, reading, await handled(reading)));
                } catch (error) {
                    if (!isRejection(error)) throw error;
                    await setAside(s3, failureBucket, { stage, id, reason: error.message, record: reading.original });
                    rejected++;
                }
            } catch (error) {
                log.error("record-failed", { stage, id, ...errorFields(error) });
                stoppedAt = origin;
                break;
            }
        }

        const notPut = into === undefined ? undefined : await putAll(kinesis, into.streamName, results);
        const retriedFrom = notPut ?? stoppedAt;
        log.info("batch", { stage, records: readings.length, results: results.length, rejected, retriedFrom });
        const record = retriedFrom === undefined ? undefined : event.Records[retriedFrom];
        return { batchItemFailures: record === undefined ? [] : [{ itemIdentifier: record.kinesis.sequenceNumber }] };
    };
}

/** A record as it was read: its envelope, or why it has to be set aside. */
interface Reading {
    readonly origin: number;
    readonly id: string;
    /** What a failure keeps: the envelope, or the data in base64. */
    readonly original: unknown;
    readonly envelope?: Envelope;
    readonly rejection?: RejectRecord;
}

function read(record: StreamRecord, origin: number, validate: Validator): Reading {
    let envelope: Envelope;
    try {
        envelope = decodeEnvelope(Buffer.from(record.kinesis.data, "base64"));
    } catch (error) {
        if (!(error instanceof RejectRecord)) throw error;
        const id = record.eventID ?? record.kinesis.sequenceNumber;
        return { origin, id, original: record.kinesis.data, rejection: error };
    }
    const reading = { origin, id: envelope.id, original: envelope, envelope };
    const problem = violation(validate, envelope.data);
    if (problem === undefined) return reading;
    return { ...reading, rejection: new RejectRecord(`The record does not fit the schema: ${problem}.`) };
}

/**
 * Calls the handler, for a batch once and now, and returns how to get the result of each record: it may throw what the
 * handler threw.
 */
async function handle(handle: Handle, readings: readonly Reading[]): Promise<(reading: Reading) => unknown> {
    const datum = ({ envelope, rejection }: Reading) => {
        if (rejection !== undefined) throw rejection;
        return envelope?.data;
    };
    if (handle.mode === "record") return (reading) => handle.handler(datum(reading));

    const valid = readings.filter(({ rejection }) => rejection === undefined);
    if (valid.length === 0) return datum;
    const together = async (some: readonly Reading[]) => aligned(await handle.handler(some.map(datum)), some.length);
    try {
        const results = await together(valid);
        const byOrigin = new Map(valid.map(({ origin }, index) => [origin, results[index]]));
        return (reading) => {
            datum(reading);
            return byOrigin.get(reading.origin);
        };
    } catch (error) {
        // The handler cannot say which record it rejects, so each is asked for alone.
        if (isRejection(error) && valid.length > 1) {
            return async (reading) => (await together([reading]))[0];
        }
        return (reading) => {
            datum(reading);
            throw error;
        };
    }
}

function aligned(results: unknown, records: number): readonly unknown[] {
    if (!Array.isArray(results) || results.length !== records) {
        const got = Array.isArray(results) ? `${results.length} results` : `a ${typeof results}`;
        throw new TypeError(
            `A batch handler returns an array with one entry a record: got ${got} for ${records} records.`,
        );
    }
    return results;
}

/** The records to put for what a handler returned: none, one or several. */
function emitted({ into, source }: StreamHandlerOptions, reading: Reading, result: unknown): Outgoing[] {
    if (into === undefined || result === undefined) return [];
    const several = Array.isArray(result);
    return (several ? result : [result]).map((datum: unknown, index) => {
        const problem = violation(into.validate, datum);
        if (problem !== undefined) {
            throw new RejectRecord(`What the stage made of it does not fit the stream ${into.kind.type}: ${problem}.`);
        }
        const id = several ? `${reading.id}/${index}` : reading.id;
        const traceparent = reading.envelope?.traceparent;
        return outgoing(
            reading.origin,
            wrap(datum, { id, source, kind: into.kind, traceparent }),
            into.partitionBy?.(datum),
        );
    });
}
