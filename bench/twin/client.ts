// The client of a Kinesis service, in a process of its own, so that it shares no event loop with what it measures.
// Takes a job as JSON in its first argument, and prints the result as its last line.
import { randomBytes } from "node:crypto";
import {
    CreateStreamCommand,
    DescribeStreamSummaryCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    KinesisClient,
    ListShardsCommand,
    PutRecordCommand,
    PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { record } from "../harness/envelope";
import type { Address } from "./server";

export interface Job {
    readonly server: Address;
    /** `2` is the SDK's default client. */
    readonly http: "1.1" | "2";
    readonly stream: string;
    readonly work:
        | { readonly kind: "create"; readonly shards: number }
        /** Random data, or letters in envelopes for the stage. */
        | { readonly kind: "put"; readonly records: number; readonly chunk: number; readonly letters: boolean }
        | { readonly kind: "get"; readonly records: number; readonly chunk: number }
        /** One record at a time, some milliseconds apart. */
        | { readonly kind: "pulse"; readonly records: number; readonly pause: number }
        /** When the records arrived: the first and the last. */
        | { readonly kind: "count"; readonly records: number }
        | { readonly kind: "delays"; readonly records: number };
}

/** Records a second of each chunk, or what the job was about. */
export type Result = readonly number[];

const perCall = 500;
const bytes = 1024;
const callers = 4;

function clientFor({ server, http }: Job): KinesisClient {
    const { endpoint, accessKeyId } = server;
    return new KinesisClient({
        ...{ endpoint, region: "eu-central-1", maxAttempts: 1 },
        credentials: { accessKeyId, secretAccessKey: accessKeyId },
        ...(http === "1.1" ? { requestHandler: new NodeHttpHandler() } : {}),
    });
}

async function create(client: KinesisClient, StreamName: string, ShardCount: number): Promise<Result> {
    await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
    for (;;) {
        const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
        if (StreamDescriptionSummary?.StreamStatus === "ACTIVE") return [];
    }
}

/** As long as the whole record is to be, envelope included. */
function letter(id: string): Buffer {
    const frame = record({ id, text: "" }).byteLength;
    return record({ id, text: "x".repeat(bytes - frame) });
}

/** Calls a function in turns by several callers, and tells how many records a second each chunk had. */
async function measured(records: number, chunk: number, call: () => Promise<number>): Promise<Result> {
    const rates: number[] = [];
    let done = 0;
    let began = performance.now();
    let inChunk = 0;
    const caller = async () => {
        while (done < records) {
            const count = await call();
            done += count;
            inChunk += count;
            if (inChunk < chunk) continue;
            rates.push((inChunk / (performance.now() - began)) * 1000);
            began = performance.now();
            inChunk = 0;
        }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return rates;
}

function put(client: KinesisClient, StreamName: string, job: Job["work"] & { kind: "put" }): Promise<Result> {
    const pool = Array.from({ length: perCall }, () => randomBytes(bytes));
    let number = 0;
    return measured(job.records, job.chunk, async () => {
        const Records = pool.map((data) => {
            const id = `letter-${number++}`;
            return { PartitionKey: id, Data: job.letters ? letter(id) : data };
        });
        const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }));
        if (FailedRecordCount !== 0) throw new Error(`${FailedRecordCount} records were refused.`);
        return Records.length;
    });
}

async function iterators(client: KinesisClient, StreamName: string): Promise<string[]> {
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
    return Promise.all(
        Shards.map(async ({ ShardId }) => {
            const input = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" as const };
            return (await client.send(new GetShardIteratorCommand(input))).ShardIterator ?? "";
        }),
    );
}

async function get(client: KinesisClient, stream: string, job: Job["work"] & { kind: "get" }): Promise<Result> {
    const waiting = await iterators(client, stream);
    return measured(job.records, job.chunk, async () => {
        const ShardIterator = waiting.shift();
        if (ShardIterator === undefined) return new Promise((resolve) => setImmediate(() => resolve(0)));
        const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: perCall }));
        if (page.NextShardIterator !== undefined) waiting.push(page.NextShardIterator);
        return page.Records?.length ?? 0;
    });
}

async function pulse(client: KinesisClient, StreamName: string, job: Job["work"] & { kind: "pulse" }): Promise<Result> {
    for (let number = 0; number < job.records; number++) {
        await new Promise((resolve) => setTimeout(resolve, job.pause * (0.5 + Math.random())));
        const id = `pulse-${number}`;
        const data = { id, sent: performance.timeOrigin + performance.now(), received: 0 };
        await client.send(new PutRecordCommand({ StreamName, PartitionKey: id, Data: record(data) }));
    }
    return [];
}

/** Reads a stream until all records have come. Looks seldom, so that it does not take part in what is measured. */
async function all(client: KinesisClient, stream: string, records: number) {
    const ids = new Set<string>();
    const arrivals: number[] = [];
    const data: Record<string, unknown>[] = [];
    let waiting = await iterators(client, stream);
    while (ids.size < records) {
        const next: string[] = [];
        let read = 0;
        for (const ShardIterator of waiting) {
            const page = await client.send(new GetRecordsCommand({ ShardIterator }));
            if (page.NextShardIterator !== undefined) next.push(page.NextShardIterator);
            read += page.Records?.length ?? 0;
            for (const record of page.Records ?? []) {
                const read = JSON.parse(Buffer.from(record.Data ?? []).toString("utf8")) as {
                    id: string;
                    data: Record<string, unknown>;
                };
                ids.add(read.id);
                data.push(read.data);
                arrivals.push(record.ApproximateArrivalTimestamp?.getTime() ?? Number.NaN);
            }
        }
        waiting = next;
        if (read === 0) await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return { arrivals, data };
}

async function work(job: Job): Promise<Result> {
    const client = clientFor(job);
    try {
        switch (job.work.kind) {
            case "create":
                return await create(client, job.stream, job.work.shards);
            case "put":
                return await put(client, job.stream, job.work);
            case "get":
                return await get(client, job.stream, job.work);
            case "pulse":
                return await pulse(client, job.stream, job.work);
            case "count": {
                const { arrivals } = await all(client, job.stream, job.work.records);
                return [Math.min(...arrivals), Math.max(...arrivals)];
            }
            case "delays": {
                const { data } = await all(client, job.stream, job.work.records);
                return data.map(({ sent, received }) => Number(received) - Number(sent));
            }
        }
    } finally {
        client.destroy();
    }
}

work(JSON.parse(process.argv[2] ?? "") as Job).then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));
