/**
 * How fast the twin is, with everything on disk before it is acknowledged, and beside kinesalite 3.3.3, which people
 * use for Kinesis on their machine. Records have 1 kB; a client in a process of its own puts and gets 500 a call.
 *
 * - `put_records_per_s`, `get_records_per_s`: the SDK's default client, a million records, median of ten parts.
 * - `memory_mb_after_1m`: what the twin's process holds then, in 10^6 bytes.
 * - `put_ratio_kinesalite`: puts of the twin over those of kinesalite, which keeps them in memory; both by HTTP/1.1, in
 *   turns, from a client that has made its requests beforehand.
 * - `stage_records_per_s`: from a stream with four shards through a function that returns its records, 500 a batch, into
 *   another one. All are there when the stage begins; until the last has arrived in the other stream.
 * - `idle_latency_p95_ms`: from before the call of PutRecord to the handler, one record at a time.
 * - `start_ms`, `start_first_ms`: `startLocal` with a program of five stages; the median of the second to the sixth
 *   start in a process, and the first.
 */
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { answerOf } from "./harness/child-process";
import { type Figures, figure } from "./harness/figures";
import { progress } from "./harness/progress";
import { alternate, median } from "./harness/samples";
import type { Job, Result } from "./twin/client";
import { installKinesalite, type Server, startKinesalite, startTwin } from "./twin/server";

export const summary = "the twin: puts, gets, stages, latency, memory and starts, beside kinesalite";

const KINESALITE = "3.3.3";
const MANY = 1_000_000;
const RATIO_ROUNDS = 5;
const RATIO_RECORDS = 20_000;
const STAGE_RECORDS = 100_000;
const PULSES = 400;
const SHARDS = 4;

function run(server: Server, stream: string, work: Job["work"], http: Job["http"] = "2"): Promise<Result> {
    const { endpoint, accessKeyId } = server;
    const job: Job = { server: { endpoint, accessKeyId }, http, stream, work };
    return child(["--import=tsx", resolve(__dirname, "twin/client.ts"), JSON.stringify(job)]);
}

function child(parameters: readonly string[]): Promise<Result> {
    const environment = { ...(process.env as Record<string, string>), NODE_NO_WARNINGS: "1" };
    return answerOf<Result>(parameters, { cwd: resolve(__dirname, ".."), environment });
}

async function throughput(): Promise<Figures> {
    const twin = await startTwin();
    try {
        await run(twin, "many", { kind: "create", shards: SHARDS });
        const puts = await run(twin, "many", { kind: "put", records: MANY, chunk: MANY / 10, letters: false });
        const gets = await run(twin, "many", { kind: "get", records: MANY, chunk: MANY / 10 });
        return {
            put_records_per_s: figure(median(puts), "records/s"),
            get_records_per_s: figure(median(gets), "records/s"),
            memory_mb_after_1m: figure(twin.residentMegabytes(), "MB"),
        };
    } finally {
        await twin.stop();
    }
}

async function besideKinesalite(): Promise<Figures> {
    const folder = await installKinesalite(KINESALITE);
    const servers = { twin: await startTwin(), kinesalite: await startKinesalite(folder) };
    try {
        for (const server of Object.values(servers)) {
            await run(server, "ratio", { kind: "create", shards: SHARDS }, "1.1");
        }
        const side =
            ({ endpoint, accessKeyId }: Server) =>
            async () => {
                const address = JSON.stringify({ endpoint, accessKeyId });
                const client = resolve(__dirname, "twin/prepared-client.ts");
                return median(await child(["--import=tsx", client, address, "ratio", String(RATIO_RECORDS)]));
            };
        const rates = await alternate(RATIO_ROUNDS, {
            twin: side(servers.twin),
            kinesalite: side(servers.kinesalite),
        });
        const medians = { twin: median(rates.twin), kinesalite: median(rates.kinesalite) };
        return {
            put_ratio_kinesalite: figure(medians.twin / medians.kinesalite, "ratio"),
            put_records_per_s_http1: figure(medians.twin, "records/s"),
            put_records_per_s_kinesalite: figure(medians.kinesalite, "records/s"),
        };
    } finally {
        await Promise.all(Object.values(servers).map((server) => server.stop()));
        rmSync(folder, { recursive: true, force: true });
    }
}

/** Switches the mapping of a stream on or off. */
async function readStream(server: Server, stream: string, Enabled: boolean): Promise<void> {
    const { endpoint, accessKeyId } = server;
    const credentials = { accessKeyId, secretAccessKey: accessKeyId };
    const lambda = new LambdaClient({ endpoint, region: "eu-central-1", credentials });
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
    const UUID = EventSourceMappings.find(({ EventSourceArn }) => EventSourceArn?.endsWith(`/${stream}`))?.UUID;
    if (UUID === undefined) throw new Error(`No stage reads ${stream}.`);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
    lambda.destroy();
}

async function stage(): Promise<Figures> {
    const twin = await startTwin("forward");
    const { input = "", output = "", pulses = "", received = "" } = twin.streams;
    try {
        // The first records also start the function's processes, which is not what is measured.
        await run(twin, input, { kind: "put", records: 2000, chunk: 2000, letters: true });
        await run(twin, output, { kind: "count", records: 2000 });
        await readStream(twin, input, false);
        await run(twin, input, { kind: "put", records: STAGE_RECORDS, chunk: STAGE_RECORDS, letters: true });
        const began = Date.now();
        await readStream(twin, input, true);
        const [, last = Number.NaN] = await run(twin, output, { kind: "count", records: STAGE_RECORDS });

        progress(`Putting ${PULSES} records, one at a time …`);
        await run(twin, pulses, { kind: "pulse", records: PULSES, pause: 40 });
        const delays = [...(await run(twin, received, { kind: "delays", records: PULSES }))].sort((a, b) => a - b);
        return {
            stage_records_per_s: figure((STAGE_RECORDS / (last - began)) * 1000, "records/s"),
            idle_latency_p95_ms: figure(delays[Math.ceil(delays.length * 0.95) - 1] ?? Number.NaN, "ms"),
            idle_latency_median_ms: figure(median(delays), "ms"),
        };
    } finally {
        await twin.stop();
    }
}

async function starts(): Promise<Figures> {
    const [first = Number.NaN, ...others] = await child(["--import=tsx", resolve(__dirname, "twin/starts.ts")]);
    return { start_ms: figure(median(others), "ms"), start_first_ms: figure(first, "ms") };
}

export async function measure(): Promise<Figures> {
    progress(`Putting and getting ${MANY} records …`);
    const rates = await throughput();
    progress(`Putting ${RATIO_RECORDS} records, ${RATIO_ROUNDS} times, beside kinesalite …`);
    const ratio = await besideKinesalite();
    progress(`Passing ${STAGE_RECORDS} records through a stage …`);
    const stages = await stage();
    progress("Starting a twin with five stages six times …");
    return { ...rates, ...ratio, ...stages, ...(await starts()) };
}
