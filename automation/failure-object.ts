/** A record of a Kinesis event, as Lambda gives it to a function. */
export interface KinesisEventRecord {
    readonly eventID: string;
    readonly kinesis: {
        readonly partitionKey: string;
        readonly sequenceNumber: string;
        /** Base64. */
        readonly data: string;
        /** Seconds since 1970. */
        readonly approximateArrivalTimestamp: number;
        readonly [member: string]: unknown;
    };
    readonly [member: string]: unknown;
}

/** What a redrive noted on an object whose records failed again. */
export interface RedriveNote {
    /** ISO 8601. */
    readonly failedAt: string;
    readonly reason: string;
    /** How often it failed so. */
    readonly attempts: number;
}

/** A record that a stage, or the mail intake, rejected. */
export interface RejectedObject {
    readonly kind: "rejected";
    readonly stage: string | undefined;
    readonly reason: string;
    /** ISO 8601. */
    readonly when: string | undefined;
    /** The envelope, or base64 of what is none. */
    readonly record: unknown;
    /** How the record came to the stage; not there for what the mail intake rejected. */
    readonly received:
        | { readonly eventID: string; readonly partitionKey?: string; readonly arrivedAt?: string }
        | undefined;
    readonly redrive: RedriveNote | undefined;
    readonly content: JsonObject;
}

/** A batch of records whose attempts ran out or which became too old, in Lambda's own layout. */
export interface ExhaustedObject {
    readonly kind: "exhausted";
    /** Undefined where the object does not say. */
    readonly functionName: string | undefined;
    readonly condition: string | undefined;
    readonly attempts: number | undefined;
    readonly when: string | undefined;
    readonly records: readonly KinesisEventRecord[];
    /** What is in the batch beside them and is no record, since somebody damaged it. */
    readonly others: readonly unknown[];
    readonly redrive: RedriveNote | undefined;
    readonly content: JsonObject;
}

/** An asynchronous invocation that failed: of the mail intake. */
export interface AsynchronousObject {
    readonly kind: "asynchronous";
    readonly functionName: string | undefined;
    readonly condition: string | undefined;
    readonly attempts: number | undefined;
    readonly event: JsonObject;
}

export type FailureObject = RejectedObject | ExhaustedObject | AsynchronousObject | { readonly kind: "unreadable" };

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads one object of a failure bucket, whoever wrote it: a stage, Lambda for an event source mapping, or Lambda for an asynchronous invocation. */
export function readFailureObject(text: string): FailureObject {
    const content = parsedObject(text);
    if (content === undefined) return { kind: "unreadable" };
    const redrive = redriveNote(content.redrive);
    if (typeof content.reason === "string") {
        if (typeof content.record !== "string" && objectOf(content.record) === undefined) return { kind: "unreadable" };
        return {
            kind: "rejected",
            stage: textOf(content.stage),
            reason: content.reason,
            when: textOf(content.rejectedAt),
            record: content.record,
            received: receivedOf(content.received),
            redrive,
            content,
        };
    }
    const context = objectOf(content.requestContext) ?? {};
    const about = {
        functionName: functionNameOf(textOf(context.functionArn)),
        condition: textOf(context.condition),
        attempts: numberOf(context.approximateInvokeCount),
    };
    if (content.KinesisBatchInfo === undefined) {
        const event = objectOf(content.requestPayload);
        return event === undefined ? { kind: "unreadable" } : { kind: "asynchronous", ...about, event };
    }
    const when = textOf(content.timestamp);
    const { records, others } = recordsOf(content.payload);
    if (records.length === 0) return { kind: "unreadable" };
    return { kind: "exhausted", ...about, when, records, others, redrive, content };
}

/** The records of a batch's payload, which is an event, or its JSON as text; and what else is among them. */
function recordsOf(payload: unknown): Pick<ExhaustedObject, "records" | "others"> {
    const event = typeof payload === "string" ? parsedObject(payload) : objectOf(payload);
    const entries: readonly unknown[] = Array.isArray(event?.Records) ? event.Records : [];
    const read = entries.map(recordOf);
    return {
        records: read.filter((record) => record !== undefined),
        others: entries.filter((_, index) => read[index] === undefined),
    };
}

function recordOf(entry: unknown, index: number): KinesisEventRecord | undefined {
    const record = objectOf(entry);
    const kinesis = objectOf(record?.kinesis);
    if (record === undefined || kinesis === undefined) return undefined;
    const sequenceNumber = textOf(kinesis.sequenceNumber) ?? `${index}`;
    return {
        ...record,
        eventID: textOf(record.eventID) ?? sequenceNumber,
        kinesis: {
            ...kinesis,
            partitionKey: textOf(kinesis.partitionKey) ?? "",
            sequenceNumber,
            data: textOf(kinesis.data) ?? "",
            approximateArrivalTimestamp: numberOf(kinesis.approximateArrivalTimestamp) ?? 0,
        },
    };
}

function receivedOf(value: unknown): RejectedObject["received"] {
    const received = objectOf(value);
    const eventID = textOf(received?.eventID);
    if (received === undefined || eventID === undefined) return undefined;
    return { eventID, partitionKey: textOf(received.partitionKey), arrivedAt: textOf(received.arrivedAt) };
}

function redriveNote(value: unknown): RedriveNote | undefined {
    const note = objectOf(value);
    const failedAt = textOf(note?.failedAt);
    const reason = textOf(note?.reason);
    if (failedAt === undefined || reason === undefined) return undefined;
    return { failedAt, reason, attempts: numberOf(note?.attempts) ?? 1 };
}

/** `arn:aws:lambda:eu-central-1:123456789012:function:route-1a2b:live` -> `route-1a2b`. */
function functionNameOf(arn: string | undefined): string | undefined {
    return arn?.split(":function:")[1]?.split(":")[0];
}

function parsedObject(text: string): JsonObject | undefined {
    try {
        return objectOf(JSON.parse(text) as unknown);
    } catch {
        return undefined;
    }
}

export function objectOf(value: unknown): JsonObject | undefined {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function textOf(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}

/** The envelope in a record's data; undefined for what is no JSON object. */
export function envelopeIn(data: string): JsonObject | undefined {
    return parsedObject(Buffer.from(data, "base64").toString("utf8"));
}
