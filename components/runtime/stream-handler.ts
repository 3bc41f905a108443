import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { batchMetrics } from "./batch-metrics";
import { claimsIn } from "./claim-check";
import { type Deadline, type InvocationTime, startDeadline } from "./deadline";
import { type RecordKind, wrap } from "./envelope";
import { setAside } from "./failure-bucket";
import { type Handle, handleEach, handleTogether } from "./handle-records";
import { errorFields, log } from "./log";
import type { ObjectStore } from "./object-store";
import type { FilterPattern } from "./record-filter";
import { complete, decode, type Reading, type StreamRecord } from "./record-reader";
import { isRejection, RejectRecord } from "./reject-record";
import { type Validator, violation } from "./schema-check";
import { type Outgoing, outgoing, putAll } from "./stream-writer";
import { continueTrace } from "./trace-context";

/** What Lambda calls the function with. */
export interface StreamEvent {
    readonly Records: readonly StreamRecord[];
    /** Set by a redrive or replay, which has to know what became of each record. */
    readonly reportRejections?: boolean;
}

/** What Lambda is told: from which record on it has to try again. */
export interface StreamResponse {
    readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
    /** Only where the event asks for it: what was set aside, and as which object. */
    readonly rejections?: readonly Rejection[];
}

interface Rejection {
    readonly itemIdentifier: string;
    readonly key: string;
}

/** Where a stage's results go. */
export interface Destination {
    readonly streamName: string;
    /** The stream's bucket, for data that are too big for a record. */
    readonly bucket: string;
    readonly kind: RecordKind;
    readonly validate: Validator;
    readonly partitionBy?: (datum: unknown) => string;
}

export interface StreamHandlerOptions {
    /** Names the program and its stack in metrics. */
    readonly pipeline: string;
    readonly stage: string;
    /** The `source` of the envelopes that the stage writes. */
    readonly source: string;
    readonly handle: Handle;
    /** @default all records */
    readonly filter?: FilterPattern;
    readonly validate: Validator;
    readonly into?: Destination;
    /** The bucket of the stream that is read: for failures, and with data that were too big for a record. */
    readonly bucket: string;
    /** Made when it is first needed. */
    readonly kinesis: () => KinesisClient;
    readonly store: ObjectStore;
}

/** What of Lambda's context is read. */
export interface StreamContext extends InvocationTime {
    readonly awsRequestId?: string;
}

/**
 * Handles a batch in order, at least once. What can never succeed is set aside and the rest goes on; at any other error
 * the batch stops: what came before is emitted, and Lambda is told to try again from there.
 */
export function streamHandler(options: StreamHandlerOptions) {
    const { stage, into, kinesis } = options;
    const publish = batchMetrics(options.pipeline, stage);
    let coldStart = true;

    return async (event: StreamEvent, context: StreamContext): Promise<StreamResponse> => {
        const oldestMilliseconds = age(event.Records);
        const deadline = startDeadline(context);
        try {
            const { outgoing: records, ...handled } = await handleBatch(options, event.Records, deadline);
            const put =
                into === undefined ? { failedPuts: 0 } : await putAll(kinesis, into.streamName, records, deadline);
            const retriedFrom = put.failedFrom ?? handled.stoppedAt;
            const counts = {
                records: event.Records.length,
                results: records.length,
                rejected: handled.rejections.length,
                retried: retriedFrom === undefined ? 0 : event.Records.length - retriedFrom,
                failedPuts: put.failedPuts,
                coldStart,
            };
            const [shard] = event.Records[0]?.eventID?.split(":") ?? [];
            log.info("batch", { stage, ...counts, shard });
            const { handlerMilliseconds } = handled;
            publish({ ...counts, handlerMilliseconds, oldestMilliseconds }, context.awsRequestId);
            const retried = retriedFrom === undefined ? undefined : event.Records[retriedFrom];
            return {
                batchItemFailures: retried === undefined ? [] : [{ itemIdentifier: retried.kinesis.sequenceNumber }],
                ...(event.reportRejections === true ? { rejections: handled.rejections } : {}),
            };
        } finally {
            coldStart = false;
            deadline.end();
        }
    };
}

interface HandledBatch {
    readonly outgoing: readonly Outgoing[];
    readonly rejections: readonly Rejection[];
    /** The record at which the batch stopped. */
    readonly stoppedAt?: number;
    readonly handlerMilliseconds: number;
}

async function handleBatch(
    options: StreamHandlerOptions,
    records: readonly StreamRecord[],
    deadline: Deadline,
): Promise<HandledBatch> {
    const { stage, store, bucket, filter, validate } = options;
    const { signal } = deadline;
    const claims = claimsIn(store, bucket);
    const open = (reading: Reading) => complete(reading, { claims, filter, validate, signal });
    const readings = records.map(decode);
    const timed = stopwatch(options.handle);
    const handling =
        timed.handle.mode === "record"
            ? handleEach(timed.handle.handler, open)
            : await handleTogether(timed.handle.handler, readings, open);

    const results: Outgoing[] = [];
    const rejections: Rejection[] = [];
    const done = (stoppedAt?: number): HandledBatch => ({
        outgoing: results,
        rejections,
        stoppedAt,
        handlerMilliseconds: timed.milliseconds(),
    });
    for (const decoded of readings) {
        const { origin, id } = decoded;
        if (origin > 0 && !(handling.callsEach ? deadline.timeToHandle() : deadline.timeToWrite())) {
            log.warn("batch-out-of-time", { stage, id });
            return done(origin);
        }
        let reading = decoded;
        try {
            try {
                reading = await handling.open(decoded);
                if (reading.filtered === true) continue;
                if (reading.rejection !== undefined) throw reading.rejection;
                results.push(...(await emitted(options, reading, await handling.result(reading), signal)));
            } catch (error) {
                if (!isRejection(error)) throw error;
                const { original: record, received, sequenceNumber: itemIdentifier } = reading;
                const rejected = { stage, id, reason: error.message, record, received };
                rejections.push({ itemIdentifier, key: await setAside(store, bucket, rejected, signal) });
            }
        } catch (error) {
            log.error("record-failed", { stage, id, ...errorFields(error) });
            return done(origin);
        }
    }
    return done();
}

/** The records to put for what a handler returned: none, one or several. */
async function emitted(
    { stage, into, source, store }: StreamHandlerOptions,
    reading: Reading,
    result: unknown,
    signal: AbortSignal,
): Promise<Outgoing[]> {
    if (into === undefined) return [];
    const several = Array.isArray(result);
    const traceparent = continueTrace(reading.envelope?.traceparent);
    const claims = claimsIn(store, into.bucket);
    const records: Outgoing[] = [];
    for (const [index, datum] of (several ? (result as unknown[]) : [result]).entries()) {
        if (datum === undefined) continue;
        const problem = violation(into.validate, datum);
        if (problem !== undefined) {
            throw new RejectRecord(`What the stage made of it does not fit the stream ${into.kind.type}: ${problem}.`);
        }
        const id = several ? `${reading.id}/${index}` : reading.id;
        const envelope = wrap(datum, { id, source, kind: into.kind, traceparent });
        const partitionKey = into.partitionBy?.(datum);
        records.push(await outgoing(envelope, { origin: reading.origin, stage, partitionKey, claims, signal }));
    }
    return records;
}

/** Measures how long the user's callback takes, over all its calls. */
function stopwatch({ mode, handler }: Handle): { readonly handle: Handle; milliseconds(): number } {
    let milliseconds = 0;
    const timed = async (given: unknown) => {
        const from = performance.now();
        try {
            return await (handler as (given: unknown) => unknown)(given);
        } finally {
            milliseconds += performance.now() - from;
        }
    };
    return { handle: { mode, handler: timed }, milliseconds: () => Math.round(milliseconds) };
}

/** How long ago the oldest record came to the stream, in milliseconds. The stream's clock may be ahead of this one. */
function age(records: readonly StreamRecord[]): number | undefined {
    const arrivals = records.flatMap(({ kinesis: { approximateArrivalTimestamp: seconds } }) =>
        seconds === undefined ? [] : [seconds],
    );
    if (arrivals.length === 0) return undefined;
    return Math.max(0, Math.round(Date.now() - Math.min(...arrivals) * 1000));
}
