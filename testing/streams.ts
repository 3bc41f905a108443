import type { Connection } from "../automation/connection";
import { recordsBetween } from "../automation/stream-records";
import { claimsIn } from "../components/runtime/claim-check";
import { decodeEnvelope, type Envelope } from "../components/runtime/envelope";
import type { Twin } from "../local/twin";
import { objectsThrough } from "./objects";
import { streamNamed } from "./target-stream";

/** The data on a stream, in the order in which they came; those with one partition key in the order of their shard. */
export async function readRecords(twin: Twin, { clients }: Connection, name: string): Promise<unknown[]> {
    const { streamName, bucket } = streamNamed(twin.stack.export(), name);
    const found: { readonly arrived: Date; readonly envelope: Envelope }[] = [];
    const tomorrow = new Date(twin.clock.now() + 86_400_000);
    for await (const page of recordsBetween(clients.kinesis, streamName, new Date(0), tomorrow)) {
        for (const { data, arrived } of page) found.push({ arrived, envelope: decodeEnvelope(data) });
    }
    // Sorting keeps the order of what arrived at the same time.
    found.sort((a, b) => a.arrived.getTime() - b.arrived.getTime());
    // Data that are too big for a record lie in the stream's bucket.
    const claims = claimsIn(objectsThrough(clients.s3), bucket);
    return Promise.all(
        found.map(({ envelope }) => ("data" in envelope ? envelope.data : claims.get(envelope.dataref ?? ""))),
    );
}
