import { claimsIn } from "./claim-check";
import type { Destination } from "./destination";
import { wrap } from "./envelope";
import type { ObjectStore } from "./object-store";
import { RejectRecord } from "./reject-record";
import { violation } from "./schema-check";
import { type Outgoing, outgoing } from "./stream-writer";

/** What results are made from: its position in the batch, its id, which they take over, and the trace that they go on with. */
export interface Origin {
    readonly origin: number;
    readonly id: string;
    readonly traceparent: string;
}

/** Who writes results, and where to. */
export interface Writer {
    readonly stage: string;
    /** The `source` of the envelopes that the stage writes. */
    readonly source: string;
    readonly into?: Destination;
    readonly store: ObjectStore;
}

/**
 * The records to put for what a callback returned: none, one or several.
 * @throws RejectRecord for what does not fit the stream, ResultError for a partition key that is none.
 */
export async function emittedRecords(
    result: unknown,
    { origin, id, traceparent }: Origin,
    { stage, source, into, store }: Writer,
    signal: AbortSignal,
): Promise<Outgoing[]> {
    if (into === undefined) return [];
    const several = Array.isArray(result);
    const claims = claimsIn(store, into.bucket);
    const records: Outgoing[] = [];
    for (const [index, datum] of (several ? (result as unknown[]) : [result]).entries()) {
        if (datum === undefined) continue;
        const problem = violation(into.validate, datum);
        if (problem !== undefined) {
            throw new RejectRecord(`What the stage made of it does not fit the stream ${into.kind.type}: ${problem}.`);
        }
        const envelope = wrap(datum, { id: several ? `${id}/${index}` : id, source, kind: into.kind, traceparent });
        records.push(await outgoing(envelope, { origin, stage, into, claims, signal }));
    }
    return records;
}
