/**
 * What Kinesis of the twin takes and gives, with the SDK's default client (HTTP/2) in one process and the twin in
 * another: 1 kB records, 500 a call, one call at a time, on disk before each answer.
 *
 * - `puts_per_s`, `gets_per_s`: into and out of a stream with one shard.
 * - `puts_4_shards_per_s`: into a stream with four.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
    CreateStreamCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    KinesisClient,
    PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { type Figures, figure } from "./harness/figures";
import { progress } from "./harness/progress";
import { median } from "./harness/samples";

export const summary = "Kinesis of the twin: puts and gets a second, with the SDK's default client";

const ROUNDS = 7;
const CALLS = 40;
const RECORDS = 500;
const data = Buffer.alloc(1024, "x");

export async function measure(): Promise<Figures> {
    const home = mkdtempSync(join(tmpdir(), "sortline-bench-"));
    const twin = spawn(process.execPath, ["--import", "tsx", join(__dirname, "kinesis", "twin.ts"), home], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    try {
        const [line] = (await once(createInterface(twin.stdout), "line")) as [string];
        const { address, token } = JSON.parse(line) as { address: string; token: string };
        const client = new KinesisClient({
            endpoint: address,
            region: "eu-central-1",
            credentials: { accessKeyId: token, secretAccessKey: "unused" },
        });
        const figures = await measureWith(client);
        client.destroy();
        return figures;
    } finally {
        twin.stdin.end();
        await once(twin, "exit");
        rmSync(home, { recursive: true });
    }
}

async function measureWith(client: KinesisClient): Promise<Figures> {
    const puts: number[] = [];
    const gets: number[] = [];
    const putsIntoFour: number[] = [];
    // The first round warms up and does not count.
    for (let round = -1; round < ROUNDS; round++) {
        progress(`Kinesis: round ${round + 2} of ${ROUNDS + 1}`);
        const one = await streamOf(client, `one${round}`, 1);
        const four = await streamOf(client, `four${round}`, 4);
        const put = await perSecond(() => putAll(client, one));
        const get = await perSecond(() => getAll(client, one));
        const putIntoFour = await perSecond(() => putAll(client, four));
        if (round < 0) continue;
        puts.push(put);
        gets.push(get);
        putsIntoFour.push(putIntoFour);
    }
    return {
        puts_per_s: figure(Math.round(median(puts)), "records/s"),
        gets_per_s: figure(Math.round(median(gets)), "records/s"),
        puts_4_shards_per_s: figure(Math.round(median(putsIntoFour)), "records/s"),
    };
}

async function perSecond(work: () => Promise<void>): Promise<number> {
    const start = performance.now();
    await work();
    return (CALLS * RECORDS * 1000) / (performance.now() - start);
}

async function streamOf(client: KinesisClient, StreamName: string, ShardCount: number): Promise<string> {
    await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
    return StreamName;
}

async function putAll(client: KinesisClient, StreamName: string): Promise<void> {
    for (let call = 0; call < CALLS; call++) {
        const Records = Array.from({ length: RECORDS }, (_, n) => ({ PartitionKey: `key-${call}-${n}`, Data: data }));
        const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }));
        if (FailedRecordCount !== 0) throw new Error(`${FailedRecordCount} records of a call were refused.`);
    }
}

async function getAll(client: KinesisClient, StreamName: string): Promise<void> {
    const start = { StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    for (let read = 0; read < CALLS * RECORDS; ) {
        const output = await client.send(new GetRecordsCommand({ ShardIterator, Limit: RECORDS }));
        if (output.Records?.length !== RECORDS) throw new Error(`A call gave ${output.Records?.length} records.`);
        read += RECORDS;
        ShardIterator = output.NextShardIterator;
    }
}
