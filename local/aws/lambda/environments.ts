import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { packageFile } from "../../package-file";
import type { TwinContext } from "../context";
import type { Faults } from "../faults";
import type { AccessKey } from "../iam";
import { AwsError } from "../service";
import { diskFailure } from "../store-error";
import { type Environment, type Invocation, startEnvironment, undelivered, uninitialised } from "./environment";
import { killLeftover } from "./environment-process";
import { environmentVariables } from "./environment-variables";
import type { FunctionStore, StoredFunction } from "./function-store";
import { createHold } from "./hold";
import { createLogWriter } from "./log-writer";
import { createLambdaMetrics } from "./metrics";
import type { Outcome } from "./outcome";
import type { RuntimeApi } from "./runtime-api";
import { layOutRuntimeModules } from "./runtime-modules";

/** How an invocation waits when no environment is free. */
export type WhenBusy = "wait" | "throttle";

/** The execution environments of all functions. */
export interface Environments {
    /**
     * Runs an invocation in a warm environment, or in a new one.
     * @throws AwsError TooManyRequestsException when none is free and the caller does not wait;
     * ResourceNotFoundException when there is no such function, or none any longer after the wait.
     * @param signal Ends the wait for a free environment, but no invocation that has begun.
     */
    invoke(name: string, invocation: Invocation, whenBusy: WhenBusy, signal?: AbortSignal): Promise<Outcome>;
    /**
     * From now on invocations wait: new code is on its way.
     * @returns a function that lets them go on.
     */
    hold(): () => void;
    /** The function's environments serve no further invocation. */
    recycle(name: string): void;
    /** Limits have changed: what waits looks again. */
    reconsider(): void;
    /** Process ids of the function's environments. */
    processes(name: string): number[];
    /** No invocation is running. */
    idle(): boolean;
    close(): Promise<void>;
}

/** A Node.js process that does little takes about this much memory, in bytes. */
const environmentMemory = 100 * 1024 ** 2;

/** So many environments of one function are started for work that can wait: more would only take turns. */
const patientLimit = Math.max(4, cpus().length);

/** How long a warm environment is kept without work, in milliseconds. */
const idleLifetime = 10 * 60_000;

export function createEnvironments(context: TwinContext, functions: FunctionStore, api: RuntimeApi): Environments {
    const home = join(context.store.folder, "lambda", ".environments");
    endLeftovers(home);
    const modules = layOutRuntimeModules(join(home, "node_modules"), packageFile(""));
    // Half of the memory, but enough for a pipeline's stages side by side on a small machine.
    const limit = Math.max(8, 2 * cpus().length, Math.floor(totalmem() / 2 / environmentMemory));
    const all = new Set<Environment>();
    const idle: { environment: Environment; expiry: NodeJS.Timeout }[] = [];
    const retired = new WeakSet<Environment>();
    const waiters: (() => void)[] = [];
    const metrics = createLambdaMetrics(context);
    const hold = createHold();
    let closed = false;

    function keyOf(of: StoredFunction): AccessKey {
        if (!context.iam.mayAssume(of.settings.Role, "lambda.amazonaws.com")) {
            throw new AwsError(
                "AccessDeniedException",
                `The role ${of.settings.Role} defined for the function cannot be assumed by Lambda.`,
                403,
            );
        }
        return context.iam.accessKey(of.settings.Role, of.name);
    }

    function start(of: StoredFunction, isSecondTry: boolean): Environment {
        const key = keyOf(of);
        const id = randomUUID();
        const secret = randomBytes(20).toString("hex");
        const logStream = `${new Date(context.clock.now()).toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomBytes(16).toString("hex")}`;
        const folder = join(home, id);
        const variables = environmentVariables(of, {
            runtimeApi: `${new URL(context.address()).host}${api.prefix}${secret}`,
            address: context.address(),
            key,
            folder,
            logStream,
            modules,
        });
        const onLog = createLogWriter(context, of, logStream);
        let environment: Environment;
        try {
            environment = startEnvironment({ of, id, folder, isSecondTry, variables, now: context.clock.now, onLog });
        } catch (error) {
            throw diskFailure(error, home);
        }
        api.open(secret, environment.session);
        all.add(environment);
        void environment.gone.then(() => {
            api.close(secret);
            all.delete(environment);
            forget(environment);
            rmSync(join(home, `${id}.pid`), { force: true });
            wake();
        });
        try {
            writeFileSync(join(home, `${id}.pid`), String(environment.pid));
        } catch (error) {
            // Nothing would end it if the twin were killed.
            environment.kill();
            throw diskFailure(error, home);
        }
        return environment;
    }

    function forget(environment: Environment): void {
        const at = idle.findIndex((entry) => entry.environment === environment);
        if (at >= 0) clearTimeout(idle.splice(at, 1)[0]?.expiry);
    }

    function wake(): void {
        for (const waiter of waiters.splice(0)) waiter();
    }

    /** A warm environment of the function, a new one, or undefined when the limits leave no room. */
    function acquire(of: StoredFunction, whenBusy: WhenBusy, isSecondTry: boolean): Environment | undefined {
        const running = runningOf(of.name);
        // First, since more environments may be warm than a limit that came later lets run.
        if (of.reservedConcurrency !== undefined && running >= of.reservedConcurrency) return undefined;
        const warm = idle.findLast(({ environment }) => environment.of.name === of.name && environment.alive);
        if (warm !== undefined) {
            forget(warm.environment);
            return warm.environment;
        }
        if (whenBusy === "wait" && running >= patientLimit) return undefined;
        if ([...all].filter(({ alive }) => alive).length >= limit) {
            const longestIdle = idle[0]?.environment;
            if (longestIdle === undefined) return undefined;
            forget(longestIdle);
            longestIdle.kill();
        }
        return start(of, isSecondTry);
    }

    /** How many of the function's environments run an invocation. */
    function runningOf(name: string): number {
        const warm = new Set(idle.map(({ environment }) => environment));
        return [...all].filter(
            (environment) => environment.of.name === name && environment.alive && !warm.has(environment),
        ).length;
    }

    function release(environment: Environment): void {
        if (retired.has(environment) || closed) environment.kill();
        if (!environment.alive) return;
        const expiry = setTimeout(() => environment.kill(), idleLifetime).unref();
        idle.push({ environment, expiry });
        wake();
    }

    return {
        async invoke(name, invocation, whenBusy, signal) {
            await hold.passed(signal);
            const fault = context.faults.ofInvocation(name);
            if (fault !== undefined && fault.delay > 0) await wait(fault.delay, undefined, { signal, ref: false });
            let isSecondTry = false;
            for (;;) {
                if (closed) throw new AwsError("ServiceException", "The local twin is stopping.", 500);
                const of = functions.get(name);
                const environment = acquire(of, whenBusy, isSecondTry);
                if (environment === undefined) {
                    if (whenBusy === "throttle") {
                        metrics.throttled(name);
                        throw throttled(of);
                    }
                    await new Promise<void>((resolve) => {
                        waiters.push(resolve);
                        signal?.addEventListener("abort", () => resolve(), { once: true });
                    });
                    signal?.throwIfAborted();
                    continue;
                }
                metrics.began(name, runningOf(name));
                const outcome = await environment
                    .invoke({ ...invocation, crash: crashOf(fault) })
                    .finally(() => release(environment));
                if (outcome === uninitialised) isSecondTry = true;
                if (outcome === uninitialised || outcome === undelivered) continue;
                metrics.ended(name, outcome);
                return outcome;
            }
        },
        hold: hold.begin,
        recycle(name) {
            for (const environment of all) {
                if (environment.of.name !== name) continue;
                retired.add(environment);
                if (idle.some((entry) => entry.environment === environment)) {
                    forget(environment);
                    environment.kill();
                }
            }
            wake();
        },
        reconsider: wake,
        processes: (name) =>
            [...all].flatMap(({ of, pid, alive }) => (alive && of.name === name && pid !== undefined ? [pid] : [])),
        idle: () => [...all].every((environment) => idle.some((entry) => entry.environment === environment)),
        async close() {
            closed = true;
            hold.end();
            for (const environment of all) environment.kill();
            await Promise.all([...all].map(({ gone }) => gone));
            for (const { expiry } of idle) clearTimeout(expiry);
            wake();
        },
    };
}

function crashOf(fault: ReturnType<Faults["ofInvocation"]>): Invocation["crash"] {
    if (fault?.rule?.fault !== "crash") return undefined;
    return { when: fault.rule.when ?? "before", label: fault.label };
}

function throttled(of: StoredFunction): AwsError {
    const reserved = of.reservedConcurrency !== undefined;
    return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {
        Type: "User",
        Reason: reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded" : "ConcurrentInvocationLimitExceeded",
    });
}

/** Ends what a killed twin has left, and clears its files away. */
function endLeftovers(home: string): void {
    for (const name of existsSync(home) ? readdirSync(home) : []) {
        if (!name.endsWith(".pid")) continue;
        const pid = Number(readFileSync(join(home, name), "utf8"));
        if (pid > 1) killLeftover(pid, name.slice(0, -".pid".length));
    }
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true, mode: 0o700 });
}
