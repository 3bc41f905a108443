import type { Connection } from "../automation/connection";
import { componentsOf, type DeployedComponent, outputOf } from "../automation/deployment";
import { objectOf } from "../automation/failure-object";
import { recordsBetween } from "../automation/stream-records";
import { decodeEnvelope, type Envelope } from "../components/runtime/envelope";
import { root } from "../local/aws/service";
import type { StackExport } from "../local/pulumi";
import type { Twin } from "../local/twin";
import { envelopeOf } from "./envelope";

/** Kinesis takes so many records a call. */
const recordsPerCall = 500;

/** The stream that a test means: the one that the program exports by this name, else the one that it calls so. */
function streamNamed(stack: StackExport, name: string): DeployedComponent {
    const streams = componentsOf(stack, "EventStream");
    // Pulumi exports a component as its properties, of which this one says which it is.
    const urn = objectOf(stack.outputs[name])?.urn;
    const exported = stack.resources.find((resource) => resource.urn === urn)?.name;
    const found = streams.find((stream) => stream.name === (exported ?? name));
    if (found !== undefined) return found;
    const names = streams.map((stream) => stream.name).join(", ");
    throw new Error(`The program has no EventStream "${name}". ${names === "" ? "It has none." : `It has: ${names}.`}`);
}

/**
 * Puts data on a stream as a stage of the program would: each in an envelope of its own.
 * @throws Error where the stream takes no such record, for example for its size.
 */
export async function putRecords<T>(
    twin: Twin,
    name: string,
    data: readonly T[],
    partitionKey: ((datum: T) => string) | undefined,
): Promise<void> {
    const stream = streamNamed(twin.stack.export(), name);
    const StreamName = outputOf(stream, "streamName");
    for (let first = 0; first < data.length; first += recordsPerCall) {
        const Records = data.slice(first, first + recordsPerCall).map((datum) => {
            const envelope = envelopeOf(datum, stream.name, new Date(twin.clock.now()));
            return {
                PartitionKey: partitionKey?.(datum) ?? envelope.id,
                Data: Buffer.from(JSON.stringify(envelope), "utf8"),
            };
        });
        await twin.services.kinesis.operations.PutRecords({ StreamName, Records }, root);
    }
}

/** The data on a stream, in the order in which they came; those with one partition key in the order of their shard. */
export async function readRecords(twin: Twin, connection: Connection, name: string): Promise<unknown[]> {
    const stream = streamNamed(twin.stack.export(), name);
    const found: { readonly arrived: Date; readonly envelope: Envelope }[] = [];
    const { kinesis } = connection.clients;
    const tomorrow = new Date(twin.clock.now() + 86_400_000);
    for await (const page of recordsBetween(kinesis, outputOf(stream, "streamName"), new Date(0), tomorrow)) {
        for (const { data, arrived } of page) found.push({ arrived, envelope: decodeEnvelope(data) });
    }
    // Sorting keeps the order of what arrived at the same time.
    found.sort((a, b) => a.arrived.getTime() - b.arrived.getTime());
    return Promise.all(found.map(({ envelope }) => dataOf(envelope, connection)));
}

/** Data that are too big for a record lie in the stream's bucket. */
async function dataOf(envelope: Envelope, { clients }: Connection): Promise<unknown> {
    if ("data" in envelope) return envelope.data;
    const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(envelope.dataref ?? "") ?? [];
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const object = await clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return JSON.parse((await object.Body?.transformToString()) ?? "null") as unknown;
}
