import type { Claims } from "./claim-check";
import { decodeEnvelope, type Envelope } from "./envelope";
import { RejectRecord } from "./reject-record";
import { type Validator, violation } from "./schema-check";

/** A record of Lambda's Kinesis event, as far as it is read. */
export interface StreamRecord {
    readonly eventID?: string;
    readonly kinesis: {
        readonly data: string;
        readonly sequenceNumber: string;
        /** Seconds since 1970. */
        readonly approximateArrivalTimestamp?: number;
    };
}

/** A record as it was read: its envelope, or why it has to be set aside. */
export interface Reading {
    /** Its position in the batch. */
    readonly origin: number;
    readonly id: string;
    /** What a failure keeps: the envelope, or the data in base64. */
    readonly original: unknown;
    readonly envelope?: Envelope;
    readonly rejection?: RejectRecord;
}

/** Reads the envelope of a record. Its data may still have to be fetched: see {@link complete}. */
export function decode(record: StreamRecord, origin: number): Reading {
    try {
        const envelope = decodeEnvelope(Buffer.from(record.kinesis.data, "base64"));
        return { origin, id: envelope.id, original: envelope, envelope };
    } catch (error) {
        if (!(error instanceof RejectRecord)) throw error;
        const id = record.eventID ?? record.kinesis.sequenceNumber;
        return { origin, id, original: record.kinesis.data, rejection: error };
    }
}

/** Fetches the data of a record that only refers to them, and checks them. Rejects where S3 cannot be read now. */
export async function complete(
    reading: Reading,
    { claims, validate, signal }: { claims: Claims; validate: Validator; signal: AbortSignal },
): Promise<Reading> {
    if (reading.envelope === undefined) return reading;
    let envelope = reading.envelope;
    if (!("data" in envelope)) {
        try {
            envelope = { ...envelope, data: await claims.get(envelope.dataref ?? "", signal) };
        } catch (error) {
            if (!(error instanceof RejectRecord)) throw error;
            return { ...reading, rejection: error };
        }
    }
    const read = { ...reading, original: envelope, envelope };
    const problem = violation(validate, envelope.data);
    if (problem === undefined) return read;
    return { ...read, rejection: new RejectRecord(`The record does not fit the schema: ${problem}.`) };
}
