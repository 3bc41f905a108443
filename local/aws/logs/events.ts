import type { TwinContext } from "../context";

export interface LogEvent {
    /** Epoch milliseconds. */
    readonly timestamp: number;
    readonly message: string;
}

export interface StoredLogEvent extends LogEvent {
    readonly id: number;
    readonly stream: string;
    /** Epoch milliseconds. */
    readonly ingested: number;
}

/** A place between two events, which are in order of time and then of arrival. */
export interface Place {
    readonly timestamp: number;
    readonly id: number;
}

export interface EventQuery {
    readonly group: string;
    /** Only events of this stream. */
    readonly stream?: string;
    /** Epoch milliseconds, inclusive. */
    readonly from: number;
    /** Epoch milliseconds, exclusive. */
    readonly until: number;
    /** Only events after this place, or before it if `backward`. */
    readonly place?: Place;
    /** Begins at the newest event. @default false */
    readonly backward?: boolean;
    readonly limit: number;
}

export interface LogEvents {
    /** To be called in a transaction. */
    append(group: string, stream: string, events: readonly LogEvent[]): void;
    query(query: EventQuery): StoredLogEvent[];
    /** When the first and the last event of a stream happened. */
    range(group: string, stream: string): { first: number; last: number } | undefined;
    /** Deletes a group's events, or those before a time. To be called in a transaction. */
    remove(group: string, before?: number): void;
}

const endOfTime = Number.MAX_SAFE_INTEGER;

/** The events of all log streams, in one table. */
export function createLogEvents({ store: { database }, clock }: TwinContext): LogEvents {
    database.exec(`
        CREATE TABLE IF NOT EXISTS logs_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, log_group TEXT NOT NULL, stream TEXT NOT NULL,
            timestamp INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS logs_events_by_group ON logs_events (log_group, timestamp, id);
        CREATE INDEX IF NOT EXISTS logs_events_by_stream ON logs_events (log_group, stream, timestamp, id);
    `);
    const insert = database.prepare(
        "INSERT INTO logs_events (log_group, stream, timestamp, ingested, message) VALUES (?, ?, ?, ?, ?)",
    );
    const select = (ofStream: boolean, backward: boolean) =>
        database.prepare(`SELECT id, stream, timestamp, ingested, message FROM logs_events
            WHERE log_group = ? ${ofStream ? "AND stream = ?" : ""} AND timestamp >= ? AND timestamp < ?
            AND (timestamp, id) ${backward ? "<" : ">"} (?, ?)
            ORDER BY timestamp ${backward ? "DESC" : ""}, id ${backward ? "DESC" : ""} LIMIT ?`);
    const forward = { group: select(false, false), stream: select(true, false) };
    const backward = { group: select(false, true), stream: select(true, true) };
    const extent = database.prepare(
        "SELECT min(timestamp) AS first, max(timestamp) AS last FROM logs_events WHERE log_group = ? AND stream = ?",
    );
    const erase = database.prepare("DELETE FROM logs_events WHERE log_group = ? AND timestamp < ?");

    return {
        append(group, stream, events) {
            const now = clock.now();
            for (const { timestamp, message } of events) insert.run(group, stream, timestamp, now, message);
        },
        query(query) {
            const statements = query.backward ? backward : forward;
            const place =
                query.place ?? (query.backward ? { timestamp: endOfTime, id: endOfTime } : { timestamp: -1, id: -1 });
            const rest = [query.from, query.until, place.timestamp, place.id, query.limit];
            const rows =
                query.stream === undefined
                    ? statements.group.all(query.group, ...rest)
                    : statements.stream.all(query.group, query.stream, ...rest);
            return rows.map((row) => ({
                id: Number(row.id),
                stream: String(row.stream),
                timestamp: Number(row.timestamp),
                ingested: Number(row.ingested),
                message: String(row.message),
            }));
        },
        range(group, stream) {
            const row = extent.get(group, stream);
            if (row === undefined || row.first === null) return undefined;
            return { first: Number(row.first), last: Number(row.last) };
        },
        remove: (group, before = endOfTime) => {
            erase.run(group, before);
        },
    };
}
