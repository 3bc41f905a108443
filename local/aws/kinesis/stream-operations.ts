import type {
    AddTagsToStreamInput,
    CreateStreamInput,
    DecreaseStreamRetentionPeriodInput,
    DeleteStreamInput,
    DescribeStreamInput,
    DescribeStreamOutput,
    DescribeStreamSummaryInput,
    DescribeStreamSummaryOutput,
    IncreaseStreamRetentionPeriodInput,
    ListShardsInput,
    ListShardsOutput,
    ListStreamsInput,
    ListStreamsOutput,
    ListTagsForStreamInput,
    ListTagsForStreamOutput,
    RemoveTagsFromStreamInput,
    StartStreamEncryptionInput,
    StopStreamEncryptionInput,
} from "@aws-sdk/client-kinesis";
import type { Iam } from "../iam";
import { notImplemented } from "../protocol/json";
import { AwsError, account, type Operation, region } from "../service";
import type { FindStream } from "./lookup";
import type { Records } from "./records";
import { type Stream, type Streams, streamArn } from "./streams";
import { checkRange, failed, validationError } from "./validation";

/** Shards of a stream on demand, as on AWS for a new one. */
const onDemandShards = 4;
const defaultRetentionHours = 24;
const longestRetentionHours = 8760;
const mostTags = 50;

export interface StreamOperations {
    CreateStream: Operation<CreateStreamInput, object>;
    DeleteStream: Operation<DeleteStreamInput, object>;
    DescribeStream: Operation<DescribeStreamInput, DescribeStreamOutput>;
    DescribeStreamSummary: Operation<DescribeStreamSummaryInput, DescribeStreamSummaryOutput>;
    ListStreams: Operation<ListStreamsInput, ListStreamsOutput>;
    ListShards: Operation<ListShardsInput, ListShardsOutput>;
    IncreaseStreamRetentionPeriod: Operation<IncreaseStreamRetentionPeriodInput, object>;
    DecreaseStreamRetentionPeriod: Operation<DecreaseStreamRetentionPeriodInput, object>;
    StartStreamEncryption: Operation<StartStreamEncryptionInput, object>;
    StopStreamEncryption: Operation<StopStreamEncryptionInput, object>;
    AddTagsToStream: Operation<AddTagsToStreamInput, object>;
    RemoveTagsFromStream: Operation<RemoveTagsFromStreamInput, object>;
    ListTagsForStream: Operation<ListTagsForStreamInput, ListTagsForStreamOutput>;
}

/** The operations on streams themselves. Changes are in force, and the stream ACTIVE, when the call returns. */
export function streamOperations(iam: Iam, streams: Streams, records: Records, find: FindStream): StreamOperations {
    function retain(stream: Stream, hours: number | undefined, longer: boolean): object {
        checkRange("retentionPeriodHours", hours, 1, longestRetentionHours);
        if (hours === undefined) throw validationError([failed("retentionPeriodHours", "Member must not be null")]);
        if (hours < defaultRetentionHours) {
            throw invalid(
                `Minimum allowed retention period is ${defaultRetentionHours} hours. Requested retention period (${hours} hours) is too short.`,
            );
        }
        if (longer ? hours < stream.retentionHours : hours > stream.retentionHours) {
            const [comparison, other] = longer ? ["shorter", "Decrease"] : ["longer", "Increase"];
            throw invalid(
                `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${comparison} than existing retention period (${stream.retentionHours} hours). Use ${other}StreamRetentionPeriod API.`,
            );
        }
        streams.change(stream, { retentionHours: hours });
        return {};
    }

    return {
        async CreateStream(input, caller) {
            const name = input.StreamName ?? "";
            iam.authorize(caller, "kinesis:CreateStream", streamArn(name));
            if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(name)) {
                const pattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]{1,128}";
                throw validationError([failed("streamName", pattern, name)]);
            }
            for (const member of ["WarmThroughputMiBps", "RecordDistributionStrategy"] as const) {
                if (input[member] !== undefined) throw notImplemented("Kinesis", `CreateStream with ${member}`);
            }
            const mode = input.StreamModeDetails?.StreamMode ?? "PROVISIONED";
            checkRange("shardCount", input.ShardCount, 1, 10_000);
            checkRange("maxRecordSizeInKiB", input.MaxRecordSizeInKiB, 1024, 10_240);
            if (mode === "ON_DEMAND" && input.ShardCount !== undefined) {
                throw invalid("ShardCount cannot be given for a stream in ON_DEMAND mode.");
            }
            if (mode === "PROVISIONED" && input.ShardCount === undefined) {
                throw invalid("ShardCount must be given for a stream in PROVISIONED mode.");
            }
            streams.create(name, input.ShardCount ?? onDemandShards, {
                mode,
                retentionHours: defaultRetentionHours,
                encryption: "NONE",
                recordLimit: (input.MaxRecordSizeInKiB ?? 1024) * 1024,
                tags: checkedTags(input.Tags ?? {}),
            });
            return {};
        },
        async DeleteStream(input, caller) {
            const stream = find(input, caller, "DeleteStream");
            streams.remove(stream, () => records.remove(stream));
            return {};
        },
        async DescribeStream(input, caller) {
            const stream = find(input, caller, "DescribeStream");
            checkRange("limit", input.Limit, 1, 10_000);
            const { page, more } = shardPage(stream, input.ExclusiveStartShardId, input.Limit ?? 100);
            return { StreamDescription: { ...described(stream), Shards: page, HasMoreShards: more } };
        },
        async DescribeStreamSummary(input, caller) {
            const stream = find(input, caller, "DescribeStreamSummary");
            return {
                StreamDescriptionSummary: {
                    ...described(stream),
                    StreamId: stream.streamId,
                    OpenShardCount: stream.shards.length,
                    ConsumerCount: 0,
                    MaxRecordSizeInKiB: stream.recordLimit / 1024,
                },
            };
        },
        async ListStreams(input, caller) {
            iam.authorize(caller, "kinesis:ListStreams", `arn:aws:kinesis:${region}:${account}:stream/*`);
            checkRange("limit", input.Limit, 1, 10_000);
            const after = input.NextToken ?? input.ExclusiveStartStreamName ?? "";
            const rest = streams.all().filter(({ name }) => name > after);
            const page = rest.slice(0, input.Limit ?? 100);
            const more = rest.length > page.length;
            return {
                StreamNames: page.map(({ name }) => name),
                HasMoreStreams: more,
                NextToken: more ? page.at(-1)?.name : undefined,
                StreamSummaries: page.map(({ name, arn, mode, created }) => ({
                    StreamName: name,
                    StreamARN: arn,
                    StreamStatus: "ACTIVE",
                    StreamModeDetails: { StreamMode: mode },
                    StreamCreationTimestamp: created,
                })),
            };
        },
        async ListShards(input, caller) {
            checkRange("maxResults", input.MaxResults, 1, 10_000);
            if (input.NextToken !== undefined && (input.StreamName ?? input.StreamARN) !== undefined) {
                throw invalid("NextToken and StreamName cannot be provided together.");
            }
            const [name, last] = input.NextToken?.split("/") ?? [];
            const stream = find(name === undefined ? input : { StreamName: name }, caller, "ListShards");
            const filter = input.ShardFilter;
            // No stream of the twin is ever resharded: its first shards are those of any time.
            const after = last ?? (filter?.Type === "AFTER_SHARD_ID" ? filter.ShardId : input.ExclusiveStartShardId);
            const { page, more } = shardPage(stream, after, input.MaxResults ?? 1000);
            return { Shards: page, NextToken: more ? `${stream.name}/${page.at(-1)?.ShardId}` : undefined };
        },
        IncreaseStreamRetentionPeriod: async (input, caller) =>
            retain(find(input, caller, "IncreaseStreamRetentionPeriod"), input.RetentionPeriodHours, true),
        DecreaseStreamRetentionPeriod: async (input, caller) =>
            retain(find(input, caller, "DecreaseStreamRetentionPeriod"), input.RetentionPeriodHours, false),
        async StartStreamEncryption(input, caller) {
            const stream = find(input, caller, "StartStreamEncryption");
            if (input.EncryptionType !== "KMS" || input.KeyId === undefined) {
                throw invalid(`Encryption needs EncryptionType KMS and a KeyId; given was ${input.EncryptionType}.`);
            }
            streams.change(stream, { encryption: "KMS", keyId: input.KeyId });
            return {};
        },
        async StopStreamEncryption(input, caller) {
            const stream = find(input, caller, "StopStreamEncryption");
            streams.change(stream, { encryption: "NONE", keyId: undefined });
            return {};
        },
        async AddTagsToStream(input, caller) {
            const stream = find(input, caller, "AddTagsToStream");
            streams.change(stream, { tags: checkedTags({ ...stream.tags, ...input.Tags }) });
            return {};
        },
        async RemoveTagsFromStream(input, caller) {
            const stream = find(input, caller, "RemoveTagsFromStream");
            const kept = Object.entries(stream.tags).filter(([key]) => !input.TagKeys?.includes(key));
            streams.change(stream, { tags: Object.fromEntries(kept) });
            return {};
        },
        async ListTagsForStream(input, caller) {
            const stream = find(input, caller, "ListTagsForStream");
            checkRange("limit", input.Limit, 1, mostTags);
            const rest = Object.entries(stream.tags)
                .map(([Key, Value]) => ({ Key, Value }))
                .filter(({ Key }) => Key > (input.ExclusiveStartTagKey ?? ""))
                .sort((a, b) => (a.Key < b.Key ? -1 : 1));
            const Tags = rest.slice(0, input.Limit ?? mostTags);
            return { Tags, HasMoreTags: rest.length > Tags.length };
        },
    };
}

function described(stream: Stream) {
    return {
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamStatus: "ACTIVE" as const,
        StreamModeDetails: { StreamMode: stream.mode },
        RetentionPeriodHours: stream.retentionHours,
        StreamCreationTimestamp: stream.created,
        EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
        EncryptionType: stream.encryption,
        KeyId: stream.keyId,
    };
}

function shardPage(stream: Stream, after: string | undefined, limit: number) {
    const rest = stream.shards.filter(({ id }) => after === undefined || id > after);
    const page = rest.slice(0, limit).map(({ description }) => description);
    return { page, more: rest.length > page.length };
}

function checkedTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const count = Object.keys(tags).length;
    if (count > mostTags) throw invalid(`A stream can have ${mostTags} tags; this would make ${count}.`);
    return tags;
}

function invalid(message: string): AwsError {
    return new AwsError("InvalidArgumentException", message);
}
