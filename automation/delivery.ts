import type { Connection } from "./connection";
import type { KinesisEventRecord } from "./failure-object";
import { type CalledStage, callStage } from "./stage-call";

/** What became of a record that was given to a stage again. */
export type Outcome =
    /** `filtered`: the stage's filter leaves it out, so that there was nothing to do. */
    | { readonly kind: "done"; readonly filtered?: boolean }
    /** The stage rejected it: it is in the failure bucket, as this object. */
    | { readonly kind: "rejected"; readonly key: string }
    | { readonly kind: "failed"; readonly reason: string }
    /** It was not given to the stage. */
    | { readonly kind: "left"; readonly reason: string };

export interface Delivery {
    /** Calls the stage with records that fit into one call, in order. @returns one outcome a record. */
    deliver(records: readonly KinesisEventRecord[]): Promise<readonly Outcome[]>;
    /** Whether so many records failed, one after the other, that no more are tried. */
    readonly gaveUp: boolean;
    /** Why Lambda takes no calls of the stage, and what to do; undefined while it does. Nothing is tried any more then. */
    readonly stopped: string | undefined;
}

/** After so many failures in a row it is the stage that does not work, not the record. */
const patience = 10;

/**
 * Gives records to a stage as Lambda's event source mapping does: from the record on that it reports, it is called
 * again; a call that fails as a whole is split, to find the record at which it fails. That one is given up for now, and
 * so are the later records with its partition key, which must not overtake it; the rest goes on.
 */
export function createDelivery(connection: Connection, stage: CalledStage): Delivery {
    const heldKeys = new Set<string>();
    let failuresInARow = 0;
    let given = 0;
    let stopped: string | undefined;
    const gaveUp = () => failuresInARow >= patience;

    async function deliver(records: readonly KinesisEventRecord[]): Promise<Outcome[]> {
        const outcomes = new Map<KinesisEventRecord, Outcome>();
        const tried = new Set<KinesisEventRecord>();
        const fail = (record: KinesisEventRecord, reason: string) => {
            heldKeys.add(record.kinesis.partitionKey);
            failuresInARow++;
            outcomes.set(record, { kind: "failed", reason });
        };
        const queue: (readonly KinesisEventRecord[])[] = [records];
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            const ready = next.filter((record) => {
                const reason = gaveUp() ? "the stage failed too often in a row" : leftBehind(record);
                if (reason !== undefined) outcomes.set(record, { kind: "left", reason });
                return reason === undefined;
            });
            const [first] = ready;
            if (first === undefined) continue;
            const answer = await callStage(connection, stage, ready);
            if (answer.notCalled !== undefined) {
                stopped = `${answer.notCalled.what} ${givenBefore(given + tried.size)} ${answer.notCalled.remedy}`;
                break;
            }
            for (const record of ready) tried.add(record);
            if (answer.error !== undefined) {
                const middle = Math.ceil(ready.length / 2);
                if (ready.length === 1) fail(first, answer.error);
                else queue.unshift(ready.slice(0, middle), ready.slice(middle));
                continue;
            }
            const failedAt = answer.failedAt ?? ready.length;
            for (const record of ready.slice(0, failedAt)) {
                const { sequenceNumber } = record.kinesis;
                const key = answer.rejections.get(sequenceNumber);
                const done: Outcome = { kind: "done", filtered: answer.filtered?.has(sequenceNumber) };
                outcomes.set(record, key === undefined ? done : { kind: "rejected", key });
            }
            if (failedAt > 0) failuresInARow = 0;
            // Only the first record of a call is sure to have been tried: a call may also run out of time.
            else fail(first, "it failed again; see the stage's log");
            const rest = ready.slice(Math.max(failedAt, 1));
            if (rest.length > 0) queue.unshift(rest);
        }
        given += tried.size;
        return records.map((record) => outcomes.get(record) ?? { kind: "left", reason: "it was not tried" });
    }

    function leftBehind({ kinesis }: KinesisEventRecord): string | undefined {
        return heldKeys.has(kinesis.partitionKey) ? "an earlier record with its partition key failed" : undefined;
    }

    return {
        deliver,
        get gaveUp() {
            return gaveUp();
        },
        get stopped() {
            return stopped;
        },
    };
}

function givenBefore(given: number): string {
    if (given === 0) return "Nothing was given to it.";
    return `${given} ${given === 1 ? "record was" : "records were"} given to it before, and nothing since.`;
}
