import type {
    GetRecordsInput,
    GetRecordsOutput,
    GetShardIteratorInput,
    GetShardIteratorOutput,
    PutRecordInput,
    PutRecordOutput,
    PutRecordsInput,
    PutRecordsOutput,
    PutRecordsRequestEntry,
} from "@aws-sdk/client-kinesis";
import type { Clock } from "../clock";
import type { Iam } from "../iam";
import { account, type Operation } from "../service";
import { readIterator, writeIterator } from "./iterators";
import { existing, type FindStream, invalidArgument, readableShard } from "./lookup";
import { checkRecords } from "./record-limits";
import type { NewRecord, Placement, Records } from "./records";
import { parseSequenceNumber } from "./sequence";
import { getRecordsLimit } from "./shapes";
import { type Shard, shardId } from "./shards";
import { startingPosition } from "./starting-position";
import type { Stream, Streams } from "./streams";
import { type Throughput, throughputExceeded, throughputMessage } from "./throughput";

/** What one GetRecords call returns at most. */
const getRecordsBytes = 10 << 20;

export interface RecordOperations {
    PutRecord: Operation<PutRecordInput, PutRecordOutput>;
    PutRecords: Operation<PutRecordsInput, PutRecordsOutput>;
    GetShardIterator: Operation<GetShardIteratorInput, GetShardIteratorOutput>;
    GetRecords: Operation<GetRecordsInput, GetRecordsOutput>;
}

export interface RecordDependencies {
    readonly clock: Clock;
    readonly iam: Iam;
    readonly streams: Streams;
    readonly records: Records;
    readonly throughput: Throughput;
    readonly find: FindStream;
    /** Stores records; resolves once they are on disk. */
    store(stream: Stream, records: readonly NewRecord[]): Promise<readonly Placement[]>;
}

/** The operations on the records of streams. */
export function recordOperations(dependencies: RecordDependencies): RecordOperations {
    const { clock, iam, streams, records, throughput, find, store } = dependencies;
    return {
        async PutRecord(input, caller) {
            const stream = find(input, caller, "PutRecord");
            const record = newRecord(input);
            checkRecords([record], stream.recordLimit, false);
            checkOrdering(input.SequenceNumberForOrdering, stream);
            const [placed] = await store(stream, [record]);
            if (placed === undefined) throw new Error("A record has been placed nowhere.");
            const { shard, sequenceNumber } = placed;
            if (sequenceNumber === undefined) throw throughputExceeded(stream, shard);
            return { ShardId: shard.id, SequenceNumber: sequenceNumber, EncryptionType: stream.encryption };
        },
        async PutRecords(input, caller) {
            const stream = find(input, caller, "PutRecords");
            const batch = (input.Records ?? []).map(newRecord);
            checkRecords(batch, stream.recordLimit, true);
            const placements = await store(stream, batch);
            return {
                FailedRecordCount: placements.filter(({ sequenceNumber }) => sequenceNumber === undefined).length,
                EncryptionType: stream.encryption,
                Records: placements.map(({ shard, sequenceNumber }) =>
                    sequenceNumber === undefined
                        ? {
                              ErrorCode: "ProvisionedThroughputExceededException",
                              ErrorMessage: throughputMessage(stream, shard),
                          }
                        : { SequenceNumber: sequenceNumber, ShardId: shard.id },
                ),
            };
        },
        async GetShardIterator(input, caller) {
            const stream = find(input, caller, "GetShardIterator");
            const shard = readableShard(stream, input.ShardId ?? "");
            throughput.iterator(stream, shard);
            const position = startingPosition(input, stream, shard, records, clock);
            return { ShardIterator: writeIterator({ stream: stream.id, shard: shard.number, position }, clock) };
        },
        async GetRecords(input, caller) {
            const iterator = readIterator(input.ShardIterator ?? "", clock);
            const stream = existing(streams.byId(iterator.stream), "of this iterator");
            iam.authorize(caller, "kinesis:GetRecords", stream.arn);
            if (input.StreamARN !== undefined && input.StreamARN !== stream.arn) {
                throw invalidArgument(`StreamARN ${input.StreamARN} is not that of the ShardIterator.`);
            }
            const shard = readableShard(stream, shardId(iterator.shard));
            throughput.beginRead(stream, shard);
            const page = records.read(stream, shard, iterator.position, {
                records: input.Limit ?? getRecordsLimit,
                bytes: getRecordsBytes,
            });
            throughput.endRead(stream, shard, page.bytes);
            return {
                Records: page.records.map(({ sequenceNumber, partitionKey, data, arrival }) => ({
                    SequenceNumber: sequenceNumber,
                    ApproximateArrivalTimestamp: arrival,
                    Data: data,
                    PartitionKey: partitionKey,
                    EncryptionType: stream.encryption,
                })),
                NextShardIterator: page.ended ? undefined : writeIterator({ ...iterator, position: page.next }, clock),
                MillisBehindLatest: page.millisecondsBehind,
                ChildShards: page.ended ? childrenOf(stream, shard) : undefined,
            };
        },
    };

    /** Sequence numbers grow as it is: all that can be wrong is a number that was never given out. */
    function checkOrdering(after: string | undefined, stream: Stream): void {
        if (after === undefined) return;
        const index = parseSequenceNumber(after)?.index;
        if (index !== undefined && index < records.next()) return;
        throw invalidArgument(
            `ExclusiveMinimumSequenceNumber ${after} used in PutRecord on stream ${stream.name} under account ${account} is invalid.`,
        );
    }
}

function newRecord({ Data, PartitionKey, ExplicitHashKey }: PutRecordsRequestEntry): NewRecord {
    if (Data === undefined || PartitionKey === undefined) throw new Error("A record has not been checked.");
    return { data: Data, partitionKey: PartitionKey, explicitHashKey: ExplicitHashKey };
}

function childrenOf(stream: Stream, { number }: Shard) {
    return stream.shards
        .filter(({ parents }) => parents.includes(number))
        .map(({ description, parentIds }) => ({
            ShardId: description.ShardId,
            ParentShards: [...parentIds],
            HashKeyRange: description.HashKeyRange,
        }));
}
