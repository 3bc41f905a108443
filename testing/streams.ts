import type { Connection } from "../automation/connection";
import { recordsBetween } from "../automation/stream-records";
import { MAX_CLAIM_BYTES } from "../components/runtime/claim-check";
import { decodeEnvelope, type Envelope } from "../components/runtime/envelope";
import type { ObjectStore } from "../components/runtime/object-store";
import type { Twin } from "../local/twin";
import { objectsThrough } from "./objects";
import { streamNamed } from "./target-stream";

/** The data on a stream, in the order in which they came; those with one partition key in the order of their shard. */
export async function readRecords(twin: Twin, { clients }: Connection, name: string): Promise<unknown[]> {
    const { streamName } = streamNamed(twin.stack.export(), name);
    const found: { readonly arrived: Date; readonly envelope: Envelope }[] = [];
    const tomorrow = new Date(twin.clock.now() + 86_400_000);
    for await (const page of recordsBetween(clients.kinesis, streamName, new Date(0), tomorrow)) {
        for (const { data, arrived } of page) found.push({ arrived, envelope: decodeEnvelope(data) });
    }
    // Sorting keeps the order of what arrived at the same time.
    found.sort((a, b) => a.arrived.getTime() - b.arrived.getTime());
    const store = objectsThrough(clients.s3);
    return Promise.all(found.map(({ envelope }) => dataOf(envelope, store)));
}

/** Data that are too big for a record lie in the stream's bucket. */
async function dataOf(envelope: Envelope, store: ObjectStore): Promise<unknown> {
    if ("data" in envelope) return envelope.data;
    const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(envelope.dataref ?? "") ?? [];
    const content = await store.get({ bucket, key, maxBytes: MAX_CLAIM_BYTES });
    return JSON.parse(content?.toString("utf8") ?? "null") as unknown;
}
