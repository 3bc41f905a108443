import { randomUUID } from "node:crypto";
import { invokeBefore } from "../invoke-before";
import { createLambdaMetrics, type MappingEventMetric } from "../metrics";
import { functionArn } from "../names";
import { type EventItem, eventLimit, eventOf, fitting } from "./event";
import { createExpiry } from "./expiry";
import { failureRecord } from "./failure-record";
import type { LaneParts } from "./lane";
import { retryDelay } from "./retry-delay";
import { withState } from "./tumbling-window";
import { judge } from "./verdict";
import type { Windows } from "./windows";

/** The batches of a lane, one after the other. */
export interface Batches {
    /** Deals with a whole batch: splits, repeats and gives up as the mapping says. */
    handle(batch: readonly EventItem[]): Promise<void>;
}

/** A batch, or the part of it that is to be tried next. */
interface Part {
    readonly items: readonly EventItem[];
    readonly failures: number;
    /** Of the last invocation. */
    readonly requestId: string;
    readonly functionError: "Unhandled" | null;
}

type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

export function createBatches(
    { mapping, at, dependencies, sleeper, progress, wait, recovered, because, report }: LaneParts,
    windows: Windows,
): Batches {
    const { context, functions, environments, destinations, onResult } = dependencies;
    const { settings } = mapping;
    const metrics = createLambdaMetrics(context);
    const expiry = createExpiry(context.clock, () => context.services().kinesis, mapping);
    const measure = (metric: MappingEventMetric, count: number) => {
        if (settings.countsEvents) metrics.mappingEvents(mapping.uuid, metric, count);
    };

    /** Deals with one part. What is left to do comes back, the first to be done last. */
    async function attempt(part: Part): Promise<readonly Part[]> {
        const { items, failures } = part;
        because(failedTimes(part));
        const expired = expiry.expired(items);
        if (expired > 0) {
            await giveUp({ ...part, items: items.slice(0, expired) }, "RecordAgeExceeded");
            const rest = items.slice(expired);
            return rest.length > 0 ? [{ ...part, items: rest, failures: 0 }] : [];
        }
        // The part before may have made the window's state too large.
        if (windows.mustClose()) {
            await windows.close();
            await windows.admit(items);
            if (sleeper.stopped) return [];
        }
        const arrived = items.at(-1)?.arrival.getTime() ?? context.clock.now();
        metrics.iteratorAge(mapping.functionName, mapping.streamArn, context.clock.now() - arrived);
        const requestId = randomUUID();
        const members = windows.members();
        const payload = Buffer.from(eventOf(items, members));
        if (payload.length > eventLimit) {
            // Fewer may fit beside a state that has grown since they were gathered.
            const fit = fitting(items, Buffer.byteLength(members ?? ""));
            if (fit.length < items.length)
                return [
                    { ...part, items: items.slice(fit.length) },
                    { ...part, items: fit },
                ];
            await holdTooLarge(items, payload.length);
            return [part];
        }
        const outcome = await invokeBefore(
            context.clock,
            expiry.next(items),
            (signal) => environments.invoke(mapping.functionName, { requestId, payload }, "wait", signal),
            sleeper.signal,
        );
        if (outcome === undefined) return [part];
        measure("InvokedEventCount", items.length);
        // The end of the twin, or of the mapping, is no failure of the function.
        if (sleeper.stopped && !outcome.ok) return [];
        const sequenceNumbers = items.map(({ sequenceNumber }) => sequenceNumber);
        const reportsItems = settings.reportsBatchItemFailures;
        const verdict = judge(outcome, sequenceNumbers, { reportsItems, keepsState: members !== undefined });
        onResult(verdict.kind === "done" ? "OK" : "PROBLEM: Function call failed");
        if (verdict.kind === "done") {
            await advance(lastOf(items), verdict.state);
            return [];
        }
        measure("FailedInvokeEventCount", items.length - verdict.from);
        const failed: Part = { ...part, requestId, functionError: verdict.functionError };
        const before = items[verdict.from - 1];
        if (before !== undefined) {
            // Progress: what is left begins again with all its attempts.
            await advance(before.sequenceNumber, verdict.state);
            return [{ ...failed, items: items.slice(verdict.from), failures: 0 }];
        }
        if (settings.bisect && items.length > 1) {
            // Splitting uses up no attempt. The first half comes first: order is kept.
            const half = Math.ceil(items.length / 2);
            return [
                { ...failed, items: items.slice(half) },
                { ...failed, items: items.slice(0, half) },
            ];
        }
        const again = { ...failed, failures: failures + 1 };
        if (settings.maximumRetryAttempts >= 0 && failures >= settings.maximumRetryAttempts) {
            await giveUp(again, "RetryAttemptsExhausted");
            return [];
        }
        because(failedTimes(again));
        await sleeper.rest(retryDelay(context.pace, failures));
        return [again];
    }

    /** No function can be given it. As on AWS, what cannot be invoked is kept until it is too old. */
    async function holdTooLarge(items: readonly EventItem[], bytes: number): Promise<void> {
        const what = `record ${items[0]?.sequenceNumber} of ${at.shardId}: its event has ${bytes} bytes, of ${eventLimit} at most`;
        report(`holds ${what}; what comes after it waits until it is too old (see MaximumRecordAgeInSeconds)`);
        onResult("PROBLEM: The event is too large for the function");
        await sleeper.rest(Math.max(0, expiry.next(items) - context.clock.now()));
    }

    async function advance(sequenceNumber: string, state?: string): Promise<void> {
        const { window } = progress;
        await progress.advance(
            sequenceNumber,
            window === undefined || state === undefined ? window : withState(window, state),
        );
    }

    /** Passes on, after the failure record is written. Until that has worked, the lane stays where it is. */
    async function giveUp(part: Part, condition: Condition): Promise<void> {
        const what = `${part.items.length} record(s) of ${at.shardId} (${condition})`;
        for (let written = settings.onFailure === undefined; !written && !sleeper.stopped; ) {
            try {
                await writeFailure(part, condition);
                written = true;
                measure("OnFailureDestinationDeliveredEventCount", part.items.length);
            } catch (error) {
                metrics.destinationFailed(mapping.functionName);
                await wait(error);
            }
        }
        if (sleeper.stopped) return;
        if (settings.onFailure === undefined) report(`drops ${what}: it has no on-failure destination`);
        measure("DroppedEventCount", part.items.length);
        await advance(lastOf(part.items));
    }

    async function writeFailure(part: Part, condition: Condition): Promise<void> {
        const failed = {
            functionArn: functionArn(mapping.functionName),
            streamArn: mapping.streamArn,
            shardId: at.shardId,
            items: part.items,
            condition,
            // AWS counts the look that found the records too old as well.
            invocations: condition === "RecordAgeExceeded" ? part.failures + 1 : part.failures,
            requestId: part.requestId,
            functionError: condition === "RecordAgeExceeded" ? undefined : part.functionError,
        };
        const record = failureRecord(failed, new Date(context.clock.now()));
        const of = functions.get(mapping.functionName);
        await destinations.write(of, settings.onFailure ?? "", failurePrefix(mapping.uuid, at.shardId), record);
    }

    return {
        async handle(batch) {
            if (batch.length === 0) return;
            const parts: Part[] = [{ items: batch, failures: 0, requestId: randomUUID(), functionError: null }];
            for (let part = parts.pop(); part !== undefined && !sleeper.stopped; part = parts.pop()) {
                try {
                    parts.push(...(await attempt(part)));
                    recovered();
                } catch (error) {
                    parts.push(part);
                    await wait(error);
                }
            }
        },
    };
}

function failedTimes({ items, failures }: Part): string | undefined {
    const of = items.length === 1 ? "a record" : `${items.length} records`;
    const times = failures === 1 ? "once" : `${failures} times`;
    return failures === 0 ? undefined : `it has failed with ${of} ${times} and tries again (a stage's \`attempts\`)`;
}

function lastOf(items: readonly EventItem[]): string {
    return items.at(-1)?.sequenceNumber ?? "";
}

/** Start of the keys under which Lambda stores what a mapping could not process. */
export function failurePrefix(uuid: string, shardId: string): string {
    return `aws/lambda/${uuid}/${shardId}/`;
}
