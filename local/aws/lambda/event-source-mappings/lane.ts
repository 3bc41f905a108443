import { randomUUID } from "node:crypto";
import type { Pace, TwinContext } from "../../context";
import { AwsError } from "../../service";
import type { Destinations } from "../destinations";
import type { Environments } from "../environments";
import type { FunctionStore } from "../function-store";
import { createLambdaMetrics } from "../metrics";
import { functionArn } from "../names";
import { type EventItem, eventOf } from "./event";
import { failureRecord } from "./failure-record";
import { gather } from "./gather";
import type { StoredMapping } from "./mapping";
import type { MappingStore, ShardLane } from "./mapping-store";
import { readLane } from "./shard-reader";
import { createSleeper } from "./sleeper";
import { judge } from "./verdict";

export interface LaneDependencies {
    readonly context: TwinContext;
    readonly functions: FunctionStore;
    readonly environments: Environments;
    readonly destinations: Destinations;
    readonly store: MappingStore;
    onResult(lastProcessingResult: string): void;
    /** Called once, when the shard is closed and the lane has dealt with all that was in it. */
    onEnd(): void;
}

/** Reads one shard, or one lane of it, and invokes the function with what it finds, in order. */
export interface Lane {
    readonly shardId: string;
    /** New records may have come. */
    wake(): void;
    /** All that is in the shard has been dealt with. */
    idle(): boolean;
    /** Resolves when the invocation in progress has ended. What it has done is kept. */
    stop(): Promise<void>;
}

/**
 * Milliseconds before a failed batch is tried again: doubled each time. AWS does not publish its own delays; a record that
 * failed for a minute was tried there seven times.
 */
const retryDelays: Readonly<Record<Pace, { readonly first: number; readonly longest: number }>> = {
    fast: { first: 100, longest: 10_000 },
    aws: { first: 500, longest: 60_000 },
};

/** Milliseconds before another look when the stream, the role or a destination is at fault: doubled each time. */
const firstTroubleDelay = 250;
const longestTroubleDelay = 30_000;

/** A batch, or the part of it that is to be tried next. */
interface Part {
    readonly items: readonly EventItem[];
    readonly failures: number;
    /** Of the last invocation. */
    readonly requestId: string;
    readonly functionError: "Unhandled" | null;
}

type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

export function startLane(mapping: StoredMapping, at: ShardLane, dependencies: LaneDependencies): Lane {
    const { context, functions, environments, destinations, store, onResult, onEnd } = dependencies;
    const { settings } = mapping;
    const metrics = createLambdaMetrics(context);
    const sleeper = createSleeper(context.clock);
    /** Everything up to here is done. */
    let done = store.checkpoint(at);
    let busy = false;
    let over = false;
    let troubles = 0;

    async function run(): Promise<void> {
        while (!sleeper.stopped && !over) {
            try {
                await step();
                troubles = 0;
            } catch (error) {
                await wait(error);
            }
        }
        if (over) onEnd();
    }

    async function step(): Promise<void> {
        const { items, seen, ended } = await gather(context, functions, mapping, at, done, sleeper);
        if (items.length > 0) {
            busy = true;
            if (!sleeper.stopped) await handle(items);
            return;
        }
        // What other lanes read, or the filters keep away, is done with too.
        if (seen !== undefined) await advance(seen);
        busy = false;
        over = ended;
        if (!over) await sleeper.untilWoken();
    }

    /** Deals with a whole batch: splits, repeats and gives up as the mapping says. */
    async function handle(batch: readonly EventItem[]): Promise<void> {
        const parts: Part[] = [{ items: batch, failures: 0, requestId: randomUUID(), functionError: null }];
        for (let part = parts.pop(); part !== undefined && !sleeper.stopped; part = parts.pop()) {
            try {
                parts.push(...(await attempt(part)));
                troubles = 0;
            } catch (error) {
                parts.push(part);
                await wait(error);
            }
        }
    }

    /** Deals with one part. What is left to do comes back, the first to be done last. */
    async function attempt(part: Part): Promise<readonly Part[]> {
        const { items, failures } = part;
        const expired = expiredCount(items);
        if (expired > 0) {
            await giveUp({ ...part, items: items.slice(0, expired) }, "RecordAgeExceeded");
            const rest = items.slice(expired);
            return rest.length > 0 ? [{ ...part, items: rest, failures: 0 }] : [];
        }
        const arrived = items.at(-1)?.arrival.getTime() ?? context.clock.now();
        metrics.iteratorAge(mapping.functionName, mapping.streamArn, context.clock.now() - arrived);
        const requestId = randomUUID();
        const invocation = { requestId, payload: Buffer.from(eventOf(items)) };
        const outcome = await environments.invoke(mapping.functionName, invocation, "wait", sleeper.signal);
        // The end of the twin, or of the mapping, is no failure of the function.
        if (sleeper.stopped && !outcome.ok) return [];
        const sequenceNumbers = items.map(({ sequenceNumber }) => sequenceNumber);
        const verdict = judge(outcome, sequenceNumbers, settings.reportsBatchItemFailures);
        onResult(verdict.kind === "done" ? "OK" : "PROBLEM: Function call failed");
        if (verdict.kind === "done") {
            await advance(lastOf(items));
            return [];
        }
        const failed: Part = { ...part, requestId, functionError: verdict.functionError };
        const before = items[verdict.from - 1];
        if (before !== undefined) {
            // Progress: what is left begins again with all its attempts.
            await advance(before.sequenceNumber);
            return [{ ...failed, items: items.slice(verdict.from), failures: 0 }];
        }
        if (settings.bisect && items.length > 1) {
            // Splitting uses up no attempt. The first half comes first: order is kept.
            const half = Math.ceil(items.length / 2);
            return [
                { ...failed, items: items.slice(half) },
                { ...failed, items: items.slice(0, half) },
            ];
        }
        const again = { ...failed, failures: failures + 1 };
        if (settings.maximumRetryAttempts >= 0 && failures >= settings.maximumRetryAttempts) {
            await giveUp(again, "RetryAttemptsExhausted");
            return [];
        }
        const { first, longest } = retryDelays[context.pace];
        await sleeper.rest(Math.min(first * 2 ** failures, longest));
        return [again];
    }

    function expiredCount(items: readonly EventItem[]): number {
        if (settings.maximumRecordAge < 0) return 0;
        const oldest = context.clock.now() - settings.maximumRecordAge * 1000;
        const fresh = items.findIndex(({ arrival }) => arrival.getTime() >= oldest);
        return fresh < 0 ? items.length : fresh;
    }

    /** Passes on, after the failure record is written. Until that has worked, the lane stays where it is. */
    async function giveUp(part: Part, condition: Condition): Promise<void> {
        const what = `${part.items.length} record(s) of ${at.shardId} (${condition})`;
        for (let written = settings.onFailure === undefined; !written && !sleeper.stopped; ) {
            try {
                await writeFailure(part, condition);
                written = true;
            } catch (error) {
                await wait(error);
            }
        }
        if (sleeper.stopped) return;
        if (settings.onFailure === undefined) report(`drops ${what}: it has no on-failure destination`);
        await advance(lastOf(part.items));
    }

    async function writeFailure(part: Part, condition: Condition): Promise<void> {
        const failed = {
            functionArn: functionArn(mapping.functionName),
            streamArn: mapping.streamArn,
            shardId: at.shardId,
            items: part.items,
            condition,
            // AWS counts the look that found the records too old as well.
            invocations: condition === "RecordAgeExceeded" ? part.failures + 1 : part.failures,
            requestId: part.requestId,
            functionError: condition === "RecordAgeExceeded" ? undefined : part.functionError,
        };
        const record = failureRecord(failed, new Date(context.clock.now()));
        const of = functions.get(mapping.functionName);
        await destinations.write(of, settings.onFailure ?? "", failurePrefix(mapping.uuid, at.shardId), record);
    }

    async function advance(sequenceNumber: string): Promise<void> {
        await store.setCheckpoint(at, sequenceNumber);
        done = sequenceNumber;
    }

    /** Says what is wrong, once, and waits: records are kept until it is put right. */
    async function wait(error: unknown): Promise<void> {
        if (sleeper.stopped) return;
        const reason = error instanceof AwsError ? error.message : String(error);
        if (troubles === 0) report(`waits: ${reason}`);
        onResult(`PROBLEM: ${reason}`);
        await sleeper.rest(Math.min(firstTroubleDelay * 2 ** troubles++, longestTroubleDelay));
    }

    function report(what: string): void {
        const message = `The mapping of ${mapping.streamArn} to ${mapping.functionName} ${what}`;
        context.report({ level: "warning", source: "lambda", message });
    }

    const ended = run();
    return {
        shardId: at.shardId,
        wake: sleeper.wake,
        idle() {
            if (busy) return false;
            try {
                return readLane(context.services().kinesis, mapping, at, done, 1).records.length === 0;
            } catch {
                // No stream, nothing to read.
                return true;
            }
        },
        async stop() {
            sleeper.stop();
            await ended;
        },
    };
}

function lastOf(items: readonly EventItem[]): string {
    return items.at(-1)?.sequenceNumber ?? "";
}

/** Start of the keys under which Lambda stores what a mapping could not process. */
export function failurePrefix(uuid: string, shardId: string): string {
    return `aws/lambda/${uuid}/${shardId}/`;
}
