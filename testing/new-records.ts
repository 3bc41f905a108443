import { randomUUID } from "node:crypto";
import { claimsIn } from "../components/runtime/claim-check";
import { wrap } from "../components/runtime/envelope";
import type { ObjectStore } from "../components/runtime/object-store";
import { type Outgoing, outgoing } from "../components/runtime/stream-writer";
import { beginTrace } from "../components/runtime/trace-context";
import type { TargetStream } from "./target-stream";

/** The writer that claims and envelopes name, where a stage names itself. */
const writer = "test";

/**
 * A test's data as a stage would write them to a stream: each in an envelope with an id, its own where it has one, and a
 * trace of its own; in the stream's bucket if it is too big for a record.
 * @throws Error that names the one which no stage could write.
 */
export async function newRecords<T>(
    { name, bucket, kind }: TargetStream,
    data: readonly T[],
    options: {
        readonly partitionKey?: (datum: T) => string;
        readonly store: ObjectStore;
        readonly now: Date;
    },
): Promise<Outgoing[]> {
    const { partitionKey, store, now } = options;
    const { signal } = new AbortController();
    const claims = claimsIn(store, bucket);
    const records: Outgoing[] = [];
    for (const [origin, datum] of data.entries()) {
        try {
            const about = { id: randomUUID(), source: `/${writer}`, kind, traceparent: beginTrace() };
            const envelope = wrap(datum, about, now);
            const key = partitionKey?.(datum);
            const into = { kind, partitionBy: key === undefined || key === "" ? undefined : () => key };
            records.push(await outgoing(envelope, { origin, stage: writer, into, claims, signal }));
        } catch (error) {
            const which = `Record [${origin}] of ${data.length} for the stream "${name}"`;
            throw new Error(`${which} cannot be written: ${problemOf(datum, error)}`, { cause: error });
        }
    }
    return records;
}

function problemOf(datum: unknown, error: unknown): string {
    try {
        if (JSON.stringify(datum) === undefined) return `it is ${typeof datum}, which JSON cannot hold.`;
    } catch (reason) {
        return `JSON cannot hold it: ${(reason as Error).message}`;
    }
    return error instanceof Error ? error.message : String(error);
}
