import { mkdirSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { AwsError } from "../service";
import { bringsOwnRuntime } from "./configuration";
import { type Ending, ending, exitError, killGroup, spawnEnvironment } from "./environment-process";
import type { StoredFunction } from "./function-store";
import { type InvocationReport, type LogEvent, platformLines, readLines } from "./log-lines";
import { functionArn } from "./names";
import { failure, type Outcome } from "./outcome";
import type { RuntimeSession } from "./runtime-api";
import { handlerTrace, traceOf } from "./trace";

export interface Invocation {
    readonly requestId: string;
    readonly payload: Buffer;
    /** Base64, as the caller sent it. */
    readonly clientContext?: string;
    /** X-Ray's header of the trace that it belongs to. @default a new trace */
    readonly trace?: string;
    /** A fault on demand. @default none */
    readonly crash?: {
        /** The process ends before the handler runs, or when it has run and nobody has heard of its result. */
        readonly when: "before" | "after";
        /** What the function's log calls it. */
        readonly label: string;
    };
}

/** The environment went away before it took the invocation: another one may run it. */
export const undelivered = Symbol("undelivered");

/** The initialisation failed: as on AWS, it is tried once more, within the invocation. */
export const uninitialised = Symbol("uninitialised");

type Answer = Outcome | typeof undelivered | typeof uninitialised;

/** An execution environment: one child process that runs a function's handler, one invocation at a time. */
export interface Environment {
    readonly of: StoredFunction;
    readonly pid: number | undefined;
    readonly session: RuntimeSession;
    /**
     * Runs one invocation. To be called again only after the promise has settled.
     * @throws AwsError ServiceException when the process could not reach the twin: that is not the function's failure.
     */
    invoke(invocation: Invocation): Promise<Answer>;
    /** Ends the process and what it has started, at once. */
    kill(): void;
    /** Settles when process and output have ended. */
    readonly gone: Promise<void>;
    readonly alive: boolean;
}

export interface EnvironmentOptions {
    readonly of: StoredFunction;
    /** Unique. */
    readonly id: string;
    readonly variables: Readonly<Record<string, string>>;
    /** Own folder, made here and removed with the environment. */
    readonly folder: string;
    /** Its initialisation is the second try, within the time of its first invocation. */
    readonly isSecondTry: boolean;
    /** The twin's time, milliseconds since 1970, which log events get. */
    now(): number;
    onLog(events: readonly LogEvent[]): Promise<void>;
}

/** Milliseconds that Lambda gives the first try of the initialisation. */
const initTimeout = 10_000;

interface Running {
    readonly invocation: Invocation;
    resolve(answer: Answer): void;
    reject(error: AwsError): void;
    readonly lines: string[];
    deliveredAt: number | undefined;
    result: { ok: boolean; payload: Buffer; status: InvocationReport["status"] } | undefined;
    streamsEnded: number;
    memoryUsed: number;
    timer: NodeJS.Timeout | undefined;
}

/** Starts an environment's process. It initialises while its first invocation waits. */
export function startEnvironment(options: EnvironmentOptions): Environment {
    const { of, isSecondTry } = options;
    const startedAt = performance.now();
    const timeout = of.settings.Timeout * 1000;
    let running: Running | undefined;
    let waiting: ServerResponse | undefined;
    let initDuration: number | undefined;
    let initReported = isSecondTry;
    let initTimedOut = false;
    let initError: Buffer | undefined;
    let alive = true;
    let delivered = false;
    let pending: LogEvent[] = [];

    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const child = spawnEnvironment(of, options.id, options.variables);
    const gone = ending(child).then(async (end) => {
        await ended(end);
        rmSync(options.folder, { recursive: true, force: true });
    });
    for (const stream of [child.stdout, child.stderr]) {
        if (stream !== null) readLines(stream, log, streamEnded);
    }
    log(platformLines.init(of));

    function log(message: string): void {
        running?.lines.push(message);
        pending.push({ timestamp: options.now(), message });
        if (pending.length === 1) setImmediate(flush);
    }

    function flush(): Promise<void> {
        const events = pending;
        pending = [];
        return events.length === 0 ? Promise.resolve() : options.onLog(events);
    }

    function deliver(now: Running, response: ServerResponse): void {
        const { requestId, crash } = now.invocation;
        now.deliveredAt = performance.now();
        clearTimeout(now.timer);
        // What the second try of the initialisation took is gone from the first invocation's time.
        const left = isSecondTry && !delivered ? Math.max(0, timeout - (now.deliveredAt - startedAt)) : timeout;
        delivered = true;
        now.timer = setTimeout(() => timedOut(now), left);
        log(platformLines.start(of, requestId));
        if (crash?.when === "before") {
            crashNow(crash.label);
            return;
        }
        giveToRuntime(response, now.invocation, of, left);
    }

    function crashNow(label: string): void {
        log(`Injected on demand: ${label}`);
        kill();
    }

    function timedOut(late: Running): void {
        const message = `Task timed out after ${of.settings.Timeout.toFixed(2)} seconds`;
        const { requestId } = late.invocation;
        log(`${new Date(options.now()).toISOString()} ${requestId} ${message}`);
        late.result ??= {
            ok: false,
            payload: failure("Sandbox.Timedout", `RequestId: ${requestId} Error: ${message}`),
            status: "timeout",
        };
        kill();
    }

    function streamEnded(requestId: string, memoryUsed: number): void {
        if (running?.invocation.requestId !== requestId) return;
        running.streamsEnded++;
        running.memoryUsed = memoryUsed;
        finishWhenComplete();
    }

    function settle(requestId: string, result: Running["result"]): boolean {
        if (running?.invocation.requestId !== requestId || running.result !== undefined) return false;
        const { crash } = running.invocation;
        if (crash?.when === "after") {
            crashNow(crash.label);
            return true;
        }
        running.result = result;
        finishWhenComplete();
        return true;
    }

    function finishWhenComplete(): void {
        if (running?.result !== undefined && running.streamsEnded === 2) finish(running, running.result);
    }

    function finishUnmarked(done: Running): void {
        if (running === done && done.result !== undefined) finish(done, done.result);
    }

    function finish(done: Running, result: NonNullable<Running["result"]>): void {
        clearTimeout(done.timer);
        const { requestId } = done.invocation;
        const report: InvocationReport = {
            requestId,
            duration: done.deliveredAt === undefined ? 0 : performance.now() - done.deliveredAt,
            initDuration: initReported ? undefined : (initDuration ?? performance.now() - startedAt),
            memoryUsed: done.memoryUsed,
            status: result.status,
        };
        initReported = true;
        for (const line of platformLines.end(of, report)) log(line);
        running = undefined;
        // The log is there when the caller has the answer.
        void flush().finally(() =>
            done.resolve({
                ok: result.ok,
                payload: result.payload,
                requestId,
                duration: report.duration,
                log: done.lines.join("\n"),
            }),
        );
    }

    async function ended(end: Ending): Promise<void> {
        alive = false;
        await flush();
        const last = running;
        if (last === undefined) return;
        const untouched = initDuration !== undefined && last.deliveredAt === undefined;
        if (last.result === undefined && (untouched || end.cutOff)) {
            clearTimeout(last.timer);
            running = undefined;
            if (end.cutOff) last.reject(unreachable());
            else last.resolve(undelivered);
            return;
        }
        const payload = initError ?? exitError(last.invocation.requestId, end);
        if (initDuration === undefined) {
            const status = initTimedOut || last.result?.status === "timeout" ? "timeout" : "error";
            const phase = isSecondTry ? "invoke" : "init";
            log(platformLines.initReport(of, { duration: performance.now() - startedAt, phase, status, payload }));
            if (!isSecondTry) {
                clearTimeout(last.timer);
                running = undefined;
                await flush();
                last.resolve(uninitialised);
                return;
            }
        }
        finish(last, last.result ?? { ok: false, payload, status: "error" });
    }

    function kill(): void {
        alive = false;
        killGroup(child);
    }

    return {
        of,
        pid: child.pid,
        session: {
            next(response) {
                initDuration ??= performance.now() - startedAt;
                // A runtime of the function's own does not say where its output ends: what it wrote before it asks for
                // more has come by the next turn.
                if (running?.result !== undefined && bringsOwnRuntime(of.settings)) {
                    setImmediate(finishUnmarked, running);
                }
                waiting = response;
                response.on("close", () => {
                    if (waiting === response) waiting = undefined;
                });
                if (running !== undefined && running.deliveredAt === undefined) {
                    waiting = undefined;
                    deliver(running, response);
                }
            },
            succeeded: (requestId, payload) => settle(requestId, { ok: true, payload, status: "success" }),
            failed: (requestId, payload) => settle(requestId, { ok: false, payload, status: "error" }),
            initFailed(payload) {
                initError = payload;
            },
            tooLarge(requestId) {
                const message = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
                settle(requestId, {
                    ok: false,
                    payload: failure("Function.ResponseSizeTooLarge", message),
                    status: "error",
                });
            },
        },
        invoke: (invocation) =>
            new Promise((resolve, reject) => {
                if (!alive) {
                    resolve(undelivered);
                    return;
                }
                const next: Running = {
                    invocation,
                    resolve,
                    reject,
                    lines: [],
                    deliveredAt: undefined,
                    result: undefined,
                    streamsEnded: 0,
                    memoryUsed: 0,
                    timer: undefined,
                };
                running = next;
                const ready = waiting;
                waiting = undefined;
                if (ready !== undefined) deliver(next, ready);
                else if (isSecondTry) next.timer = setTimeout(() => timedOut(next), timeout);
                else {
                    next.timer = setTimeout(() => {
                        initTimedOut = true;
                        kill();
                    }, initTimeout);
                }
            }),
        kill,
        gone,
        get alive() {
            return alive;
        },
    };
}

/**
 * Answers the runtime's request for an invocation.
 * @param left Milliseconds that it may take.
 */
function giveToRuntime(
    response: ServerResponse,
    { requestId, payload, clientContext, trace }: Invocation,
    { name, settings }: StoredFunction,
    left: number,
): void {
    response.writeHead(200, {
        "content-type": "application/json",
        "content-length": payload.length,
        "lambda-runtime-aws-request-id": requestId,
        "lambda-runtime-deadline-ms": String(Math.round(Date.now() + left)),
        "lambda-runtime-invoked-function-arn": functionArn(name),
        "lambda-runtime-trace-id": handlerTrace(traceOf(trace), settings.TracingMode),
        ...(clientContext === undefined
            ? {}
            : { "lambda-runtime-client-context": Buffer.from(clientContext, "base64").toString("utf8") }),
    });
    response.end(payload);
}

function unreachable(): AwsError {
    return new AwsError("ServiceException", "The environment could not reach the Runtime API of the local twin.", 500);
}
