import type {
    CreateStreamInput,
    DecreaseStreamRetentionPeriodInput,
    DeleteStreamInput,
    DescribeStreamInput,
    DescribeStreamOutput,
    DescribeStreamSummaryInput,
    DescribeStreamSummaryOutput,
    IncreaseStreamRetentionPeriodInput,
    ListStreamsInput,
    ListStreamsOutput,
    StartStreamEncryptionInput,
    StopStreamEncryptionInput,
    UpdateMaxRecordSizeInput,
    UpdateStreamModeInput,
} from "@aws-sdk/client-kinesis";
import type { Clock } from "../clock";
import type { Iam } from "../iam";
import { notImplemented } from "../protocol/json";
import { account, type Operation, region } from "../service";
import { type FindStream, invalidArgument } from "./lookup";
import type { DailyQuota } from "./quota";
import type { Records } from "./records";
import { retentionHours } from "./shapes";
import { mostShards, tooManyShards } from "./shard-operations";
import { type Stream, type Streams, streamArn, unexpiredShards } from "./streams";
import { checkedTags } from "./tag-operations";

/** Shards of a stream on demand, as on AWS for a new one. */
const onDemandShards = 4;
const describeLimit = 100;
const listStreamsLimit = 100;
const modeChangesADay = 2;

export interface StreamOperations {
    CreateStream: Operation<CreateStreamInput, object>;
    DeleteStream: Operation<DeleteStreamInput, object>;
    DescribeStream: Operation<DescribeStreamInput, DescribeStreamOutput>;
    DescribeStreamSummary: Operation<DescribeStreamSummaryInput, DescribeStreamSummaryOutput>;
    ListStreams: Operation<ListStreamsInput, ListStreamsOutput>;
    UpdateStreamMode: Operation<UpdateStreamModeInput, object>;
    UpdateMaxRecordSize: Operation<UpdateMaxRecordSizeInput, object>;
    IncreaseStreamRetentionPeriod: Operation<IncreaseStreamRetentionPeriodInput, object>;
    DecreaseStreamRetentionPeriod: Operation<DecreaseStreamRetentionPeriodInput, object>;
    StartStreamEncryption: Operation<StartStreamEncryptionInput, object>;
    StopStreamEncryption: Operation<StopStreamEncryptionInput, object>;
}

export interface StreamDependencies {
    readonly clock: Clock;
    readonly iam: Iam;
    readonly streams: Streams;
    readonly records: Records;
    readonly find: FindStream;
    readonly quota: DailyQuota;
    /** To be called when a stream has other shards than before. */
    changed(streamName: string): void;
}

/**
 * The operations on streams themselves. A change is on disk and in force when its call returns, so there is nothing for
 * the stream to be CREATING, UPDATING or DELETING for: it is ACTIVE, and who waits for that does not have to.
 */
export function streamOperations(dependencies: StreamDependencies): StreamOperations {
    const { clock, iam, streams, records, find, quota, changed } = dependencies;

    function retain(stream: Stream, hours: number, longer: boolean): object {
        const { shortest, longest } = retentionHours;
        if (hours < shortest) {
            throw invalidArgument(
                `Minimum allowed retention period is ${shortest} hours. Requested retention period (${hours} hours) is too short.`,
            );
        }
        if (hours > longest) {
            throw invalidArgument(
                `Maximum allowed retention period is ${longest} hours. Requested retention period (${hours} hours) is too long.`,
            );
        }
        if (longer ? hours < stream.retentionHours : hours > stream.retentionHours) {
            const [comparison, other] = longer ? ["shorter", "Decrease"] : ["longer", "Increase"];
            throw invalidArgument(
                `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${comparison} than existing retention period (${stream.retentionHours} hours). Use ${other}RetentionPeriod API.`,
            );
        }
        streams.change(stream, { retentionHours: hours });
        return {};
    }

    return {
        async CreateStream(input, caller) {
            const name = input.StreamName ?? "";
            iam.authorize(caller, "kinesis:CreateStream", streamArn(name));
            if (input.RecordDistributionStrategy === "AUTO") {
                throw notImplemented("kinesis", "CreateStream with RecordDistributionStrategy AUTO");
            }
            const mode = input.StreamModeDetails?.StreamMode ?? "PROVISIONED";
            if (mode === "ON_DEMAND" && input.ShardCount !== undefined) {
                throw invalidArgument("ShardCount cannot be given for a stream in ON_DEMAND mode.");
            }
            if (mode === "PROVISIONED" && input.ShardCount === undefined) {
                throw invalidArgument("ShardCount must be given for a stream in PROVISIONED mode.");
            }
            const shardCount = input.ShardCount ?? onDemandShards;
            if (shardCount > mostShards) throw tooManyShards(shardCount);
            streams.create(name, shardCount, {
                mode,
                retentionHours: retentionHours.shortest,
                encryption: "NONE",
                recordLimit: (input.MaxRecordSizeInKiB ?? 1024) * 1024,
                tags: checkedTags(input.Tags ?? {}),
            });
            changed(name);
            return {};
        },
        async DeleteStream(input, caller) {
            const stream = find(input, caller, "DeleteStream");
            streams.remove(stream, () => records.remove(stream));
            changed(stream.name);
            return {};
        },
        async DescribeStream(input, caller) {
            const stream = find(input, caller, "DescribeStream");
            const after = input.ExclusiveStartShardId ?? "";
            const rest = unexpiredShards(stream, clock).filter(({ id }) => id > after);
            const page = rest.slice(0, Math.min(input.Limit ?? describeLimit, describeLimit));
            const Shards = page.map(({ description }) => description);
            return { StreamDescription: { ...described(stream), Shards, HasMoreShards: rest.length > page.length } };
        },
        async DescribeStreamSummary(input, caller) {
            const stream = find(input, caller, "DescribeStreamSummary");
            return {
                StreamDescriptionSummary: {
                    ...described(stream),
                    StreamId: stream.streamId,
                    OpenShardCount: stream.open.length,
                    ConsumerCount: 0,
                    MaxRecordSizeInKiB: stream.recordLimit / 1024,
                },
            };
        },
        async ListStreams(input, caller) {
            iam.authorize(caller, "kinesis:ListStreams", `arn:aws:kinesis:${region}:${account}:stream/*`);
            const after = input.NextToken ?? input.ExclusiveStartStreamName ?? "";
            const rest = streams.all().filter(({ name }) => name > after);
            const page = rest.slice(0, input.Limit ?? listStreamsLimit);
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
        async UpdateStreamMode(input, caller) {
            const stream = find(input, caller, "UpdateStreamMode");
            const mode = input.StreamModeDetails?.StreamMode ?? stream.mode;
            if (mode === stream.mode) return {};
            // The shards stay as they are, whichever mode they came from.
            const modeChanged = quota("UpdateStreamMode", stream.modeChanged, modeChangesADay);
            streams.change(stream, { mode, modeChanged });
            return {};
        },
        async UpdateMaxRecordSize(input, caller) {
            const stream = find(input, caller, "UpdateMaxRecordSize");
            streams.change(stream, { recordLimit: (input.MaxRecordSizeInKiB ?? 1024) * 1024 });
            return {};
        },
        IncreaseStreamRetentionPeriod: async (input, caller) =>
            retain(find(input, caller, "IncreaseStreamRetentionPeriod"), Number(input.RetentionPeriodHours), true),
        DecreaseStreamRetentionPeriod: async (input, caller) =>
            retain(find(input, caller, "DecreaseStreamRetentionPeriod"), Number(input.RetentionPeriodHours), false),
        async StartStreamEncryption(input, caller) {
            const stream = find(input, caller, "StartStreamEncryption");
            if (input.EncryptionType !== "KMS") {
                throw invalidArgument(`Encryption needs EncryptionType KMS; given was ${input.EncryptionType}.`);
            }
            streams.change(stream, { encryption: "KMS", keyId: input.KeyId });
            return {};
        },
        async StopStreamEncryption(input, caller) {
            const stream = find(input, caller, "StopStreamEncryption");
            streams.change(stream, { encryption: "NONE", keyId: undefined });
            return {};
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
