import type { TwinContext } from "../context";
import { AwsError, account, region } from "../service";

export interface LogGroup {
    readonly name: string;
    /** Epoch milliseconds. */
    readonly created: number;
    readonly retentionDays?: number;
    readonly kmsKeyId?: string;
    readonly logGroupClass?: string;
    readonly tags: Readonly<Record<string, string>>;
}

export interface LogStream {
    readonly name: string;
    /** Epoch milliseconds. */
    readonly created: number;
}

/** Log groups and their streams. What writes is to be called in a transaction. */
export interface LogGroups {
    /** Those whose names begin with the prefix, in order of names. */
    all(prefix?: string): LogGroup[];
    find(name: string): LogGroup | undefined;
    put(group: LogGroup): void;
    remove(name: string): void;
    streams(group: string, prefix?: string): LogStream[];
    hasStream(group: string, stream: string): boolean;
    addStream(group: string, stream: string): void;
}

export function createLogGroups({ store: { database }, clock }: TwinContext): LogGroups {
    database.exec(`
        CREATE TABLE IF NOT EXISTS logs_groups (name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS logs_streams (
            log_group TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (log_group, name)
        ) STRICT;
    `);
    const all = database.prepare("SELECT definition FROM logs_groups WHERE substr(name, 1, ?) = ? ORDER BY name");
    const one = database.prepare("SELECT definition FROM logs_groups WHERE name = ?");
    const put = database.prepare("INSERT OR REPLACE INTO logs_groups VALUES (?, ?)");
    const remove = database.prepare("DELETE FROM logs_groups WHERE name = ?");
    const removeStreams = database.prepare("DELETE FROM logs_streams WHERE log_group = ?");
    const streams = database.prepare(
        "SELECT name, created FROM logs_streams WHERE log_group = ? AND substr(name, 1, ?) = ? ORDER BY name",
    );
    const stream = database.prepare("SELECT 1 FROM logs_streams WHERE log_group = ? AND name = ?");
    const addStream = database.prepare("INSERT INTO logs_streams VALUES (?, ?, ?)");
    const parsed = (row: Record<string, unknown>) => JSON.parse(String(row.definition)) as LogGroup;

    return {
        all: (prefix = "") => all.all([...prefix].length, prefix).map(parsed),
        find(name) {
            const row = one.get(name);
            return row === undefined ? undefined : parsed(row);
        },
        put: (group) => {
            put.run(group.name, JSON.stringify(group));
        },
        remove(name) {
            remove.run(name);
            removeStreams.run(name);
        },
        streams: (group, prefix = "") =>
            streams
                .all(group, [...prefix].length, prefix)
                .map((row) => ({ name: String(row.name), created: Number(row.created) })),
        hasStream: (group, name) => stream.get(group, name) !== undefined,
        addStream: (group, name) => {
            addStream.run(group, name, clock.now());
        },
    };
}

export function groupArn(name: string): string {
    return `arn:aws:logs:${region}:${account}:log-group:${name}`;
}

/** The name in a group's ARN (with or without `:*`), or the name itself. */
export function groupName(identifier: string): string {
    const prefix = groupArn("");
    return identifier.startsWith(prefix) ? identifier.slice(prefix.length).replace(/:\*$/, "") : identifier;
}

export function notFound(what: "log group" | "log stream"): AwsError {
    return new AwsError("ResourceNotFoundException", `The specified ${what} does not exist.`);
}
