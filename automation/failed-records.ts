import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { StackExport } from "../local/pulumi";
import {
    type ExhaustedObject,
    envelopeIn,
    type FailureObject,
    type KinesisEventRecord,
    objectOf,
    type RejectedObject,
    textOf,
} from "./failure-object";
import { failurePrefixes } from "./failure-prefixes";
import { readFailure } from "./failure-read";
import { exhaustion } from "./failures";
import { type EventOrigin, payloadBytes, rejectedEventRecord } from "./kinesis-event";

/** Whose failures are meant: a stage of the program, or one that was. */
export interface FailingStage {
    readonly name: string;
    /** The bucket with the failures of the stream that it reads, or read. */
    readonly failureBucket: string;
}

/** A record that a stage could not process. Holds nothing of what the record says. */
export interface FailedRecord {
    readonly stage: string;
    /** The record's id; where it has none, shard and sequence number. */
    readonly id: string;
    /** When it was given up: ISO 8601. */
    readonly when: string;
    /** For the person who reads it. */
    readonly reason: string;
    /** Why it was given up: by the stage itself, or the two conditions of Lambda. */
    readonly condition: "Rejected" | "RetryAttemptsExhausted" | "RecordAgeExceeded" | "Unknown";
    /** How often the stage was called with it, as far as is known. */
    readonly attempts: number;
    /** Of the record's envelope, with a copy of data that were too big for the stream. */
    readonly bytes: number;
    /** Key of the object in the stage's failure bucket. */
    readonly key: string;
    /** `<shard>:<sequence number>`, where it was kept. */
    readonly eventID: string;
    /** Whether it came to the stage on its stream: not what a mail intake rejected, or the result of a window. */
    readonly received: boolean;
    /** When the stream took it, milliseconds since 1970. */
    readonly arrived: number;
    /** What it takes of the payload of a call, in bytes. */
    readonly payloadBytes: number;
}

/** How many objects are read at the same time. */
const readers = 8;

/**
 * What a stage could not process, oldest first by when it came to the stream.
 * @param since leaves out what was given up before. @default everything
 * @param unreadable is called for an object that is, in whole or in part, none of a failure of a stage.
 */
export async function failedRecords(
    s3: S3Client,
    stack: StackExport,
    stage: FailingStage,
    options: { readonly since?: Date; unreadable?(key: string): void } = {},
): Promise<FailedRecord[]> {
    const { since, unreadable } = options;
    const keys: string[] = [];
    const prefixes = await failurePrefixes(s3, stack, stage.failureBucket);
    for (const prefix of prefixes.get(stage.name) ?? []) {
        for await (const page of paginateListObjectsV2(
            { client: s3 },
            { Bucket: stage.failureBucket, Prefix: prefix },
        )) {
            for (const { Key, LastModified } of page.Contents ?? []) {
                // Nothing is given up after its object was written, of which S3 tells the second.
                const written = LastModified === undefined ? Number.NaN : LastModified.getTime() + 1000;
                const old = since !== undefined && written <= since.getTime();
                if (Key !== undefined && !old) keys.push(Key);
            }
        }
    }
    const found: FailedRecord[] = [];
    const waiting = [...keys];
    const read = async () => {
        for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
            const failure = await readFailure(s3, stage.failureBucket, key);
            if (failure === undefined) continue;
            const damaged = failure.kind === "exhausted" && failure.others.length > 0;
            if (damaged || failure.kind === "unreadable" || failure.kind === "asynchronous") unreadable?.(key);
            found.push(...recordsIn(failure, key, stage));
        }
    };
    await Promise.all(Array.from({ length: readers }, read));
    return found.filter(({ when }) => since === undefined || !(new Date(when) < since)).sort(byArrival);
}

function recordsIn(failure: FailureObject, key: string, stage: FailingStage): FailedRecord[] {
    if (failure.kind === "rejected") return [rejectedRecord(failure, key, stage)];
    if (failure.kind !== "exhausted") return [];
    return failure.records.map((record) => exhaustedRecord(failure, record, key, stage));
}

function rejectedRecord(failure: RejectedObject, key: string, stage: FailingStage): FailedRecord {
    const event = rejectedEventRecord(failure, key, unknownOrigin);
    const id = textOf(objectOf(failure.record)?.id) ?? failure.received?.eventID ?? key;
    const { reason, redrive } = failure;
    return {
        stage: stage.name,
        id,
        when: redrive?.failedAt ?? failure.when ?? new Date(0).toISOString(),
        reason: redrive?.reason ?? reason,
        condition: "Rejected",
        attempts: 1 + (redrive?.attempts ?? 0),
        bytes: Buffer.byteLength(
            typeof failure.record === "string"
                ? Buffer.from(failure.record, "base64")
                : JSON.stringify(failure.record ?? null),
        ),
        key,
        eventID: event.eventID,
        received: failure.received !== undefined,
        arrived: event.kinesis.approximateArrivalTimestamp * 1000,
        payloadBytes: payloadBytes(event) + originBytes,
    };
}

function exhaustedRecord(
    failure: ExhaustedObject,
    record: KinesisEventRecord,
    key: string,
    stage: FailingStage,
): FailedRecord {
    const { redrive, condition } = failure;
    return {
        stage: stage.name,
        id: textOf(envelopeIn(record.kinesis.data)?.id) ?? record.eventID,
        when: redrive?.failedAt ?? failure.when ?? new Date(0).toISOString(),
        reason: redrive?.reason ?? exhaustion(failure),
        condition: condition === "RetryAttemptsExhausted" || condition === "RecordAgeExceeded" ? condition : "Unknown",
        attempts: (failure.attempts ?? 1) + (redrive?.attempts ?? 0),
        bytes: Buffer.from(record.kinesis.data, "base64").byteLength,
        key,
        eventID: record.eventID,
        received: true,
        arrived: record.kinesis.approximateArrivalTimestamp * 1000,
        payloadBytes: payloadBytes(record),
    };
}

/** Which stream and role it was does not matter to what is listed, but for the room that they take in a call. */
const unknownOrigin: EventOrigin = { streamArn: "", roleArn: "" };
const originBytes = 512;

/** By when they came to the stream; what came in one millisecond by sequence number. */
function byArrival(a: FailedRecord, b: FailedRecord): number {
    return a.arrived - b.arrived || compareSequences(sequenceOf(a), sequenceOf(b));
}

function sequenceOf({ eventID }: FailedRecord): string {
    return eventID.split(":").at(-1) ?? "";
}

/** They are whole numbers too large for a double: of two without leading zeros the longer one is greater. */
function compareSequences(a: string, b: string): number {
    return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** How often each reason occurs, the most frequent first. */
export function reasonCounts(records: readonly FailedRecord[]): readonly { reason: string; records: number }[] {
    const counts = new Map<string, number>();
    for (const { reason } of records) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return [...counts].map(([reason, count]) => ({ reason, records: count })).sort((a, b) => b.records - a.records);
}
