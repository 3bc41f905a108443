import { oneOf, range, type Shape, type StringShape, type Structure, structure, text } from "../protocol/shape";
import type { RecordOperations } from "./record-operations";
import type { ShardOperations } from "./shard-operations";
import type { StreamOperations } from "./stream-operations";
import type { TagOperations } from "./tag-operations";

/** Hours, with which AWS's model leaves to the service what its documentation says. */
export const retentionHours = { shortest: 24, longest: 8760 };
/** Bytes in one PutRecords call: data and partition keys. */
export const putRecordsBytes = 10 << 20;
/** What GetRecords returns at most. */
export const getRecordsLimit = 10_000;
export const mostTags = 50;

const name: StringShape = { type: "string", min: 1, max: 128, pattern: "[a-zA-Z0-9_.-]+" };
const streamArn = text(1, 2048, "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
const resourceArn = text(1, 2048, "arn:aws.*:kinesis:.*:\\d{12}:.*(stream|channel|queue)/\\S+");
const sequenceNumber: Shape = { type: "string", pattern: "^(0|([1-9]\\d{0,128}))$" };
const hashKey: Shape = { type: "string", pattern: "^(0|([1-9]\\d{0,38}))$" };
const tagKey = text(1, 128);
const tags: Shape = { type: "map", key: tagKey, value: text(0, 256), min: 1, max: 200 };
const tagKeys: Shape = { type: "list", member: tagKey, min: 1, max: mostTags };
const token = text(1, 1_048_576);
const timestamp: Shape = { type: "timestamp" };
const integer: Shape = { type: "integer" };
const positive = range(1);
const page = range(1, 10_000);
const unsupported: Shape = { type: "unsupported" };
const recordSize = range(1024, 10_240);
const mode: Shape = structure({ StreamMode: oneOf("PROVISIONED", "ON_DEMAND") }, "StreamMode");
const encryption = { EncryptionType: oneOf("NONE", "KMS"), KeyId: text(1, 2048) };
const record = {
    Data: { type: "blob", min: 0, max: 10_485_760 },
    PartitionKey: { type: "string", min: 1, max: 256, hidden: true },
    ExplicitHashKey: hashKey,
} as const;

/** "Not implemented", says AWS itself of the stream's id, "reserved for future use". */
const streamId = { StreamId: unsupported };
const stream = { StreamName: name, StreamARN: streamArn, ...streamId };
const dryRun = { DryRun: unsupported };

type OperationName = keyof (StreamOperations & ShardOperations & RecordOperations & TagOperations);

/** What each operation takes, as AWS's API model says it. */
export const shapes: Readonly<Record<OperationName, Structure>> = {
    AddTagsToStream: structure({ ...stream, Tags: tags }, "Tags"),
    CreateStream: structure(
        {
            StreamName: name,
            ShardCount: positive,
            StreamModeDetails: mode,
            Tags: tags,
            WarmThroughputMiBps: unsupported,
            MaxRecordSizeInKiB: recordSize,
            RecordDistributionStrategy: oneOf("AUTO", "USER_PARTITION_KEY"),
        },
        "StreamName",
    ),
    DecreaseStreamRetentionPeriod: structure({ ...stream, RetentionPeriodHours: integer }, "RetentionPeriodHours"),
    DeleteStream: structure({ ...stream, EnforceConsumerDeletion: { type: "boolean" } }),
    DescribeStream: structure({ ...stream, Limit: page, ExclusiveStartShardId: name }),
    DescribeStreamSummary: structure(stream),
    GetRecords: structure(
        { ShardIterator: text(1, 512), Limit: range(1, getRecordsLimit), StreamARN: streamArn, ...streamId, ...dryRun },
        "ShardIterator",
    ),
    GetShardIterator: structure(
        {
            ...stream,
            ...dryRun,
            ShardId: name,
            ShardIteratorType: oneOf(
                "AT_SEQUENCE_NUMBER",
                "AFTER_SEQUENCE_NUMBER",
                "TRIM_HORIZON",
                "LATEST",
                "AT_TIMESTAMP",
            ),
            StartingSequenceNumber: sequenceNumber,
            Timestamp: timestamp,
        },
        "ShardId",
        "ShardIteratorType",
    ),
    IncreaseStreamRetentionPeriod: structure({ ...stream, RetentionPeriodHours: integer }, "RetentionPeriodHours"),
    ListShards: structure({
        ...stream,
        NextToken: token,
        ExclusiveStartShardId: name,
        MaxResults: page,
        StreamCreationTimestamp: timestamp,
        ShardFilter: structure(
            {
                Type: oneOf(
                    "AFTER_SHARD_ID",
                    "AT_TRIM_HORIZON",
                    "FROM_TRIM_HORIZON",
                    "AT_LATEST",
                    "AT_TIMESTAMP",
                    "FROM_TIMESTAMP",
                ),
                ShardId: name,
                Timestamp: timestamp,
            },
            "Type",
        ),
    }),
    ListStreams: structure({ Limit: page, ExclusiveStartStreamName: name, NextToken: token }),
    ListTagsForResource: structure({ ResourceARN: resourceArn, ...streamId }, "ResourceARN"),
    ListTagsForStream: structure({ ...stream, ExclusiveStartTagKey: tagKey, Limit: range(1, mostTags) }),
    MergeShards: structure(
        { ...stream, ShardToMerge: name, AdjacentShardToMerge: name },
        "ShardToMerge",
        "AdjacentShardToMerge",
    ),
    // AWS's model leaves the key out where it distributes records itself, which no stream of the twin asks for.
    PutRecord: structure(
        { ...stream, ...dryRun, ...record, SequenceNumberForOrdering: sequenceNumber },
        "Data",
        "PartitionKey",
    ),
    PutRecords: structure(
        {
            ...stream,
            ...dryRun,
            Records: { type: "list", member: structure(record, "Data", "PartitionKey"), min: 1, max: 500 },
        },
        "Records",
    ),
    RemoveTagsFromStream: structure({ ...stream, TagKeys: tagKeys }, "TagKeys"),
    SplitShard: structure(
        { ...stream, ShardToSplit: name, NewStartingHashKey: hashKey },
        "ShardToSplit",
        "NewStartingHashKey",
    ),
    StartStreamEncryption: structure({ ...stream, ...encryption }, "EncryptionType", "KeyId"),
    StopStreamEncryption: structure({ ...stream, ...encryption }, "EncryptionType", "KeyId"),
    TagResource: structure({ Tags: tags, ResourceARN: resourceArn, ...streamId }, "Tags", "ResourceARN"),
    UntagResource: structure({ TagKeys: tagKeys, ResourceARN: resourceArn, ...streamId }, "TagKeys", "ResourceARN"),
    UpdateMaxRecordSize: structure(
        { StreamARN: streamArn, ...streamId, MaxRecordSizeInKiB: recordSize },
        "MaxRecordSizeInKiB",
    ),
    UpdateShardCount: structure(
        { ...stream, TargetShardCount: positive, ScalingType: oneOf("UNIFORM_SCALING") },
        "TargetShardCount",
        "ScalingType",
    ),
    UpdateStreamMode: structure(
        { StreamARN: streamArn, ...streamId, StreamModeDetails: mode, WarmThroughputMiBps: unsupported },
        "StreamARN",
        "StreamModeDetails",
    ),
};
