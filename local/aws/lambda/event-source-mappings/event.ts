import type { StoredRecord } from "../../kinesis";
import { region } from "../../service";

/** Lambda's limit for an event, in bytes. */
export const eventLimit = 6_291_456;

/** A record as it stands in an event. */
export interface EventItem {
    readonly sequenceNumber: string;
    readonly arrival: Date;
    readonly json: string;
}

export interface EventOrigin {
    readonly streamArn: string;
    readonly shardId: string;
}

export function eventItem(record: StoredRecord, origin: EventOrigin & { readonly roleArn: string }): EventItem {
    const { sequenceNumber, arrival } = record;
    const json = JSON.stringify({
        kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: record.partitionKey,
            sequenceNumber,
            data: record.data.toString("base64"),
            approximateArrivalTimestamp: arrival.getTime() / 1000,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${origin.shardId}:${sequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: origin.roleArn,
        awsRegion: region,
        eventSourceARN: origin.streamArn,
    });
    return { sequenceNumber, arrival, json };
}

/** @param members What comes after the records, as JSON without braces. */
export function eventOf(items: readonly EventItem[], members?: string): string {
    const records = `"Records":[${items.map(({ json }) => json).join(",")}]`;
    return members === undefined ? `{${records}}` : `{${records},${members}}`;
}

/**
 * The first items, as many as an event takes; one at least.
 * @param others Bytes of its other members.
 */
export function fitting(items: readonly EventItem[], others = 0): readonly EventItem[] {
    let size = frameBytes + others;
    const over = items.findIndex((item) => {
        size += bytesOf(item);
        return size > eventLimit;
    });
    return over < 0 ? items : items.slice(0, Math.max(over, 1));
}

/** Bytes of data, before base64, for which an event with these items has room at most. */
export function roomBeside(items: readonly EventItem[]): number {
    const size = items.reduce((sum, item) => sum + bytesOf(item), frameBytes);
    return Math.max(0, Math.floor(((eventLimit - size) * 3) / 4));
}

const frameBytes = '{"Records":[]},'.length;

function bytesOf({ json }: EventItem): number {
    return Buffer.byteLength(json) + 1;
}
