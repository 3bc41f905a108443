import type { Claims } from "./claim-check";
import { decodeEnvelope, type Envelope } from "./envelope";
import type { ReceivedRecord } from "./failure-bucket";
import { type FilterPattern, passes } from "./record-filter";
import { RejectRecord } from "./reject-record";
import { type Validator, violation } from "./schema-check";

/** A record of Lambda's Kinesis event, as far as it is read. */
export interface StreamRecord {
    readonly eventID?: string;
    readonly kinesis: {
        readonly data: string;
        readonly sequenceNumber: string;
        readonly partitionKey?: string;
        /** Seconds since 1970. */
        readonly approximateArrivalTimestamp?: number;
    };
}

/** A record as it was read: its envelope, or why it has to be set aside. */
export interface Reading {
    /** Its position in the batch. */
    readonly origin: number;
    readonly id: string;
    readonly sequenceNumber: string;
    readonly received: ReceivedRecord;
    /** What a failure keeps: the envelope, or the data in base64. */
    readonly original: unknown;
    readonly envelope?: Envelope;
    readonly rejection?: RejectRecord;
    /** It does not pass the stage's filter, and is nothing to the stage. */
    readonly filtered?: boolean;
}

/** What it takes to have a record's data and to judge them. */
export interface Reader {
    readonly claims: Claims;
    /** Lambda applies it too, but not to data that a record only refers to, and to no invocation of another's. */
    readonly filter: FilterPattern | undefined;
    readonly validate: Validator;
    readonly signal: AbortSignal;
}

/** Reads the envelope of a record. Its data may still have to be fetched: see {@link complete}. */
export function decode(record: StreamRecord, origin: number): Reading {
    const { sequenceNumber } = record.kinesis;
    const about = { origin, sequenceNumber, received: receivedAs(record) };
    try {
        const envelope = decodeEnvelope(Buffer.from(record.kinesis.data, "base64"));
        return { ...about, id: envelope.id, original: envelope, envelope };
    } catch (error) {
        if (!(error instanceof RejectRecord)) throw error;
        const id = record.eventID ?? sequenceNumber;
        return { ...about, id, original: record.kinesis.data, rejection: error };
    }
}

function receivedAs({ eventID, kinesis }: StreamRecord): ReceivedRecord {
    const { partitionKey, approximateArrivalTimestamp: seconds } = kinesis;
    const arrivedAt = seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
    return { eventID, partitionKey, arrivedAt };
}

/** Fetches the data of a record that only refers to them, and checks them. Rejects where S3 cannot be read now. */
export async function complete(reading: Reading, { claims, filter, validate, signal }: Reader): Promise<Reading> {
    if (reading.envelope === undefined) {
        const concerns = filter === undefined || mayPass(filter, reading.original);
        return concerns ? reading : { ...reading, filtered: true };
    }
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
    if (filter !== undefined && !passes(filter, envelope.data)) return { ...read, filtered: true };
    const problem = violation(validate, envelope.data);
    if (problem === undefined) return read;
    return { ...read, rejection: new RejectRecord(`The record does not fit the schema: ${problem}.`) };
}

/** Whether Lambda would have handed over what is no envelope: no JSON never, and JSON by its data, if they are there. */
function mayPass(filter: FilterPattern, base64: unknown): boolean {
    try {
        const { data, dataref } = Object(JSON.parse(Buffer.from(String(base64), "base64").toString("utf8")));
        return dataref !== undefined || (data !== undefined && passes(filter, data));
    } catch {
        return false;
    }
}

/** How long ago the oldest record came to the stream, in milliseconds. The stream's clock may be ahead of this one. */
export function oldestAge(records: readonly StreamRecord[]): number | undefined {
    const arrivals = records.flatMap(({ kinesis: { approximateArrivalTimestamp: seconds } }) =>
        seconds === undefined ? [] : [seconds],
    );
    if (arrivals.length === 0) return undefined;
    return Math.max(0, Math.round(Date.now() - Math.min(...arrivals) * 1000));
}
