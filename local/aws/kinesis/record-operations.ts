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
import type { Iam } from "../iam";
import { AwsError, account, type Operation } from "../service";
import { readIterator, writeIterator } from "./iterators";
import { existing, type FindStream, findShard } from "./lookup";
import type { NewRecord, Records } from "./records";
import type { Shard } from "./shards";
import type { Stream, Streams } from "./streams";
import { checkRange, checkRecords, failed, validationError } from "./validation";

/** What one GetRecords call returns at most. */
const getRecordsLimit = 10_000;
const getRecordsBytes = 10 << 20;

export interface RecordOperations {
    PutRecord: Operation<PutRecordInput, PutRecordOutput>;
    PutRecords: Operation<PutRecordsInput, PutRecordsOutput>;
    GetShardIterator: Operation<GetShardIteratorInput, GetShardIteratorOutput>;
    GetRecords: Operation<GetRecordsInput, GetRecordsOutput>;
}

export interface RecordDependencies {
    readonly iam: Iam;
    readonly streams: Streams;
    readonly records: Records;
    readonly find: FindStream;
    /** Stores records; resolves once they are on disk. */
    store(stream: Stream, records: readonly NewRecord[]): Promise<{ shard: Shard; sequenceNumber: string }[]>;
}

/** The operations on the records of streams. */
export function recordOperations({ iam, streams, records, find, store }: RecordDependencies): RecordOperations {
    return {
        async PutRecord(input, caller) {
            const stream = find(input, caller, "PutRecord");
            const record = newRecord(input);
            checkRecords([record], stream.recordLimit, false);
            const [stored] = await store(stream, [record]);
            return {
                ShardId: stored?.shard.id,
                SequenceNumber: stored?.sequenceNumber,
                EncryptionType: stream.encryption,
            };
        },
        async PutRecords(input, caller) {
            const stream = find(input, caller, "PutRecords");
            const batch = (input.Records ?? []).map(newRecord);
            checkRecords(batch, stream.recordLimit, true);
            const stored = await store(stream, batch);
            return {
                FailedRecordCount: 0,
                EncryptionType: stream.encryption,
                Records: stored.map(({ shard, sequenceNumber }) => ({
                    SequenceNumber: sequenceNumber,
                    ShardId: shard.id,
                })),
            };
        },
        async GetShardIterator(input, caller) {
            const stream = find(input, caller, "GetShardIterator");
            const shard = findShard(stream, input.ShardId);
            const position = startingPosition(records, stream, shard, input);
            return { ShardIterator: writeIterator({ stream: stream.id, shard: shard.number, position }) };
        },
        async GetRecords(input, caller) {
            if (input.ShardIterator === undefined) {
                throw validationError([failed("shardIterator", "Member must not be null")]);
            }
            const iterator = readIterator(input.ShardIterator);
            const stream = existing(streams.byId(iterator.stream), "of this iterator");
            iam.authorize(caller, "kinesis:GetRecords", stream.arn);
            checkRange("limit", input.Limit, 1, getRecordsLimit);
            const shard = stream.shards[iterator.shard];
            if (shard === undefined) throw new AwsError("InvalidArgumentException", "Invalid ShardIterator.");
            const page = records.read(stream, shard, iterator.position, {
                records: input.Limit ?? getRecordsLimit,
                bytes: getRecordsBytes,
            });
            return {
                Records: page.records.map(({ sequenceNumber, partitionKey, data, arrival }) => ({
                    SequenceNumber: sequenceNumber,
                    ApproximateArrivalTimestamp: arrival,
                    Data: data,
                    PartitionKey: partitionKey,
                    EncryptionType: stream.encryption,
                })),
                NextShardIterator: writeIterator({ ...iterator, position: page.next }),
                MillisBehindLatest: page.millisecondsBehind,
            };
        },
    };
}

function newRecord({ Data, PartitionKey, ExplicitHashKey }: PutRecordsRequestEntry): NewRecord {
    // What is missing is found, and named, by the check.
    return {
        data: Data as Uint8Array,
        partitionKey: PartitionKey as string,
        explicitHashKey: ExplicitHashKey,
    };
}

function startingPosition(records: Records, stream: Stream, shard: Shard, input: GetShardIteratorInput): number {
    const { ShardIteratorType: type, StartingSequenceNumber: start, Timestamp: timestamp } = input;
    switch (type) {
        case "TRIM_HORIZON":
            return 0;
        case "LATEST":
            return records.next();
        case "AT_SEQUENCE_NUMBER":
        case "AFTER_SEQUENCE_NUMBER": {
            if (start === undefined) {
                throw new AwsError("InvalidArgumentException", `StartingSequenceNumber must be given for ${type}.`);
            }
            const index = shard.index(start);
            if (index === undefined) {
                throw new AwsError(
                    "InvalidArgumentException",
                    `StartingSequenceNumber ${start} used in GetShardIterator on shard ${shard.id} in stream ${stream.name} under account ${account} is invalid.`,
                );
            }
            return type === "AT_SEQUENCE_NUMBER" ? index : index + 1;
        }
        case "AT_TIMESTAMP":
            if (timestamp === undefined) {
                throw new AwsError("InvalidArgumentException", "Timestamp must be given for AT_TIMESTAMP.");
            }
            if (timestamp.getTime() > Date.now()) {
                throw new AwsError(
                    "InvalidArgumentException",
                    `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${timestamp.getTime()}, currentTimestampInMillis: ${Date.now()}`,
                );
            }
            return records.since(stream, shard, timestamp);
        default:
            throw validationError([
                failed(
                    "shardIteratorType",
                    "Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]",
                    type,
                ),
            ]);
    }
}
