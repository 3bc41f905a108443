import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Pace, TwinContext } from "../context";
import { AwsError } from "../service";
import type { DeadLetters } from "./dead-letters";
import type { Destinations } from "./destinations";
import type { Environments } from "./environments";
import { destinationOf, type EventOutcome, failureOf, invocationRecord } from "./event-outcome";
import { openEventQueue, type QueuedEvent } from "./event-queue";
import type { FunctionStore, StoredFunction } from "./function-store";
import { invokeBefore } from "./invoke-before";
import { createLambdaMetrics } from "./metrics";
import type { Outcome } from "./outcome";
import { traceOf } from "./trace";

/** Lambda's defaults for asynchronous invocations. */
const defaultRetries = 2;
const defaultMaximumAge = 21_600;

/** Seconds before each further attempt. */
const retryDelays: Readonly<Record<Pace, readonly number[]>> = { fast: [1, 2], aws: [60, 120] };

/** Seconds before another try when it is not the function that failed, for example because a bucket is gone. */
const troubleDelay = 5;

/** At most so many of one function are taken out of the store at a time. */
const inFlightLimit = 64;

/** Invocations that nobody waits for: kept in the store until they have succeeded or were given up. */
export interface AsynchronousInvocations {
    /** Resolves once it is on disk. */
    add(name: string, invocation: { requestId: string; payload: string; trace: string }): Promise<void>;
    /** For use in a transaction of the store; it is run after that is committed. */
    enqueue(name: string, payload: string): void;
    /** Starts what the store holds. */
    start(): void;
    /** Nothing is waiting, running or to be repeated. */
    idle(): boolean;
    /** Which functions are still to be invoked, for a person. */
    busy(): string[];
    forget(name: string): void;
    /** Resolves when nothing is running any longer. What is left stays in the store. */
    close(): Promise<void>;
}

export function createAsynchronousInvocations(
    context: TwinContext,
    functions: FunctionStore,
    environments: Environments,
    destinations: Destinations,
    deadLetters: DeadLetters,
): AsynchronousInvocations {
    const { store, clock, pace, report } = context;
    const { database } = store;
    const metrics = createLambdaMetrics(context);
    const queue = openEventQueue(database);
    const inFlight = new Map<string, Promise<void>>();
    const closing = new AbortController();
    /** By function: cancels the wait for its next event that is due later. */
    const timers = new Map<string, () => void>();
    let closed = false;

    function cancelTimer(name: string): void {
        timers.get(name)?.();
        timers.delete(name);
    }

    /** Runs what is due of one function. As on AWS each has a queue of its own: a slow one keeps no other waiting. */
    function dispatch(name: string): void {
        cancelTimer(name);
        if (closed) return;
        const now = clock.now();
        for (const pending of queue.earliest(name, inFlightLimit)) {
            const { requestId, due } = pending;
            if (inFlight.has(requestId)) continue;
            if (due > now) {
                timers.set(
                    name,
                    clock.at(due, () => dispatch(name)),
                );
                return;
            }
            const running = run(pending).finally(() => {
                inFlight.delete(requestId);
                dispatch(name);
            });
            inFlight.set(requestId, running);
        }
    }

    async function run(pending: QueuedEvent): Promise<void> {
        try {
            const of = functions.find(pending.name);
            if (of === undefined) return await remove(pending);
            const ended = pending.ended ?? (await attempt(of, pending));
            if (ended !== undefined) await conclude(pending, ended);
        } catch (error) {
            if (closed) return;
            const reason = error instanceof AwsError ? error.message : String(error);
            const message = `The asynchronous invocation ${pending.requestId} of ${pending.name} waits: ${reason}`;
            report({ level: "warning", source: "lambda", message });
            const delayed = store.commit(() => {
                const { requestId, attempts, ended } = queue.find(pending.requestId) ?? pending;
                queue.change(requestId, { attempts, ended, due: clock.now() + troubleDelay * 1000 });
            });
            // Where not even that can be written, as on a full disk, it stays due: it waits here instead.
            await delayed.catch(() => rest(troubleDelay));
        }
    }

    async function rest(seconds: number): Promise<void> {
        const options = { ref: false, signal: closing.signal };
        await wait(seconds * 1000, undefined, options).catch(() => undefined);
    }

    /** Invokes the function once. Undefined when it is to be tried again later. */
    async function attempt(of: StoredFunction, pending: QueuedEvent): Promise<EventOutcome | undefined> {
        const { requestId, payload, trace, accepted } = pending;
        if (of.reservedConcurrency === 0)
            return { condition: "ZeroReservedConcurrency", ok: false, response: undefined };
        const expires = accepted + (of.eventInvoke?.MaximumEventAgeInSeconds ?? defaultMaximumAge) * 1000;
        metrics.eventInvoked(of.name, clock.now() - accepted);
        const invocation = { requestId, payload: Buffer.from(payload), trace };
        const outcome = await invokeBefore(clock, expires, (signal) =>
            environments.invoke(of.name, invocation, "wait", signal),
        );
        if (outcome === undefined) return { condition: "EventAgeExceeded", ok: false, response: undefined };
        // The end of the twin is no failure of the function: after a restart it is invoked again.
        if (closed) return undefined;
        const attempts = pending.attempts + 1;
        const due = clock.now() + (retryDelays[pace][attempts - 1] ?? 0) * 1000;
        const ended = outcomeOf(of, outcome, attempts, due > expires);
        // What is about to be removed anyway need not be written first.
        if (
            ended === undefined ||
            destinationOf(of, ended) !== undefined ||
            deadLetterTarget(of, ended) !== undefined
        ) {
            await store.commit(() => queue.change(requestId, { attempts, ended, due }));
        }
        return ended;
    }

    /** Tells the destination and the dead-letter target, if there are any, and only then forgets the invocation. */
    async function conclude(pending: QueuedEvent, ended: EventOutcome): Promise<void> {
        const of = functions.find(pending.name);
        const destination = of === undefined ? undefined : destinationOf(of, ended);
        const target = of === undefined ? undefined : deadLetterTarget(of, ended);
        const { name, requestId, payload } = pending;
        try {
            if (of !== undefined && destination !== undefined) {
                const attempts = queue.find(requestId)?.attempts ?? pending.attempts;
                const time = new Date(clock.now());
                const record = invocationRecord({ name, requestId, payload, attempts }, ended, time);
                const written = { time, isSuccess: ended.ok, message: record, object: record };
                await destinations.write(of, destination, asynchronousPrefix(name), written);
            }
            if (of !== undefined && target !== undefined) {
                await deadLetters.send(of, target, { requestId, payload, ...failureOf(ended) });
            }
        } catch (error) {
            metrics.destinationFailed(name);
            throw error;
        }
        if (!ended.ok && destination === undefined && target === undefined) {
            const message = `${name} failed the asynchronous invocation ${requestId} for good (${ended.condition}) and has no on-failure destination: the event is dropped.`;
            report({ level: "warning", source: "lambda", message });
        }
        if (!ended.ok) metrics.eventDropped(name);
        await remove(pending);
    }

    async function remove({ requestId }: QueuedEvent): Promise<void> {
        await store.commit(() => queue.remove(requestId));
    }

    return {
        async add(name, { requestId, payload, trace }) {
            await store.commit(() => queue.add({ name, requestId, payload, trace, accepted: clock.now() }));
            metrics.eventReceived(name);
            dispatch(name);
        },
        enqueue(name, payload) {
            queue.add({ name, requestId: randomUUID(), payload, trace: traceOf(undefined), accepted: clock.now() });
            metrics.eventReceived(name);
            setImmediate(dispatch, name);
        },
        start() {
            for (const { name } of queue.counts()) dispatch(name);
        },
        idle: queue.isEmpty,
        busy: () => queue.counts().map(({ name, times }) => `${name}, ${times} times by events`),
        forget: queue.forget,
        async close() {
            closed = true;
            closing.abort();
            for (const name of timers.keys()) cancelTimer(name);
            await Promise.allSettled(inFlight.values());
        },
    };
}

/** @param isLate The event would be too old for another attempt. */
function outcomeOf(of: StoredFunction, outcome: Outcome, attempts: number, isLate: boolean): EventOutcome | undefined {
    const response = outcome.payload.toString("utf8");
    if (outcome.ok) return { condition: "Success", ok: true, response };
    const retries = of.eventInvoke?.MaximumRetryAttempts ?? defaultRetries;
    if (attempts > retries) return { condition: "RetriesExhausted", ok: false, response };
    return isLate ? { condition: "EventAgeExceeded", ok: false, response } : undefined;
}

function deadLetterTarget({ settings }: StoredFunction, { ok }: EventOutcome): string | undefined {
    return ok ? undefined : settings.DeadLetterTarget;
}

/** Start of the keys under which Lambda stores the records of a function's asynchronous invocations. */
export function asynchronousPrefix(name: string): string {
    return `aws/lambda/async/${name}/`;
}
