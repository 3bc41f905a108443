import { claimsIn } from "./claim-check";
import type { ConsumerOptions } from "./consumer";
import type { Deadline } from "./deadline";
import { setAside } from "./failure-bucket";
import { errorFields, log } from "./log";
import { complete, decode, type Reading, type StreamRecord } from "./record-reader";
import { isRejection } from "./reject-record";
import type { Stopwatch } from "./stopwatch";
import type { StreamWindow } from "./stream-window";
import { nextState, type WindowState } from "./window-state";

/** The user's callback: takes records into the state. */
export type Fold = (state: unknown, records: readonly unknown[], window: StreamWindow) => unknown;

/** How far records were taken into a window's state. */
export interface Folded {
    readonly state: WindowState;
    readonly rejected: number;
    /** The record at which it stopped; what comes before it is in the state. */
    readonly stoppedAt?: number;
}

export interface FoldContext {
    readonly options: ConsumerOptions;
    readonly window: StreamWindow;
    readonly deadline: Deadline;
    readonly watch: Stopwatch;
}

/**
 * Takes records into a window's state, in order. What can never be taken in, alone or for the size of the state, is set
 * aside; any other error stops it.
 */
export async function foldRecords(
    fold: Fold,
    records: readonly StreamRecord[],
    from: WindowState,
    { options, window, deadline, watch }: FoldContext,
): Promise<Folded> {
    const { stage } = options;
    const { valid, ...read } = await readRecords(options, records, deadline);
    let { rejected } = read;
    let state: WindowState = { ...from, first: from.first ?? records[0]?.kinesis.sequenceNumber };
    const parts: (readonly Reading[])[] = valid.length === 0 ? [] : [valid];
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
        const [reading, ...others] = part;
        if (reading === undefined) continue;
        const stopped = (): Folded => ({ state, rejected, stoppedAt: reading.origin });
        if (reading !== valid[0] && !deadline.timeToHandle()) {
            log.warn("batch-out-of-time", { stage, id: reading.id });
            return stopped();
        }
        try {
            // A copy, so that a call which fails has changed nothing.
            const earlier = structuredClone(state.value);
            const data = part.map(({ envelope }) => envelope?.data);
            state = nextState(await watch.time(() => fold(earlier, data, window)), state.first);
        } catch (error) {
            if (isRejection(error) && others.length > 0) {
                // It cannot be told which one is meant.
                const half = Math.ceil(part.length / 2);
                parts.unshift(part.slice(0, half), part.slice(half));
                continue;
            }
            try {
                if (!isRejection(error)) throw error;
                await reject(options, reading, error, deadline.signal);
                rejected++;
            } catch (failure) {
                log.error("record-failed", { stage, id: reading.id, ...errorFields(failure) });
                return stopped();
            }
        }
    }
    return { state, rejected, stoppedAt: read.stoppedAt };
}

/** The records that the handler gets: up to one that cannot be read or set aside now. */
async function readRecords(options: ConsumerOptions, records: readonly StreamRecord[], { signal }: Deadline) {
    const { stage, store, bucket, filter, validate } = options;
    const claims = claimsIn(store, bucket);
    const readings = records.map(decode);
    const opened = await Promise.allSettled(
        readings.map((reading) => complete(reading, { claims, filter, validate, signal })),
    );
    const valid: Reading[] = [];
    let rejected = 0;
    for (const [origin, each] of opened.entries()) {
        try {
            if (each.status === "rejected") throw each.reason;
            const { value: reading } = each;
            if (reading.rejection !== undefined) {
                await reject(options, reading, reading.rejection, signal);
                rejected++;
            } else if (reading.filtered !== true) {
                valid.push(reading);
            }
        } catch (error) {
            log.error("record-failed", { stage, id: readings[origin]?.id, ...errorFields(error) });
            return { valid, rejected, stoppedAt: origin };
        }
    }
    return { valid, rejected };
}

async function reject(
    { stage, store, bucket }: ConsumerOptions,
    { id, original: record, received }: Reading,
    { message: reason }: Error,
    signal: AbortSignal,
): Promise<void> {
    await setAside(store, bucket, { stage, id, reason, record, received }, signal);
}
