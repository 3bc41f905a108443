import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/aws/service";
import { testData } from "../../test-data";
import { createPipelines } from "./lambda-pipeline";
import { until } from "./lambda-twin";

/** What was recorded of a case on AWS: each value under the name that the recording gives it. */
type Recorded = Readonly<Record<string, unknown>>;

/** The members of a value, those of members included, with the type of each; an array counts as its first item. */
function shape(value: unknown): unknown {
    if (value instanceof Date) return "string";
    if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
    if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
    const members = Object.entries(value).filter(([name]) => name !== "ResponseMetadata");
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => [name, shape(of)]));
}

/** Numbers are placeholders in the recordings where they differ from run to run. */
function withoutPlaceholders(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value, (name, of) => (name === "approximateArrivalTimestamp" ? 0 : of)));
}

describe("Kinesis event source mappings as recorded on AWS", () => {
    const pipelines = createPipelines();
    const { pipeline } = pipelines;
    let cases: Readonly<Record<string, { "recorded-content": Recorded }>>;

    before(async function () {
        const folder = testData(this, "aws-recorded");
        cases = JSON.parse(readFileSync(join(folder, "lambda-kinesis-event-source-mapping.snapshot.json"), "utf8"));
        await pipelines.start();
    });
    after(() => pipelines.end());

    function recorded(name: string): Recorded {
        const found = Object.entries(cases).find(([id]) => id.endsWith(`::${name}`));
        assert.ok(found, `there is no recording ${name}`);
        return found[1]["recorded-content"];
    }

    it("answers CreateEventSourceMapping with the same members", async () => {
        const { created } = await pipeline("", { DestinationConfig: undefined });
        const expected = recorded("test_create_kinesis_event_source_mapping").create_event_source_mapping_response;
        assert.deepEqual(shape(created), shape(expected));
    });

    it("tells a queue of a failed batch with the same members", async () => {
        const name = "test_kinesis_event_source_mapping_with_on_failure_destination_config";
        const { sqs_payload } = recorded(name) as { sqs_payload: { Messages: { Body: unknown }[] } };
        const stream = await pipeline('throw new Error("boom");', { BatchSize: 1, MaximumRetryAttempts: 1 });
        await stream.put("a");
        assert.deepEqual(shape(await stream.failure()), shape(sqs_payload.Messages[0]?.Body));
    });

    it("stores a failed batch in S3 with the same members", async () => {
        const name = "test_kinesis_event_source_mapping_with_s3_on_failure_destination";
        const { s3, kinesis } = pipelines.twin().services;
        await s3.operations.CreateBucket({ Bucket: "recorded" }, root);
        const stream = await pipeline('throw new Error("boom");', {
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: "arn:aws:s3:::recorded" } },
        });
        await kinesis.operations.PutRecord(
            { StreamName: stream.name, PartitionKey: "k", Data: Buffer.from("d") },
            root,
        );
        const key = await until(
            async () => (await s3.operations.ListObjectsV2({ Bucket: "recorded" }, root)).Contents?.[0]?.Key,
        );
        const stored: unknown = JSON.parse(s3.readObject("recorded", key).toString());
        const expected = recorded(name).record_body;
        assert.deepEqual(shape(withoutPlaceholders(stored)), shape(withoutPlaceholders(expected)));
    });

    it("refuses a stream that is missing with the same code", async () => {
        const { error } = recorded("test_esm_with_not_existing_kinesis_stream") as {
            error: { Error: { Code: string } };
        };
        const EventSourceArn = "arn:aws:kinesis:eu-central-1:000000000000:stream/nowhere";
        await assert.rejects(pipeline("", { EventSourceArn }), {
            code: error.Error.Code,
            message: `Stream not found: ${EventSourceArn}`,
        });
    });

    it("delivers reported failures as often, and gives the same one up after as many invocations", async () => {
        const { kinesis_records, sqs_payload } = recorded("test_kinesis_report_batch_item_failures") as {
            kinesis_records: { Records: { kinesis: { data: string; partitionKey: string } }[] };
            sqs_payload: { Messages: { Body: { requestContext: { approximateInvokeCount: number } } }[] };
        };
        const stream = await pipeline(
            `const failed = event.Records.filter((record) => JSON.parse(text(record)).should_fail);
             return { batchItemFailures: failed.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };`,
            {
                BatchSize: 3,
                MaximumBatchingWindowInSeconds: 300,
                MaximumRetryAttempts: 3,
                FunctionResponseTypes: ["ReportBatchItemFailures"],
            },
        );
        // Each record of the recording once: what comes after is Lambda's doing.
        const once = new Map(kinesis_records.Records.map(({ kinesis }) => [kinesis.partitionKey, kinesis.data]));
        const Records = [...once].map(([PartitionKey, data]) => ({ PartitionKey, Data: Buffer.from(data, "base64") }));
        const { kinesis } = pipelines.twin().services;
        await kinesis.operations.PutRecords({ StreamName: stream.name, Records }, root);
        const failed = await stream.failure();
        assert.deepEqual(
            stream
                .events()
                .flatMap((records) => records.map((record) => record.kinesis.partitionKey))
                .sort(),
            kinesis_records.Records.map((record) => record.kinesis.partitionKey).sort(),
        );
        assert.equal(
            failed.requestContext.approximateInvokeCount,
            sqs_payload.Messages[0]?.Body.requestContext.approximateInvokeCount,
        );
    });
});
