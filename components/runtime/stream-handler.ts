import { batchMetrics } from "./batch-metrics";
import { claimsIn } from "./claim-check";
import type { ConsumerOptions, StreamContext, StreamResponse } from "./consumer";
import { type Deadline, startDeadline } from "./deadline";
import { emittedRecords } from "./emitted-records";
import { setAside } from "./failure-bucket";
import { type Handle, handleEach, handleTogether } from "./handle-records";
import { errorFields, log } from "./log";
import { complete, decode, oldestAge, type Reading, type StreamRecord } from "./record-reader";
import { isRejection } from "./reject-record";
import { type Stopwatch, stopwatch } from "./stopwatch";
import { type Outgoing, putAll } from "./stream-writer";
import { continueTrace } from "./trace-context";

/** What Lambda calls the function with. */
export interface StreamEvent {
    readonly Records: readonly StreamRecord[];
    /** Set by a redrive or replay, which has to know what became of each record. */
    readonly reportRejections?: boolean;
}

/** What a stage answers to Lambda, and to a redrive. */
export interface StageResponse extends StreamResponse {
    /** Only where the event asks for it: what was set aside, and as which object. */
    readonly rejections?: readonly Rejection[];
    /** Only where the event asks for it: sequence numbers of records that the stage's filter leaves out. */
    readonly filtered?: readonly string[];
}

interface Rejection {
    readonly itemIdentifier: string;
    readonly key: string;
}

export interface StreamHandlerOptions extends ConsumerOptions {
    readonly handle: Handle;
}

/**
 * Handles a batch in order, at least once. What can never succeed is set aside and the rest goes on; at any other error
 * the batch stops: what came before is emitted, and Lambda is told to try again from there.
 */
export function streamHandler(options: StreamHandlerOptions) {
    const { stage, into, kinesis } = options;
    const publish = batchMetrics(options.pipeline, stage);
    let coldStart = true;

    return async (event: StreamEvent, context: StreamContext): Promise<StageResponse> => {
        const oldestMilliseconds = oldestAge(event.Records);
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
                ...(event.reportRejections === true
                    ? { rejections: handled.rejections, filtered: handled.filtered }
                    : {}),
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
    readonly filtered: readonly string[];
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
    const watch = stopwatch();
    const handle = measured(options.handle, watch);
    const handling =
        handle.mode === "record"
            ? handleEach(handle.handler, open)
            : await handleTogether(handle.handler, readings, open, stage);

    const results: Outgoing[] = [];
    const rejections: Rejection[] = [];
    const filtered: string[] = [];
    const done = (stoppedAt?: number): HandledBatch => ({
        outgoing: results,
        rejections,
        filtered,
        stoppedAt,
        handlerMilliseconds: watch.milliseconds(),
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
                if (reading.filtered === true) {
                    filtered.push(reading.sequenceNumber);
                    continue;
                }
                if (reading.rejection !== undefined) throw reading.rejection;
                const result = await handling.result(reading);
                const traceparent = continueTrace(reading.envelope?.traceparent);
                results.push(...(await emittedRecords(result, { ...reading, traceparent }, options, signal)));
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

/** The user's callback, whose calls are measured. */
function measured({ mode, handler }: Handle, watch: Stopwatch): Handle {
    const call = handler as (given: unknown) => unknown;
    return { mode, handler: (given: unknown) => watch.time(() => call(given)) };
}
