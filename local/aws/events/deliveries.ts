import { randomUUID } from "node:crypto";
import type { Target } from "@aws-sdk/client-eventbridge";
import { addColumn } from "../added-column";
import type { TwinContext } from "../context";
import type { ApiDestinations } from "./api-destinations";
import { type Attempt, createAttempts, type EventOnItsWay, type Retry } from "./attempts";
import { createCallRates } from "./call-rates";
import type { Connections } from "./connections";
import { type Failure, sendDeadLetter } from "./dead-letters";
import { targetKind } from "./target";

/** EventBridge's defaults, and bounds, for a target without a retry policy. */
const mostRetries = 185;
const oldestSeconds = 86_400;

/** Seconds between attempts at most. */
const longestPause = 300;

/** Why an event did not arrive for which its destination's rate left no turn. */
const tooManyCalls = {
    code: "THROTTLING",
    message: "The event became too old while calls of the API destination waited for its rate limit.",
};

/** At most so many attempts for a target run at a time. */
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
    /** When it was to be attempted: later than it was accepted, if it had to wait. */
    readonly due: number;
}

/** The attempts for one target. */
interface Lane {
    readonly inFlight: Map<string, Promise<void>>;
    /** Ends the wait for the next attempt that is due. */
    cancel?: (() => void) | undefined;
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
    DROP INDEX IF EXISTS events_deliveries_due`);
    addColumn(database, "events_deliveries", "target", "TEXT NOT NULL DEFAULT ''");
    database.exec(`UPDATE events_deliveries SET target = delivery ->> '$.target.Arn' WHERE target = '';
    CREATE INDEX IF NOT EXISTS events_deliveries_target_due ON events_deliveries (target, due)`);
    const insert = database.prepare(
        "INSERT INTO events_deliveries (id, delivery, accepted, due, target) VALUES (?, ?, ?, ?, ?)",
    );
    const targets = database.prepare("SELECT DISTINCT target FROM events_deliveries");
    const earliest = database.prepare("SELECT * FROM events_deliveries WHERE target = ? ORDER BY due, rowid LIMIT ?");
    const postpone = database.prepare("UPDATE events_deliveries SET attempts = ?, due = ? WHERE id = ?");
    const erase = database.prepare("DELETE FROM events_deliveries WHERE id = ?");
    const any = database.prepare("SELECT 1 FROM events_deliveries LIMIT 1");
    const lanes = new Map<string, Lane>();
    const rates = createCallRates(clock);
    const closing = new AbortController();
    const attempts = createAttempts(context, { connections, destinations }, closing.signal);
    let started = false;

    /** Each target has a lane of its own: one that does not answer keeps no other waiting. */
    function dispatch(target: string): void {
        if (!started || closing.signal.aborted) return;
        const lane: Lane = lanes.get(target) ?? { inFlight: new Map() };
        lanes.set(target, lane);
        lane.cancel?.();
        lane.cancel = undefined;
        const now = clock.now();
        for (const row of earliest.all(target, inFlightLimit)) {
            const id = String(row.id);
            if (lane.inFlight.has(id)) continue;
            const due = Number(row.due);
            if (due > now) {
                lane.cancel = clock.at(due, () => dispatch(target));
                return;
            }
            if (lane.inFlight.size >= inFlightLimit) return;
            const running = run(toDelivery(row)).finally(() => {
                lane.inFlight.delete(id);
                dispatch(target);
            });
            lane.inFlight.set(id, running);
        }
        if (lane.inFlight.size === 0) lanes.delete(target);
    }

    async function run(delivery: Delivery): Promise<void> {
        try {
            const rate = rateOf(delivery.target);
            if (rate !== undefined && (await waits(delivery, rate))) return;
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

    /** Calls a second that the target takes. Undefined when it takes any number. */
    function rateOf({ Arn = "" }: Target): number | undefined {
        return targetKind(Arn) === "API destination" ? destinations.find(apiName(Arn))?.rate : undefined;
    }

    /** Whether it is not its turn by the destination's rate: then it waits, or has waited for too long. */
    async function waits(delivery: Delivery, rate: number): Promise<boolean> {
        const { id, target, accepted, attempts: retries, due } = delivery;
        const now = clock.now();
        const latest = lastTime(delivery);
        const isTooOld = due > accepted && now > latest;
        const turn = isTooOld ? now : rates.turn(id, String(target.Arn), rate, latest);
        if (isTooOld || turn > now) {
            await store.commit(() => {
                if (now <= latest) postpone.run(retries, Math.min(turn, latest + 1), id);
                else giveUp(delivery, { ...tooManyCalls, exhausted: "MaximumEventAgeInSeconds", retries });
            });
            return true;
        }
        return false;
    }

    function conclude(delivery: Delivery, attempt: Attempt): void {
        const failure = "done" in attempt ? undefined : finalFailure(delivery, attempt);
        if ("again" in attempt && failure === undefined) {
            postpone.run(delivery.attempts + 1, nextAttempt(delivery, attempt.again), delivery.id);
            return;
        }
        if (failure === undefined) erase.run(delivery.id);
        else giveUp(delivery, failure);
    }

    function giveUp(delivery: Delivery, failure: Failure): void {
        rates.leave(delivery.id);
        erase.run(delivery.id);
        sendDeadLetter(context, delivery, failure);
    }

    function nextAttempt({ attempts }: Delivery, { afterSeconds }: Retry): number {
        return clock.now() + (afterSeconds ?? Math.min(2 ** attempts, longestPause)) * 1000;
    }

    /** Undefined when it is to be tried again. */
    function finalFailure(delivery: Delivery, attempt: Exclude<Attempt, { done: true }>): Failure | undefined {
        const { target, attempts: retries } = delivery;
        if ("failed" in attempt) return { ...attempt.failed, retries };
        const { code, message } = attempt.again;
        const { MaximumRetryAttempts = mostRetries } = target.RetryPolicy ?? {};
        if (retries >= MaximumRetryAttempts) return { code, message, exhausted: "MaximumRetryAttempts", retries };
        if (nextAttempt(delivery, attempt.again) <= lastTime(delivery)) return undefined;
        return { code, message, exhausted: "MaximumEventAgeInSeconds", retries };
    }

    return {
        add({ ruleArn, target, eventId, payload, event }) {
            const now = clock.now();
            const { Arn = "" } = target;
            insert.run(randomUUID(), JSON.stringify({ ruleArn, target, eventId, payload, event }), now, now, Arn);
            setImmediate(dispatch, Arn);
        },
        start() {
            started = true;
            for (const { target } of targets.all()) dispatch(String(target));
        },
        idle: () => any.get() === undefined,
        busy: () => targets.all().map(({ target }) => `events on their way to ${String(target)}`),
        async close() {
            closing.abort();
            for (const { cancel } of lanes.values()) cancel?.();
            await Promise.allSettled([...lanes.values()].flatMap(({ inFlight }) => [...inFlight.values()]));
        },
    };
}

/** The last moment at which it may be attempted. */
function lastTime({ target, accepted }: Delivery): number {
    return accepted + (target.RetryPolicy?.MaximumEventAgeInSeconds ?? oldestSeconds) * 1000;
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
        due: Number(row.due),
    };
}
