import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as path from "node:path";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetRecordsCommand, GetShardIteratorCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { type Connection, connectTo } from "../../../automation/connection";
import { componentsOf, outputOf } from "../../../automation/deployment";
import { until } from "../../../automation/until";
import { type Local, startLocal } from "../../../testing";

const LENGTH = 3_000_000;
const written = `${"write only ".repeat(Math.ceil(LENGTH / 11)).slice(0, LENGTH - 5)}ü end`;
const turned = [...written].reverse().join("");

type Envelope = Record<string, unknown> & { readonly id: string; readonly traceparent: string };

describe("a record of 3 MB", function () {
    this.timeout(120_000);
    let local: Local;
    let connection: Connection;
    let outputs: { streams: Record<string, string>; textsBucket: string };
    before(async () => {
        local = await startLocal({ project: path.join(__dirname, "..", "..", "fixtures", "programs", "claims") });
        connection = connectTo(local.twin.file);
        outputs = local.deployed.outputs as unknown as typeof outputs;
        const orders = [
            { id: "through", length: LENGTH },
            { id: "refused", length: LENGTH, refused: true },
        ];
        const records = orders.map((data) => ({
            PartitionKey: data.id,
            Data: Buffer.from(
                JSON.stringify({ specversion: "1.0", id: data.id, source: "/test", type: "orders", data }),
            ),
        }));
        await connection.clients.kinesis.send(
            new PutRecordsCommand({ StreamName: outputs.streams.orders, Records: records }),
        );
    });
    after(async () => {
        connection?.close();
        await local?.close();
    });

    async function envelopes(stream: string): Promise<Envelope[]> {
        const StreamName = outputs.streams[stream];
        const { kinesis } = connection.clients;
        const start = { StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
        const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(start));
        const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
        return Records.map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString()) as Envelope);
    }

    it("goes through two stages by claim check and is right at the end", async () => {
        const measured = await until("the measure", async () => (await envelopes("measures"))[0], { seconds: 60 });
        assert.deepEqual(measured.data, {
            id: "through",
            length: LENGTH,
            digest: createHash("sha256").update(turned).digest("hex"),
        });
        const [text] = await envelopes("texts");
        const [back] = await envelopes("turned");
        for (const [envelope, stage] of [
            [text, "write"],
            [back, "turn"],
        ] as const) {
            assert.equal(envelope?.data, undefined);
            assert.match(String(envelope?.dataref), new RegExp(`^s3://[a-z0-9-]+/claims/${stage}/\\d{4}/`));
        }
        const [trace, ...spans] = [text, back, measured].map((each) => each?.traceparent.split("-"));
        assert.ok(
            spans.every((span) => span?.[1] === trace?.[1]),
            "one trace",
        );
        assert.equal(new Set([trace, ...spans].map((span) => span?.[2])).size, 3, "a span a stage");
    });

    it("is in the failure bucket, with its data, when it is rejected", async () => {
        const { s3 } = connection.clients;
        const Bucket = outputs.textsBucket;
        const key = await until(
            "the rejected record",
            async () =>
                (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "rejected/turn/" }))).Contents?.[0]?.Key,
            { seconds: 60 },
        );
        assert.match(key, /\/refused-[0-9a-f]{12}\.json$/);
        const object = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
        const rejected = JSON.parse((await object.Body?.transformToString()) ?? "") as Record<string, unknown>;
        assert.equal(rejected.reason, "It is refused.");
        const record = rejected.record as Envelope;
        assert.deepEqual(record.data, { id: "refused", text: written, refused: true });
        const claim = String(record.dataref).slice(`s3://${Bucket}/`.length);
        const claimed = await s3.send(new GetObjectCommand({ Bucket, Key: claim }));
        assert.deepEqual(JSON.parse((await claimed.Body?.transformToString()) ?? ""), record.data);
    });

    it("leaves metrics in the log of each stage, and no text", async () => {
        const stages = componentsOf(await connection.exportStack(), "LambdaStage");
        assert.deepEqual(stages.map(({ name }) => name).sort(), ["measure", "turn", "write"]);
        for (const stage of stages) {
            const logGroupName = outputOf(stage, "logGroupName");
            const { lines, metrics } = await until(
                `the metrics of ${stage.name}`,
                async () => {
                    const command = new FilterLogEventsCommand({ logGroupName });
                    const { events = [] } = await connection.clients.logs.send(command);
                    const lines = events.map(({ message = "" }) => message);
                    const metrics = lines
                        .filter((line) => line.startsWith('{"_aws"'))
                        .map((line) => JSON.parse(line) as Record<string, unknown>);
                    return metrics.length > 0 ? { lines, metrics } : undefined;
                },
                { seconds: 60 },
            );
            assert.ok(metrics.every(({ service, stage: name }) => service === "claims-local" && name === stage.name));
            assert.equal(metrics.filter(({ ColdStart }) => ColdStart === 1).length, 1);
            assert.doesNotMatch(lines.join(), /write only|ylno etirw/);
        }
    });
});
