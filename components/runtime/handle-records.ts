import type { Reading } from "./record-reader";
import { isRejection } from "./reject-record";
import { ResultError } from "./result-error";

/** The user's callback: for one record, or for all records of a batch at once. */
export type Handle =
    | { readonly mode: "record"; readonly handler: (datum: unknown) => unknown }
    | { readonly mode: "batch"; readonly handler: (data: readonly unknown[]) => unknown };

/** How to get, record by record and in order, what the user's callback makes of a batch. */
export interface Handling {
    /** Whether a record's result costs a call of the callback, or is there already. */
    readonly callsEach: boolean;
    /** The record with its data. Rejects when they cannot be fetched now. */
    open(reading: Reading): Promise<Reading>;
    /** What the callback returned for an opened record; rejects with what it threw. */
    result(reading: Reading): Promise<unknown>;
}

/** In record mode nothing happens before a record's turn, so that only one record's data are in memory at a time. */
export function handleEach(
    handler: (datum: unknown) => unknown,
    open: (reading: Reading) => Promise<Reading>,
): Handling {
    return { callsEach: true, open, result: async ({ envelope }) => handler(envelope?.data) };
}

/**
 * Calls the handler once, for all records that can be handled. When it rejects them, it cannot say which one it means,
 * so that each is asked for alone.
 */
export async function handleTogether(
    handler: (data: readonly unknown[]) => unknown,
    readings: readonly Reading[],
    open: (reading: Reading) => Promise<Reading>,
    stage: string,
): Promise<Handling> {
    const opened = await Promise.allSettled(readings.map(open));
    // What follows a record that cannot be read now is tried again with it.
    const unread = opened.findIndex(({ status }) => status === "rejected");
    const valid = opened
        .slice(0, unread < 0 ? opened.length : unread)
        .flatMap((each) => (each.status === "fulfilled" && isForHandler(each.value) ? [each.value] : []));

    const together = async (some: readonly Reading[]) =>
        aligned(await handler(some.map(({ envelope }) => envelope?.data)), some.length, stage);
    const handling = {
        callsEach: false,
        open: async ({ origin }: Reading) => {
            const each = opened[origin];
            if (each?.status !== "fulfilled") throw each?.reason;
            return each.value;
        },
    };
    if (valid.length === 0) return { ...handling, result: async () => undefined };
    try {
        const results = await together(valid);
        const byOrigin = new Map(valid.map(({ origin }, index) => [origin, results[index]]));
        return { ...handling, result: async ({ origin }) => byOrigin.get(origin) };
    } catch (error) {
        if (isRejection(error) && valid.length > 1) {
            return { ...handling, callsEach: true, result: async (reading) => (await together([reading]))[0] };
        }
        return { ...handling, result: () => Promise.reject(error) };
    }
}

function isForHandler({ rejection, filtered }: Reading): boolean {
    return rejection === undefined && filtered !== true;
}

function aligned(results: unknown, records: number, stage: string): readonly unknown[] {
    if (Array.isArray(results) && results.length === records) return results;
    throw new ResultError("The batch handler", stage, results, `an array of ${records}, an entry a record`);
}
