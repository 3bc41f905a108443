import { hash, randomUUID } from "node:crypto";
import type { TwinContext } from "../../context";
import type { StoredRecord } from "../../kinesis";
import { AwsError, type Caller } from "../../service";
import type { Destinations } from "../destinations";
import type { Environments } from "../environments";
import type { FunctionStore } from "../function-store";
import { functionArn } from "../names";
import { type EventItem, eventItem, eventOf, fitting } from "./event";
import { failureRecord } from "./failure-record";
import { passesFilters } from "./filter";
import type { StoredMapping } from "./mapping";
import type { MappingStore, ShardLane } from "./mapping-store";
import { judge } from "./verdict";

export interface LaneDependencies {
    readonly context: TwinContext;
    readonly functions: FunctionStore;
    readonly environments: Environments;
    readonly destinations: Destinations;
    readonly store: MappingStore;
    onResult(lastProcessingResult: string): void;
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

/** Milliseconds before a failed batch is tried again: doubled each time. AWS does not publish its own delays. */
const firstRetryDelay = 100;
const longestRetryDelay = 10_000;

/** Milliseconds before another look when the stream, the role or a destination is at fault: doubled each time. */
const firstTroubleDelay = 250;
const longestTroubleDelay = 30_000;

/** Records that are looked at in one read of the store. */
const readSize = 1_000;

/** A batch, or the part of it that is to be tried next. */
interface Part {
    readonly items: readonly EventItem[];
    readonly failures: number;
    readonly requestId: string;
    readonly functionError: "Unhandled" | null | undefined;
}

export function startLane(mapping: StoredMapping, at: ShardLane, dependencies: LaneDependencies): Lane {
    const { context, functions, environments, destinations, store, onResult } = dependencies;
    const { settings, streamArn } = mapping;
    const streamName = streamArn.slice(streamArn.indexOf("/") + 1);
    /** Everything up to here is done. */
    let done = store.checkpoint(at);
    let stopped = false;
    let busy = false;
    let woken = false;
    let rouse: (() => void) | undefined;
    let trouble: string | undefined;
    let troubles = 0;

    /** Sleeps until a record comes, the lane is stopped, or the time is over. */
    function pause(milliseconds: number | undefined, untilWoken: boolean): Promise<void> {
        if (stopped || (untilWoken && woken)) return Promise.resolve();
        return new Promise((resolve) => {
            const timer = milliseconds === undefined ? undefined : setTimeout(finish, milliseconds);
            function finish(): void {
                clearTimeout(timer);
                rouse = undefined;
                resolve();
            }
            rouse = () => {
                if (stopped || untilWoken) finish();
            };
        });
    }

    /** The next records of this lane, and the last sequence number that was looked at for them. */
    function read(limit: number): { records: StoredRecord[]; seen: string | undefined } {
        const records: StoredRecord[] = [];
        let seen = done;
        for (;;) {
            const from = seen === undefined ? {} : { after: seen };
            const page = context
                .services()
                .kinesis.read({ streamName, shardId: at.shardId, limit: Math.min(readSize, limit), ...from });
            for (const record of page) {
                seen = record.sequenceNumber;
                if (mine(record) && passesFilters(settings.filters, record.data)) records.push(record);
                if (records.length === limit) return { records, seen };
            }
            if (page.length === 0) return { records, seen };
        }
    }

    function mine({ partitionKey }: StoredRecord): boolean {
        if (settings.parallelizationFactor === 1) return true;
        const digest = Number.parseInt(hash("md5", partitionKey).slice(0, 8), 16);
        return digest % settings.parallelizationFactor === at.lane;
    }

    function role(): Caller {
        const of = functions.get(mapping.functionName);
        return { kind: "role", roleArn: of.settings.Role, sessionName: of.name };
    }

    /** Waits for records and gathers a batch. Undefined when there is nothing to do yet. */
    async function gather(): Promise<readonly EventItem[] | undefined> {
        woken = false;
        const caller = role();
        context.iam.authorize(caller, "kinesis:GetShardIterator", streamArn);
        context.iam.authorize(caller, "kinesis:GetRecords", streamArn);
        let found = read(settings.batchSize);
        if (found.records.length === 0) {
            // What others read or the filters keep away is done with, too.
            if (found.seen !== undefined && found.seen !== done) await advance(found.seen);
            busy = false;
            await pause(undefined, true);
            return undefined;
        }
        busy = true;
        const origin = {
            streamArn,
            shardId: at.shardId,
            roleArn: caller.kind === "role" ? caller.roleArn : "",
        };
        const deadline = Date.now() + settings.batchingWindow * 1000;
        for (;;) {
            const all = found.records.map((record) => eventItem(record, origin));
            const items = fitting(all);
            const left = deadline - Date.now();
            if (items.length === settings.batchSize || items.length < all.length || left <= 0) return items;
            await pause(left, true);
            woken = false;
            if (stopped) return undefined;
            found = read(settings.batchSize);
        }
    }

    async function advance(sequenceNumber: string): Promise<void> {
        await store.setCheckpoint(at, sequenceNumber);
        done = sequenceNumber;
    }

    const lastOf = (items: readonly EventItem[]) => items.at(-1)?.sequenceNumber ?? "";

    /** Deals with a whole batch: splits, repeats and gives up as the mapping says. */
    async function handle(batch: readonly EventItem[]): Promise<void> {
        const parts: Part[] = [{ items: batch, failures: 0, requestId: randomUUID(), functionError: undefined }];
        for (let part = parts.pop(); part !== undefined && !stopped; part = parts.pop()) {
            const { items, failures } = part;
            const expired = expiredCount(items);
            if (expired > 0) {
                const rest = items.slice(expired);
                if (!(await giveUp({ ...part, items: items.slice(0, expired) }, "RecordAgeExceeded"))) return;
                if (rest.length > 0) parts.push({ ...part, items: rest, failures: 0 });
                continue;
            }
            const next = await attempt(part);
            if (next === undefined) return;
            if (next.kind === "done") {
                await advance(lastOf(items));
                continue;
            }
            const failed: Part = { ...part, requestId: next.requestId, functionError: next.functionError };
            const before = items[next.from - 1];
            if (before !== undefined) {
                // Progress: what is left begins again with all its attempts.
                await advance(before.sequenceNumber);
                parts.push({ ...failed, items: items.slice(next.from), failures: 0 });
            } else if (settings.bisect && items.length > 1) {
                const half = Math.ceil(items.length / 2);
                // Splitting uses up no attempt. The first half comes first: order is kept.
                parts.push({ ...failed, items: items.slice(half) }, { ...failed, items: items.slice(0, half) });
            } else if (settings.maximumRetryAttempts >= 0 && failures >= settings.maximumRetryAttempts) {
                const last = { ...failed, failures: failures + 1 };
                if (!(await giveUp(last, "RetryAttemptsExhausted"))) return;
            } else {
                parts.push({ ...failed, failures: failures + 1 });
                await pause(Math.min(firstRetryDelay * 2 ** failures, longestRetryDelay), false);
            }
        }
    }

    function expiredCount(items: readonly EventItem[]): number {
        if (settings.maximumRecordAge < 0) return 0;
        const oldest = Date.now() - settings.maximumRecordAge * 1000;
        const fresh = items.findIndex(({ arrival }) => arrival.getTime() >= oldest);
        return fresh < 0 ? items.length : fresh;
    }

    /** Invokes the function once. Undefined when the lane was stopped meanwhile and the outcome says nothing. */
    async function attempt({ items }: Part) {
        const requestId = randomUUID();
        const payload = Buffer.from(eventOf(items));
        for (;;) {
            try {
                const outcome = await environments.invoke(mapping.functionName, { requestId, payload }, "wait");
                // The end of the twin, or of the mapping, is no failure of the function.
                if (stopped && !outcome.ok) return undefined;
                const sequenceNumbers = items.map(({ sequenceNumber }) => sequenceNumber);
                const verdict = judge(outcome, sequenceNumbers, settings.reportsBatchItemFailures);
                settleTrouble(verdict.kind === "done" ? "OK" : "PROBLEM: Function call failed");
                return { ...verdict, requestId };
            } catch (error) {
                if (stopped) return undefined;
                await rest(error);
                if (stopped) return undefined;
            }
        }
    }

    /** Writes the failure record and passes on. False when the lane was stopped before that was done. */
    async function giveUp(part: Part, condition: "RetryAttemptsExhausted" | "RecordAgeExceeded"): Promise<boolean> {
        const record = failureRecord({
            functionArn: functionArn(mapping.functionName),
            streamArn,
            shardId: at.shardId,
            items: part.items,
            condition,
            // AWS counts one for records that were too old before the function saw them.
            invocations: Math.max(1, part.failures),
            requestId: part.requestId,
            functionError: condition === "RecordAgeExceeded" ? undefined : part.functionError,
        });
        if (settings.onFailure === undefined) {
            report(
                `drops ${part.items.length} record(s) of ${at.shardId} (${condition}): it has no on-failure destination`,
            );
        }
        while (settings.onFailure !== undefined) {
            try {
                const of = functions.get(mapping.functionName);
                await destinations.write(of, settings.onFailure, failurePrefix(mapping.uuid, at.shardId), record);
                break;
            } catch (error) {
                if (stopped) return false;
                await rest(error);
                if (stopped) return false;
            }
        }
        await advance(lastOf(part.items));
        return true;
    }

    /** Says what is wrong, once, and waits: records are kept until it is put right. */
    async function rest(error: unknown): Promise<void> {
        const reason = error instanceof AwsError ? error.message : String(error);
        if (trouble !== reason) report(`waits: ${reason}`);
        trouble = reason;
        onResult(`PROBLEM: ${reason}`);
        await pause(Math.min(firstTroubleDelay * 2 ** troubles++, longestTroubleDelay), false);
    }

    function settleTrouble(result: string): void {
        trouble = undefined;
        troubles = 0;
        onResult(result);
    }

    function report(what: string): void {
        const message = `The mapping of ${streamName} to ${mapping.functionName} ${what}`;
        context.report({ level: "warning", source: "lambda", message });
    }

    async function run(): Promise<void> {
        while (!stopped) {
            try {
                const batch = await gather();
                if (batch !== undefined && !stopped) await handle(batch);
            } catch (error) {
                if (stopped) return;
                await rest(error);
            }
        }
    }

    const ended = run();
    return {
        shardId: at.shardId,
        wake() {
            woken = true;
            rouse?.();
        },
        idle() {
            if (busy) return false;
            try {
                return read(1).records.length === 0;
            } catch {
                // No stream, nothing to read.
                return true;
            }
        },
        async stop() {
            stopped = true;
            rouse?.();
            await ended;
        },
    };
}

/** Start of the keys under which Lambda stores what a mapping could not process. */
export function failurePrefix(uuid: string, shardId: string): string {
    return `aws/lambda/${uuid}/${shardId}/`;
}
