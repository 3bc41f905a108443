/** What Lambda itself logs about an invocation, and what a handler logs, when a function logs in JSON. */
interface LogRecord {
    readonly level?: string;
    readonly message?: unknown;
    readonly type?: string;
    /** Metrics that CloudWatch takes from the log. */
    readonly _aws?: unknown;
    readonly record?: {
        readonly status?: string;
        readonly metrics?: {
            readonly durationMs?: number;
            readonly initDurationMs?: number;
            readonly maxMemoryUsedMB?: number;
        };
    };
}

/**
 * A log line as a person reads it: JSON records are spelt out, everything else is left as it is.
 * @returns undefined for what tells a person nothing, such as that an invocation starts.
 */
export function readableLogLine(line: string): string | undefined {
    const parsed = parse(line);
    if (parsed === undefined) return line;
    if (parsed.type === "platform.report") {
        const { durationMs = 0, initDurationMs, maxMemoryUsedMB = 0 } = parsed.record?.metrics ?? {};
        const cold = initDurationMs === undefined ? "" : `, cold start ${initDurationMs.toFixed(0)} ms`;
        return `invocation: ${parsed.record?.status ?? "ended"} in ${durationMs.toFixed(0)} ms, ${maxMemoryUsedMB} MB${cold}`;
    }
    if (parsed.type?.startsWith("platform.") === true || parsed._aws !== undefined) return undefined;
    if (parsed.level === undefined) return line;
    return `${parsed.level.padEnd(5)} ${spelt(parsed.message)}`;
}

function parse(line: string): LogRecord | undefined {
    if (!line.startsWith("{")) return undefined;
    try {
        return JSON.parse(line) as LogRecord;
    } catch {
        return undefined;
    }
}

function spelt(message: unknown): string {
    if (typeof message !== "object" || message === null) return String(message);
    return Object.entries(message)
        .map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : value}`)
        .join(" ");
}
