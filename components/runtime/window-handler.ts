import { batchMetrics } from "./batch-metrics";
import type { ConsumerOptions, StreamContext, StreamResponse } from "./consumer";
import { type Deadline, startDeadline } from "./deadline";
import { emittedRecords } from "./emitted-records";
import { setAside } from "./failure-bucket";
import { errorFields, log } from "./log";
import { oldestAge } from "./record-reader";
import { isRejection } from "./reject-record";
import { type Stopwatch, stopwatch } from "./stopwatch";
import { type StreamWindow, WindowError, type WindowEvent, windowOf } from "./stream-window";
import { type Outgoing, putAll } from "./stream-writer";
import { beginTrace } from "./trace-context";
import { type Fold, foldRecords } from "./window-fold";
import { stateOf, type WindowState } from "./window-state";

export interface WindowHandlerOptions extends ConsumerOptions {
    readonly fold: Fold;
    /** Called with the last state of a window; makes what goes on. */
    readonly close: (state: unknown, window: StreamWindow) => unknown;
    /** The state at the beginning of a window. */
    readonly initial: unknown;
}

/** Without a state Lambda takes a response for a failure. */
export interface WindowResponse extends StreamResponse {
    readonly state: WindowState | Record<string, never>;
}

/**
 * Takes the records of a window into its state, batch by batch, and writes what the window gives once it ends. A last call
 * that does not succeed as a whole fails as a whole, so that no window is lost: Lambda goes on with the shard after that.
 */
export function windowHandler(options: WindowHandlerOptions) {
    const { stage, into, kinesis } = options;
    const publish = batchMetrics(options.pipeline, stage);
    let coldStart = true;

    return async (event: WindowEvent, context: StreamContext): Promise<WindowResponse> => {
        const { Records: batch } = event;
        const earlier = stateOf(event.state, options.initial);
        const window = windowOf(stage, event, earlier.first ?? batch[0]?.kinesis.sequenceNumber);
        const ends = event.isFinalInvokeForWindow || window.terminatedEarly;
        const oldestMilliseconds = oldestAge(batch);
        const watch = stopwatch();
        const deadline = startDeadline(context);
        try {
            const folded = await foldRecords(options.fold, batch, earlier, { options, window, deadline, watch });
            const stopped = folded.stoppedAt !== undefined;
            const closed =
                ends && !stopped
                    ? await closeWindow(options, folded.state, window, deadline, watch)
                    : { outgoing: [], rejected: 0 };
            const put =
                into === undefined
                    ? { failedPuts: 0 }
                    : await putAll(kinesis, into.streamName, closed.outgoing, deadline);
            const failed = stopped || put.failedFrom !== undefined;
            const from = ends && failed ? 0 : (folded.stoppedAt ?? batch.length);
            const counts = {
                records: batch.length,
                results: closed.outgoing.length,
                rejected: folded.rejected + closed.rejected,
                retried: batch.length - from,
                failedPuts: put.failedPuts,
                coldStart,
            };
            log.info("batch", { stage, ...counts, shard: window.shardId, window: window.id, ends });
            publish({ ...counts, handlerMilliseconds: watch.milliseconds(), oldestMilliseconds }, context.awsRequestId);
            if (ends && failed)
                throw new WindowError(`The last call of the window ${window.id} has to be tried again.`);
            const retried = batch[from];
            return {
                state: ends ? {} : folded.state,
                batchItemFailures: retried === undefined ? [] : [{ itemIdentifier: retried.kinesis.sequenceNumber }],
            };
        } finally {
            coldStart = false;
            deadline.end();
        }
    };
}

/** What the window gives. A state of which nothing fitting can be made is set aside, with the reason. */
async function closeWindow(
    options: WindowHandlerOptions,
    { value }: WindowState,
    window: StreamWindow,
    { signal }: Deadline,
    watch: Stopwatch,
): Promise<{ readonly outgoing: readonly Outgoing[]; readonly rejected: number }> {
    const { stage, source, store, bucket } = options;
    const { id } = window;
    try {
        try {
            const result = await watch.time(() => options.close(structuredClone(value), window));
            const outgoing = await emittedRecords(
                result,
                { origin: 0, id, traceparent: beginTrace() },
                options,
                signal,
            );
            return { outgoing, rejected: 0 };
        } catch (error) {
            if (!isRejection(error)) throw error;
            // Nothing of the moment in it, so that a repetition overwrites it.
            const head = {
                specversion: "1.0",
                id,
                source,
                type: `${stage}.window`,
                datacontenttype: "application/json",
            };
            const record = { ...head, data: { window, state: value } };
            await setAside(store, bucket, { stage, id, reason: error.message, record }, signal);
            return { outgoing: [], rejected: 1 };
        }
    } catch (error) {
        log.error("window-failed", { stage, id, ...errorFields(error) });
        // Its own message may quote what was in the window.
        throw new WindowError(`The last call of the window ${id} failed; it has to be tried again.`);
    }
}
