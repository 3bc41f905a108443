import type { PutRecordInput, PutRecordsInput } from "@aws-sdk/client-kinesis";
import type { TwinContext } from "../context";
import { AwsError } from "../service";
import { readIterator } from "./iterators";
import type { RecordOperations } from "./record-operations";
import type { Streams } from "./streams";

const namespace = "AWS/Kinesis";
const throttled = "ProvisionedThroughputExceededException";

/** The operations on records, measured in the stream's metrics of CloudWatch. */
export function measuredRecordOperations(
    { services, clock }: TwinContext,
    streams: Streams,
    operations: RecordOperations,
): RecordOperations {
    const measure = (stream: string, values: Readonly<Record<string, number>>) =>
        services().cloudwatch.measure(
            namespace,
            [["StreamName", stream]],
            Object.entries(values).map(([name, value]) => ({ name, value, unit: unitOf(name) })),
        );

    return {
        ...operations,
        async PutRecord(input, caller) {
            const begun = performance.now();
            const name = streamName(input);
            try {
                const output = await operations.PutRecord(input, caller);
                const bytes = input.Data?.length ?? 0;
                measure(name, {
                    "PutRecord.Success": 1,
                    "PutRecord.Bytes": bytes,
                    "PutRecord.Latency": performance.now() - begun,
                    IncomingRecords: 1,
                    IncomingBytes: bytes,
                    WriteProvisionedThroughputExceeded: 0,
                });
                return output;
            } catch (error) {
                if (error instanceof AwsError && error.code === throttled) {
                    measure(name, { "PutRecord.Success": 0, WriteProvisionedThroughputExceeded: 1 });
                }
                throw error;
            }
        },
        async PutRecords(input, caller) {
            const begun = performance.now();
            const output = await operations.PutRecords(input, caller);
            let bytes = 0;
            let refused = 0;
            output.Records?.forEach(({ ErrorCode }, index) => {
                if (ErrorCode === undefined) bytes += input.Records?.[index]?.Data?.length ?? 0;
                else if (ErrorCode === throttled) refused++;
            });
            const total = output.Records?.length ?? 0;
            const failed = output.FailedRecordCount ?? 0;
            measure(streamName(input), {
                "PutRecords.Success": failed < total ? 1 : 0,
                "PutRecords.Bytes": bytes,
                "PutRecords.Latency": performance.now() - begun,
                "PutRecords.TotalRecords": total,
                "PutRecords.SuccessfulRecords": total - failed,
                "PutRecords.FailedRecords": failed - refused,
                "PutRecords.ThrottledRecords": refused,
                IncomingRecords: total - failed,
                IncomingBytes: bytes,
                WriteProvisionedThroughputExceeded: refused,
            });
            return output;
        },
        async GetRecords(input, caller) {
            const begun = performance.now();
            const measureReader = (values: Readonly<Record<string, number>>) => {
                const stream = streams.byId(readIterator(input.ShardIterator ?? "", clock).stream);
                if (stream !== undefined) measure(stream.name, values);
            };
            try {
                const output = await operations.GetRecords(input, caller);
                const records = output.Records ?? [];
                measureReader({
                    "GetRecords.Success": 1,
                    "GetRecords.Records": records.length,
                    "GetRecords.Bytes": records.reduce((sum, { Data }) => sum + (Data?.length ?? 0), 0),
                    "GetRecords.Latency": performance.now() - begun,
                    "GetRecords.IteratorAgeMilliseconds": output.MillisBehindLatest ?? 0,
                    ReadProvisionedThroughputExceeded: 0,
                });
                return output;
            } catch (error) {
                if (error instanceof AwsError && error.code === throttled) {
                    measureReader({ "GetRecords.Success": 0, ReadProvisionedThroughputExceeded: 1 });
                }
                throw error;
            }
        },
    };
}

function streamName({
    StreamName,
    StreamARN,
}: Pick<PutRecordInput | PutRecordsInput, "StreamName" | "StreamARN">): string {
    return StreamName ?? StreamARN?.slice(StreamARN.indexOf("/") + 1) ?? "";
}

function unitOf(name: string): "Bytes" | "Milliseconds" | "Count" {
    if (name.endsWith("Bytes")) return "Bytes";
    return name.endsWith("Latency") || name.endsWith("Milliseconds") ? "Milliseconds" : "Count";
}
