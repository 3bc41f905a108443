import type { TwinContext } from "../context";
import { AwsError } from "../service";
import type { Queue } from "./queues";

/** Milliseconds for which SQS remembers a deletion, and a purge. */
const minute = 60_000;

/** Calls a second for each action on a FIFO queue without high throughput. */
const fifoCalls = 300;

const mostInFlight = 120_000;

/** Why a receiver that does not wait gets nothing of what there is. */
export function overLimit({ name }: Queue): AwsError {
    return new AwsError(
        "OverLimit",
        `The queue ${name} has ${mostInFlight.toLocaleString("en")} messages in flight, the most that it can have. Delete what is done.`,
        403,
    );
}

/** What SQS makes its callers wait for. Only the pace of AWS has it; a restart of the twin forgets what was. */
export interface Quotas {
    /** @throws AwsError QueueDeletedRecently */
    create(name: string): void;
    deleted(name: string): void;
    /** @throws AwsError PurgeQueueInProgress */
    purge(name: string): void;
    /** @throws AwsError RequestThrottled */
    call(action: string, queue: Queue): void;
    /** How many more messages of a queue may be in flight. @param now how many are. */
    room(now: () => number): number;
}

const none: Quotas = { create() {}, deleted() {}, purge() {}, call() {}, room: () => Number.POSITIVE_INFINITY };

export function createQuotas({ pace, clock }: Pick<TwinContext, "pace" | "clock">): Quotas {
    if (pace === "fast") return none;
    const deletions = new Map<string, number>();
    const purges = new Map<string, number>();
    const calls = new Map<string, { second: number; count: number }>();

    /** Whether it was within the last minute; forgets what was before. */
    function recently(times: Map<string, number>, name: string): boolean {
        const since = clock.now() - minute;
        for (const [each, time] of times) if (time <= since) times.delete(each);
        return times.has(name);
    }

    return {
        create(name) {
            if (!recently(deletions, name)) return;
            throw new AwsError(
                "QueueDeletedRecently",
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
            );
        },
        deleted(name) {
            deletions.set(name, clock.now());
            purges.delete(name);
        },
        purge(name) {
            if (recently(purges, name)) {
                throw new AwsError(
                    "PurgeQueueInProgress",
                    `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
                );
            }
            purges.set(name, clock.now());
        },
        call(action, { name, fifo, attributes }) {
            if (!fifo || attributes.FifoThroughputLimit === "perMessageGroupId") return;
            const key = `${action} ${name}`;
            const second = Math.floor(clock.now() / 1000);
            const known = calls.get(key);
            const count = known?.second === second ? known.count + 1 : 1;
            calls.set(key, { second, count });
            if (count > fifoCalls)
                throw new AwsError("RequestThrottled", "The request was denied due to request throttling.");
        },
        room: (now) => mostInFlight - now(),
    };
}
