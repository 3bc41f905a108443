import { randomUUID } from "node:crypto";
import type { Target } from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import type { ApiDestinations } from "./api-destinations";
import { type Attempt, createAttempts, type EventOnItsWay, type Retry } from "./attempts";
import type { Connections } from "./connections";
import { type Failure, sendDeadLetter } from "./dead-letters";
import { targetKind } from "./target";

/** EventBridge's defaults, and bounds, for a target without a retry policy. */
const mostRetries = 185;
const oldestSeconds = 86_400;

/** Seconds between attempts at most. */
const longestPause = 300;

/** At most so many attempts run at a time. */
const inFlightLimit = 32;

/** Events on the way to targets that do not take them at once: kept in the store until they arrived or were given up. */
export interface Deliveries {
    /** For use in a transaction of the store; it is attempted after that is committed. */
    add(delivery: EventOnItsWay): void;
    start(): void;
    idle(): boolean;
    /** What keeps it from being idle, for a person. */
    busy(): string[];
    /** What is left stays in the store. */
    close(): Promise<void>;
}

interface Delivery extends EventOnItsWay {
    readonly id: string;
    /** Milliseconds since the epoch. */
    readonly accepted: number;
    /** Attempts that failed. */
    readonly attempts: number;
}

export function createDeliveries(
    context: TwinContext,
    { connections, destinations }: { connections: Connections; destinations: ApiDestinations },
): Deliveries {
    const { store, clock, report } = context;
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS events_deliveries (
        id TEXT PRIMARY KEY, delivery TEXT NOT NULL, accepted INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
        due INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS events_deliveries_due ON events_deliveries (due)`);
    const insert = database.prepare("INSERT INTO events_deliveries (id, delivery, accepted, due) VALUES (?, ?, ?, ?)");
    const earliest = database.prepare("SELECT * FROM events_deliveries ORDER BY due, rowid LIMIT ?");
    const postpone = database.prepare("UPDATE events_deliveries SET attempts = ?, due = ? WHERE id = ?");
    const erase = database.prepare("DELETE FROM events_deliveries WHERE id = ?");
    const any = database.prepare("SELECT 1 FROM events_deliveries LIMIT 1");
    const inFlight = new Map<string, Promise<void>>();
    /** By destination: when the next call may go out. */
    const slots = new Map<string, number>();
    const closing = new AbortController();
    const attempts = createAttempts(context, { connections, destinations }, closing.signal);
    let cancel: (() => void) | undefined;
    let started = false;

    function dispatch(): void {
        cancel?.();
        cancel = undefined;
        if (!started || closing.signal.aborted) return;
        const now = clock.now();
        for (const row of earliest.all(inFlightLimit)) {
            const id = String(row.id);
            if (inFlight.has(id)) continue;
            const due = Number(row.due);
            if (due > now) {
                cancel = clock.at(due, dispatch);
                return;
            }
            if (inFlight.size >= inFlightLimit) return;
            const running = run(toDelivery(row)).finally(() => {
                inFlight.delete(id);
                dispatch();
            });
            inFlight.set(id, running);
        }
    }

    async function run(delivery: Delivery): Promise<void> {
        try {
            const slot = takeSlot(delivery.target);
            if (slot > clock.now()) {
                await store.commit(() => postpone.run(delivery.attempts, slot, delivery.id));
                return;
            }
            const attempt = await attempts.deliver(delivery);
            // The end of the twin is no failure of the target: after a restart it gets the event.
            if (closing.signal.aborted) return;
            await store.commit(() => conclude(delivery, attempt));
        } catch (error) {
            if (closing.signal.aborted) return;
            const reason = error instanceof Error ? error.message : "unknown";
            report({
                level: "error",
                source: "events",
                message: `Event ${delivery.eventId} waits for ${delivery.target.Arn}: ${reason}`,
            });
            await new Promise<void>((resolve) => {
                const resume = clock.at(clock.now() + 1000, resolve);
                closing.signal.addEventListener("abort", () => {
                    resume();
                    resolve();
                });
            });
        }
    }

    /** When a call of the destination may go out by its rate; the next one is so much later. */
    function takeSlot({ Arn = "" }: Target): number {
        if (targetKind(Arn) !== "API destination") return 0;
        const rate = destinations.find(apiName(Arn))?.rate;
        if (rate === undefined) return 0;
        const now = clock.now();
        const slot = slots.get(Arn) ?? now;
        if (slot <= now) slots.set(Arn, Math.max(slot, now - 1000) + 1000 / rate);
        return slot;
    }

    function conclude(delivery: Delivery, attempt: Attempt): void {
        const failure = "done" in attempt ? undefined : finalFailure(delivery, attempt);
        if ("again" in attempt && failure === undefined) {
            postpone.run(delivery.attempts + 1, nextAttempt(delivery, attempt.again), delivery.id);
            return;
        }
        erase.run(delivery.id);
        if (failure !== undefined) sendDeadLetter(context, delivery, failure);
    }

    function nextAttempt({ attempts }: Delivery, { afterSeconds }: Retry): number {
        return clock.now() + (afterSeconds ?? Math.min(2 ** attempts, longestPause)) * 1000;
    }

    /** Undefined when it is to be tried again. */
    function finalFailure(delivery: Delivery, attempt: Exclude<Attempt, { done: true }>): Failure | undefined {
        const { target, accepted, attempts: retries } = delivery;
        if ("failed" in attempt) return { ...attempt.failed, retries };
        const { code, message } = attempt.again;
        const { MaximumRetryAttempts = mostRetries, MaximumEventAgeInSeconds = oldestSeconds } =
            target.RetryPolicy ?? {};
        if (retries >= MaximumRetryAttempts) return { code, message, exhausted: "MaximumRetryAttempts", retries };
        if (nextAttempt(delivery, attempt.again) <= accepted + MaximumEventAgeInSeconds * 1000) return undefined;
        return { code, message, exhausted: "MaximumEventAgeInSeconds", retries };
    }

    return {
        add({ ruleArn, target, eventId, payload, event }) {
            const now = clock.now();
            insert.run(randomUUID(), JSON.stringify({ ruleArn, target, eventId, payload, event }), now, now);
            setImmediate(dispatch);
        },
        start() {
            started = true;
            dispatch();
        },
        idle: () => any.get() === undefined,
        busy: () => {
            const targets = earliest.all(inFlightLimit).map((row) => String(toDelivery(row).target.Arn));
            return [...new Set(targets)].map((arn) => `events on their way to ${arn}`);
        },
        async close() {
            closing.abort();
            cancel?.();
            await Promise.allSettled(inFlight.values());
        },
    };
}

function apiName(arn: string): string {
    return arn.split("/")[1] ?? "";
}

function toDelivery(row: Readonly<Record<string, unknown>>): Delivery {
    const { ruleArn, target, eventId, payload, event } = JSON.parse(String(row.delivery)) as Delivery;
    return {
        id: String(row.id),
        ruleArn,
        target,
        eventId,
        payload,
        event,
        accepted: Number(row.accepted),
        attempts: Number(row.attempts),
    };
}
