import type { TwinContext } from "../../context";
import { AwsError } from "../../service";
import type { Destinations } from "../destinations";
import type { Environments } from "../environments";
import type { FunctionStore } from "../function-store";
import { createBatches } from "./batches";
import { gather } from "./gather";
import type { StoredMapping } from "./mapping";
import type { MappingStore, ShardLane } from "./mapping-store";
import { createProgress, type Progress } from "./progress";
import { nextRecord } from "./shard-reader";
import { createSleeper, type Sleeper } from "./sleeper";
import { createWindows } from "./windows";

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

/** What the parts of a lane share. */
export interface LaneParts {
    readonly mapping: StoredMapping;
    readonly at: ShardLane;
    readonly dependencies: LaneDependencies;
    readonly sleeper: Sleeper;
    readonly progress: Progress;
    /** Says what is wrong, once, and waits: records are kept until it is put right. */
    wait(error: unknown): Promise<void>;
    /** What the last wait was for is put right. */
    recovered(): void;
    /** Says why what is unread is not handled at once, until it is called again; undefined where it is. */
    because(reason: string | undefined): void;
    /** Tells the person who runs the twin what the mapping does, as `drops …`. */
    report(what: string): void;
}

/** Reads one shard, or one lane of it, and invokes the function with what it finds, in order. */
export interface Lane {
    readonly shardId: string;
    /** New records may have come. */
    wake(): void;
    /** All that is in the shard has been dealt with; a window may be open still. */
    idle(): boolean;
    /** Why what is left is not handled at once, for a person; undefined where nothing is in its way. */
    reason(): string | undefined;
    /** Resolves when the invocation in progress has ended. What it has done is kept. */
    stop(): Promise<void>;
}

/** Milliseconds before another look when the stream, the role or a destination is at fault: doubled each time. */
const firstTroubleDelay = 250;
const longestTroubleDelay = 30_000;

const stopped = "it may not be called: its reserved concurrency (a stage's `concurrency`) is 0";

export function startLane(mapping: StoredMapping, at: ShardLane, dependencies: LaneDependencies): Lane {
    const { context, functions, store, onResult, onEnd } = dependencies;
    const sleeper = createSleeper(context.clock);
    const progress = createProgress(store, at);
    let busy = false;
    let over = false;
    let troubles = 0;
    let reason: string | undefined;

    const parts: LaneParts = {
        mapping,
        at,
        dependencies,
        sleeper,
        progress,
        async wait(error) {
            if (sleeper.stopped) return;
            const message = error instanceof AwsError ? error.message : String(error);
            if (troubles === 0) report(`waits: ${message}`);
            onResult(`PROBLEM: ${message}`);
            parts.because(`it waits: ${message}`);
            await sleeper.rest(Math.min(firstTroubleDelay * 2 ** troubles++, longestTroubleDelay));
        },
        recovered() {
            troubles = 0;
            parts.because(undefined);
        },
        because(now) {
            reason = now;
        },
        report,
    };
    const windows = createWindows(parts);
    const batches = createBatches(parts, windows);

    async function run(): Promise<void> {
        while (!sleeper.stopped && !over) {
            try {
                await step();
                parts.recovered();
            } catch (error) {
                await parts.wait(error);
            }
        }
        if (over) onEnd();
    }

    async function step(): Promise<void> {
        if (windows.mustClose() || windowIsOver()) return closeWindow();
        const { items, seen, ended } = await gather(parts);
        if (sleeper.stopped) return;
        if (items.length > 0) {
            busy = true;
            await batches.handle(await windows.admit(items));
            return;
        }
        // What other lanes read, or the filters keep away, is done with too.
        if (seen !== undefined) await progress.advance(seen, progress.window);
        if (progress.window !== undefined && ended) return closeWindow();
        busy = false;
        over = ended;
        if (!over) await sleeper.untilWoken(windows.millisecondsLeft());
    }

    /** Nothing of the open window is unread, nor can anything come: looked at before a batch is waited for. */
    function windowIsOver(): boolean {
        const now = context.clock.now();
        if (!windows.endsBefore(new Date(now))) return false;
        const next = nextRecord(context.services().kinesis, mapping, at, progress.done);
        return next === undefined ? windows.isOver(now) : windows.endsBefore(next.arrival);
    }

    async function closeWindow(): Promise<void> {
        busy = true;
        await windows.close();
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
            if (busy || windows.isOver(context.clock.now())) return false;
            try {
                return nextRecord(context.services().kinesis, mapping, at, progress.done) === undefined;
            } catch {
                // No stream, nothing to read.
                return true;
            }
        },
        reason: () => (functions.find(mapping.functionName)?.reservedConcurrency === 0 ? stopped : reason),
        async stop() {
            sleeper.stop();
            await ended;
        },
    };
}
