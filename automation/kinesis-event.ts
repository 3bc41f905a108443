import { type KinesisEventRecord, objectOf, type RejectedObject, textOf } from "./failure-object";

/** Lambda's limit for the payload of a call, in bytes. */
export const maxPayloadBytes = 6_291_456;

/** What a record of an event says beside the record itself. */
export interface EventOrigin {
    readonly streamArn: string;
    readonly roleArn: string;
}

/** A record as Lambda gives it to a function that reads a stream. */
export function eventRecord(
    record: {
        readonly eventID: string;
        readonly sequenceNumber: string;
        readonly partitionKey: string;
        /** Base64. */
        readonly data: string;
        readonly arrived: Date;
    },
    { streamArn, roleArn }: EventOrigin,
): KinesisEventRecord {
    return {
        kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: record.partitionKey,
            sequenceNumber: record.sequenceNumber,
            data: record.data,
            approximateArrivalTimestamp: record.arrived.getTime() / 1000,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: record.eventID,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: roleArn,
        awsRegion: streamArn.split(":")[3] ?? "",
        eventSourceARN: streamArn,
    };
}

/**
 * The event record that a stage rejected, made anew. Data that travelled through the bucket are left to their `dataref`:
 * the copy in the failure may be larger than a call takes.
 * @param key of the failure's object, which stands in for a sequence number where none was kept.
 */
export function rejectedEventRecord(rejected: RejectedObject, key: string, origin: EventOrigin): KinesisEventRecord {
    const { received, record } = rejected;
    const envelope = objectOf(record);
    const eventID = received?.eventID ?? key;
    return eventRecord(
        {
            eventID,
            sequenceNumber: eventID.split(":").at(-1) ?? eventID,
            partitionKey: received?.partitionKey ?? textOf(envelope?.id) ?? key,
            data: envelope === undefined ? (textOf(record) ?? "") : encoded(withoutCopy(envelope)),
            arrived: firstDate(received?.arrivedAt, textOf(envelope?.time), rejected.when),
        },
        origin,
    );
}

function withoutCopy(envelope: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    if (textOf(envelope.dataref) === undefined) return envelope;
    const { data: _, ...reference } = envelope;
    return reference;
}

function encoded(envelope: Readonly<Record<string, unknown>>): string {
    return Buffer.from(JSON.stringify(envelope), "utf8").toString("base64");
}

function firstDate(...texts: readonly (string | undefined)[]): Date {
    for (const text of texts) {
        const date = new Date(text ?? Number.NaN);
        if (!Number.isNaN(date.getTime())) return date;
    }
    return new Date(0);
}

/** Bytes that a record takes of a call's payload. */
export function payloadBytes(record: KinesisEventRecord): number {
    return Buffer.byteLength(JSON.stringify(record)) + 1;
}

/** Splits what is to be delivered into calls within the stage's batch size and Lambda's payload limit, in order. */
export function* inCalls<Item>(
    items: readonly Item[],
    bytesOf: (item: Item) => number,
    batchSize: number,
): Generator<readonly Item[]> {
    const frame = '{"Records":[],"reportRejections":true}'.length;
    let call: Item[] = [];
    let bytes = frame;
    for (const item of items) {
        const size = bytesOf(item);
        if (call.length > 0 && (call.length === batchSize || bytes + size > maxPayloadBytes)) {
            yield call;
            call = [];
            bytes = frame;
        }
        call.push(item);
        bytes += size;
    }
    if (call.length > 0) yield call;
}
