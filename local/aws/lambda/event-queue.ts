import type { DatabaseSync } from "node:sqlite";
import { addColumn } from "../added-column";
import type { EventOutcome } from "./event-outcome";

/** An event for which a function is to be invoked, while nobody waits for the answer. */
export interface QueuedEvent {
    readonly requestId: string;
    /** Of the function. */
    readonly name: string;
    /** JSON. */
    readonly payload: string;
    /** X-Ray's header, the same for all attempts. */
    readonly trace: string;
    /** Milliseconds since 1970. */
    readonly accepted: number;
    readonly attempts: number;
    /** When it is to be dealt with next, milliseconds since 1970. */
    readonly due: number;
    /** Set when it ended and only its record has to reach the destination. */
    readonly ended: EventOutcome | undefined;
}

/** The events in the store. What writes is to be called in a transaction of it, or stands alone. */
export interface EventQueue {
    add(event: Pick<QueuedEvent, "requestId" | "name" | "payload" | "trace" | "accepted">): void;
    find(requestId: string): QueuedEvent | undefined;
    /** A function's, in order of when they are due. */
    earliest(name: string, limit: number): QueuedEvent[];
    change(requestId: string, changed: Pick<QueuedEvent, "attempts" | "due" | "ended">): void;
    remove(requestId: string): void;
    /** Removes all of a function. */
    forget(name: string): void;
    isEmpty(): boolean;
    /** How many there are of each function. */
    counts(): { readonly name: string; readonly times: number }[];
}

export function openEventQueue(database: DatabaseSync): EventQueue {
    database.exec(`CREATE TABLE IF NOT EXISTS lambda_asynchronous (
        request_id TEXT PRIMARY KEY, function TEXT NOT NULL, payload TEXT NOT NULL, accepted INTEGER NOT NULL,
        attempts INTEGER NOT NULL, due INTEGER NOT NULL, ended TEXT, trace TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX IF NOT EXISTS lambda_asynchronous_function ON lambda_asynchronous (function, due);
    -- Of an earlier version, which had one queue for all functions.
    DROP INDEX IF EXISTS lambda_asynchronous_due`);
    // A home of an earlier version keeps invocations without a trace.
    addColumn(database, "lambda_asynchronous", "trace", "TEXT NOT NULL DEFAULT ''");
    const insert = database.prepare("INSERT INTO lambda_asynchronous VALUES (?, ?, ?, ?, 0, ?, NULL, ?)");
    const one = database.prepare("SELECT * FROM lambda_asynchronous WHERE request_id = ?");
    const earliest = database.prepare(
        "SELECT * FROM lambda_asynchronous WHERE function = ? ORDER BY due, rowid LIMIT ?",
    );
    const change = database.prepare(
        "UPDATE lambda_asynchronous SET attempts = ?, due = ?, ended = ? WHERE request_id = ?",
    );
    const erase = database.prepare("DELETE FROM lambda_asynchronous WHERE request_id = ?");
    const eraseOf = database.prepare("DELETE FROM lambda_asynchronous WHERE function = ?");
    const any = database.prepare("SELECT 1 FROM lambda_asynchronous LIMIT 1");
    const counts = database.prepare("SELECT function, count(*) AS times FROM lambda_asynchronous GROUP BY function");

    return {
        add: ({ requestId, name, payload, accepted, trace }) =>
            void insert.run(requestId, name, payload, accepted, accepted, trace),
        find(requestId) {
            const row = one.get(requestId);
            return row === undefined ? undefined : toEvent(row);
        },
        earliest: (name, limit) => earliest.all(name, limit).map(toEvent),
        change(requestId, { attempts, due, ended }) {
            change.run(attempts, due, ended === undefined ? null : JSON.stringify(ended), requestId);
        },
        remove: (requestId) => void erase.run(requestId),
        forget: (name) => void eraseOf.run(name),
        isEmpty: () => any.get() === undefined,
        counts: () => counts.all().map((row) => ({ name: String(row.function), times: Number(row.times) })),
    };
}

function toEvent(row: Record<string, unknown>): QueuedEvent {
    return {
        requestId: String(row.request_id),
        name: String(row.function),
        payload: String(row.payload),
        trace: String(row.trace),
        accepted: Number(row.accepted),
        attempts: Number(row.attempts),
        due: Number(row.due),
        ended: row.ended === null ? undefined : (JSON.parse(String(row.ended)) as EventOutcome),
    };
}
