import type { Readable } from "node:stream";
import type { StoredFunction } from "./function-store";
import { readFailure } from "./outcome";

export interface LogEvent {
    /** Milliseconds since 1970. */
    readonly timestamp: number;
    readonly message: string;
}

/** What the environment's runtime says at the end of an invocation's output on one stream. */
const endMarker = "\u0001end ";

/** Hands on a stream line by line, and the runtime's mark that an invocation's output on it is complete. */
export function readLines(
    stream: Readable,
    onLine: (line: string) => void,
    onEnd: (requestId: string, memoryUsed: number) => void,
): void {
    let rest = "";
    const take = (line: string) => {
        const at = line.indexOf(endMarker);
        const before = at < 0 ? line : line.slice(0, at);
        const [requestId, memoryUsed] = at < 0 ? [] : line.slice(at + endMarker.length).split(" ");
        if (before !== "") onLine(before.replaceAll("\r", "\n").trimEnd());
        if (requestId !== undefined) onEnd(requestId, Number(memoryUsed));
    };
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) take(line);
    });
    stream.on("close", () => {
        if (rest !== "") take(rest);
        rest = "";
    });
}

export interface InvocationReport {
    readonly requestId: string;
    /** Milliseconds. */
    readonly duration: number;
    /** Milliseconds that starting the environment took; only for its first invocation. */
    readonly initDuration: number | undefined;
    /** MiB. */
    readonly memoryUsed: number;
    readonly status: "success" | "error" | "timeout";
}

/** An initialisation that failed. */
interface InitReport {
    /** Milliseconds. */
    readonly duration: number;
    /** The first try is a phase of its own; the second one is a part of the invocation. */
    readonly phase: "init" | "invoke";
    readonly status: "error" | "timeout";
    /** The error, JSON. */
    readonly payload: Buffer;
}

/** The lines that Lambda itself writes around an invocation. */
export const platformLines = {
    init: (of: StoredFunction) =>
        json(of)
            ? event("platform.initStart", { runtimeVersion: runtimeVersion(), phase: "init" })
            : `INIT_START Runtime Version: ${runtimeVersion()}`,
    initReport(of: StoredFunction, { duration, phase, status, payload }: InitReport): string {
        const errorType = readFailure(payload.toString("utf8"))?.errorType ?? "Runtime.Unknown";
        if (json(of)) {
            const metrics = { durationMs: round(duration) };
            return event("platform.initReport", {
                initializationType: "on-demand",
                phase,
                status,
                ...(status === "error" ? { errorType } : {}),
                metrics,
            });
        }
        const fields = [`INIT_REPORT Init Duration: ${duration.toFixed(2)} ms`, `Phase: ${phase}`, `Status: ${status}`];
        if (status === "error") fields.push(`Error Type: ${errorType}`);
        return fields.join("\t");
    },
    start: (of: StoredFunction, requestId: string) =>
        json(of)
            ? event("platform.start", { requestId, version: "$LATEST" })
            : `START RequestId: ${requestId} Version: $LATEST`,
    end(of: StoredFunction, report: InvocationReport): string[] {
        const { requestId, duration, initDuration, memoryUsed, status } = report;
        const billed = Math.ceil(duration + (initDuration ?? 0));
        if (json(of)) {
            const metrics = {
                durationMs: round(duration),
                billedDurationMs: billed,
                memorySizeMB: of.settings.MemorySize,
                maxMemoryUsedMB: memoryUsed,
                ...(initDuration === undefined ? {} : { initDurationMs: round(initDuration) }),
            };
            return [event("platform.report", { requestId, metrics, status })];
        }
        const fields = [
            `REPORT RequestId: ${requestId}`,
            `Duration: ${duration.toFixed(2)} ms`,
            `Billed Duration: ${billed} ms`,
            `Memory Size: ${of.settings.MemorySize} MB`,
            `Max Memory Used: ${memoryUsed} MB`,
            ...(initDuration === undefined ? [] : [`Init Duration: ${initDuration.toFixed(2)} ms`]),
            ...(status === "success" ? [] : [`Status: ${status}`]),
        ];
        return [`END RequestId: ${requestId}`, `${fields.join("\t")}\t`];
    },
};

function json(of: StoredFunction): boolean {
    return of.settings.LogFormat === "JSON";
}

function event(type: string, record: object): string {
    return JSON.stringify({ time: new Date().toISOString(), type, record });
}

function runtimeVersion(): string {
    return `nodejs:${process.versions.node.replace(".", ".v").replace(/\.\d+$/, "")} (local)`;
}

function round(milliseconds: number): number {
    return Math.round(milliseconds * 1000) / 1000;
}
