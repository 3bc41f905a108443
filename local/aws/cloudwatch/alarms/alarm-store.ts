import type { Store } from "../../store";
import type { Alarm } from "./alarm";

export type HistoryType = "ConfigurationUpdate" | "StateUpdate" | "Action";

export interface HistoryItem {
    readonly alarm: string;
    /** Milliseconds since 1970. */
    readonly time: number;
    readonly type: HistoryType;
    readonly summary: string;
    /** JSON. */
    readonly data: string;
}

/** Alarms and what became of them. What writes is to be called in a transaction. */
export interface AlarmStore {
    find(name: string): Alarm | undefined;
    /** In order of names. */
    all(prefix?: string): Alarm[];
    put(alarm: Alarm): void;
    remove(name: string): void;
    /** Adds to the history, which outlives the alarm. */
    note(item: HistoryItem): void;
    /** The newest first. */
    history(alarm?: string): HistoryItem[];
    /** Forgets the history before a time. */
    forget(before: number): void;
}

export function openAlarmStore({ database }: Store): AlarmStore {
    database.exec(`
        CREATE TABLE IF NOT EXISTS cloudwatch_alarms (name TEXT PRIMARY KEY, alarm TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS cloudwatch_alarm_history (
            id INTEGER PRIMARY KEY AUTOINCREMENT, alarm TEXT NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL,
            summary TEXT NOT NULL, data TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS cloudwatch_alarm_history_by_alarm ON cloudwatch_alarm_history (alarm, id);
    `);
    const one = database.prepare("SELECT alarm FROM cloudwatch_alarms WHERE name = ?");
    const all = database.prepare("SELECT alarm FROM cloudwatch_alarms WHERE substr(name, 1, ?) = ? ORDER BY name");
    const put = database.prepare("INSERT OR REPLACE INTO cloudwatch_alarms VALUES (?, ?)");
    const remove = database.prepare("DELETE FROM cloudwatch_alarms WHERE name = ?");
    const note = database.prepare(
        "INSERT INTO cloudwatch_alarm_history (alarm, time, type, summary, data) VALUES (?, ?, ?, ?, ?)",
    );
    const history = database.prepare(
        "SELECT * FROM cloudwatch_alarm_history WHERE (:alarm IS NULL OR alarm = :alarm) ORDER BY time DESC, id DESC",
    );
    const forget = database.prepare("DELETE FROM cloudwatch_alarm_history WHERE time < ?");
    const parsed = (row: Record<string, unknown>) => JSON.parse(String(row.alarm)) as Alarm;

    return {
        find(name) {
            const row = one.get(name);
            return row === undefined ? undefined : parsed(row);
        },
        all: (prefix = "") => all.all([...prefix].length, prefix).map(parsed),
        put: (alarm) => void put.run(alarm.definition.AlarmName, JSON.stringify(alarm)),
        remove: (name) => void remove.run(name),
        note: ({ alarm, time, type, summary, data }) => void note.run(alarm, time, type, summary, data),
        history: (alarm) =>
            history.all({ alarm: alarm ?? null }).map((row) => ({
                alarm: String(row.alarm),
                time: Number(row.time),
                type: String(row.type) as HistoryType,
                summary: String(row.summary),
                data: String(row.data),
            })),
        forget: (before) => void forget.run(before),
    };
}
