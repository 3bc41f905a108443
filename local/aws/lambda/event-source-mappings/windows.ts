import { randomUUID } from "node:crypto";
import type { Pace } from "../../context";
import { type EventItem, eventOf, fitting } from "./event";
import type { LaneParts } from "./lane";
import { retryDelay } from "./retry-delay";
import { type TumblingWindow, windowAt, windowMembers } from "./tumbling-window";
import { judge } from "./verdict";

/** Milliseconds that Lambda waits for records of a window that has ended, unless there are some of a later one. */
const patience: Readonly<Record<Pace, number>> = { fast: 0, aws: 120_000 };

/** The tumbling windows of a lane, one after the other. */
export interface Windows {
    /** Ends the open window if the first item is of a later one. Returns the first items, those of one window. */
    admit(items: readonly EventItem[]): Promise<readonly EventItem[]>;
    /** The members of an event with records of the open window; undefined when the mapping has no windows. */
    members(): string | undefined;
    /** The open window ends before anything else is done: its state has become too large, or there is another length. */
    mustClose(): boolean;
    /** Did a record that came at that time come after the open window? */
    endsBefore(arrival: Date): boolean;
    /** Has the open window ended by that time, even if its last records were still to be read? */
    isOver(time: number): boolean;
    /** Until the open window is over. */
    millisecondsLeft(): number | undefined;
    /** Invokes the function for the last time in the open window, until it succeeds: Lambda reads no further before. */
    close(): Promise<void>;
}

export function createWindows({
    mapping,
    at,
    dependencies,
    sleeper,
    progress,
    wait,
    because,
    report,
}: LaneParts): Windows {
    const { context, environments, onResult } = dependencies;
    const { tumblingWindow: seconds, reportsBatchItemFailures: reportsItems } = mapping.settings;
    const origin = { streamArn: mapping.streamArn, shardId: at.shardId };

    const hasOtherLength = ({ start, end }: TumblingWindow) => end - start !== seconds * 1000;
    const overAt = ({ end }: TumblingWindow) => end + patience[context.pace];

    async function close(): Promise<void> {
        if (progress.window === undefined) return;
        // Whatever ends a window before its time ends it early: its state, the shard, another length.
        const isTerminatedEarly = context.clock.now() < progress.window.end || progress.window.isTerminatedEarly;
        for (let failures = 0; progress.window !== undefined && !sleeper.stopped; failures++) {
            try {
                if (await succeeds(progress.window, isTerminatedEarly)) return await progress.close();
                if (sleeper.stopped) return;
                if (failures === 0) report(`reads no further in ${at.shardId}: the last invocation of a window failed`);
                because(`the last call of a window has failed, and is repeated until it succeeds`);
                await sleeper.rest(retryDelay(context.pace, failures));
            } catch (error) {
                await wait(error);
            }
        }
    }

    async function succeeds(window: TumblingWindow, isTerminatedEarly: boolean): Promise<boolean> {
        const payload = Buffer.from(eventOf([], windowMembers(window, origin, { isTerminatedEarly })));
        const invocation = { requestId: randomUUID(), payload };
        const outcome = await environments.invoke(mapping.functionName, invocation, "wait", sleeper.signal);
        const isDone = judge(outcome, [], { reportsItems, keepsState: true }).kind === "done";
        if (!sleeper.stopped || isDone) onResult(isDone ? "OK" : "PROBLEM: Function call failed");
        return isDone;
    }

    return {
        async admit(items) {
            const [first] = items;
            if (seconds === 0 || first === undefined) return items;
            const own = windowAt(first.arrival, seconds);
            if (progress.window !== undefined && own.start > progress.window.start) await close();
            if (sleeper.stopped) return [];
            if (progress.window === undefined) progress.open(own);
            const later = items.findIndex(({ arrival }) => arrival.getTime() >= own.end);
            const members = Buffer.byteLength(windowMembers(progress.window ?? own, origin));
            return fitting(later < 0 ? items : items.slice(0, later), members);
        },
        members: () => (progress.window === undefined ? undefined : windowMembers(progress.window, origin)),
        mustClose: () =>
            progress.window !== undefined && (progress.window.isTerminatedEarly || hasOtherLength(progress.window)),
        endsBefore: (arrival) => progress.window !== undefined && arrival.getTime() >= progress.window.end,
        isOver: (time) => progress.window !== undefined && time >= overAt(progress.window),
        millisecondsLeft: () =>
            progress.window === undefined ? undefined : Math.max(0, overAt(progress.window) - context.clock.now()),
        close,
    };
}
