import type {
    ListShardsInput,
    ListShardsOutput,
    MergeShardsInput,
    SplitShardInput,
    UpdateShardCountInput,
    UpdateShardCountOutput,
} from "@aws-sdk/client-kinesis";
import type { Clock } from "../clock";
import { AwsError, account, type Operation } from "../service";
import { existing, type FindStream, findShard, invalidArgument } from "./lookup";
import type { DailyQuota } from "./quota";
import type { Records } from "./records";
import { adjoin, type Moment, merge, scaleUniformly, split } from "./resharding";
import { readToken, shardPage } from "./shard-page";
import { hashKeyOf, type Shard, type ShardState } from "./shards";
import type { Stream, Streams } from "./streams";

export const mostShards = 10_000;
const scalingsADay = 10;

export interface ShardOperations {
    ListShards: Operation<ListShardsInput, ListShardsOutput>;
    SplitShard: Operation<SplitShardInput, object>;
    MergeShards: Operation<MergeShardsInput, object>;
    UpdateShardCount: Operation<UpdateShardCountInput, UpdateShardCountOutput>;
}

export interface ShardDependencies {
    readonly clock: Clock;
    readonly streams: Streams;
    readonly records: Records;
    readonly find: FindStream;
    readonly quota: DailyQuota;
    /** To be called when a stream has other shards than before. */
    changed(streamName: string): void;
}

/** The operations on the shards of streams. When a call returns, its shards are closed and opened. */
export function shardOperations({ clock, streams, records, find, quota, changed }: ShardDependencies): ShardOperations {
    function reshard(
        stream: Stream,
        work: (shards: readonly Shard[], moment: Moment) => readonly ShardState[],
        changes?: Pick<Stream, "scaled">,
    ): void {
        streams.reshard(stream, (shards) => work(shards, records.moment(stream)), changes);
        changed(stream.name);
    }

    return {
        async ListShards(input, caller) {
            const { NextToken, StreamName, StreamARN, ExclusiveStartShardId, StreamCreationTimestamp } = input;
            if (NextToken !== undefined) {
                if ([StreamName, StreamARN, ExclusiveStartShardId, StreamCreationTimestamp].some(Boolean)) {
                    throw invalidArgument("NextToken and StreamName cannot be provided together.");
                }
                const start = readToken(NextToken, clock);
                const { name } = existing(streams.byId(start.stream), "of this NextToken");
                return shardPage(find({ StreamName: name }, caller, "ListShards"), start, input.MaxResults, clock);
            }
            const stream = find(input, caller, "ListShards");
            const seconds = (time: Date) => Math.floor(time.getTime() / 1000);
            if (StreamCreationTimestamp !== undefined && seconds(StreamCreationTimestamp) !== seconds(stream.created)) {
                existing(undefined, `${stream.name} created at ${StreamCreationTimestamp.toISOString()}`);
            }
            const start = { after: ExclusiveStartShardId, filter: input.ShardFilter };
            return shardPage(stream, start, input.MaxResults, clock);
        },
        async SplitShard(input, caller) {
            const stream = find(input, caller, "SplitShard");
            refuseOnDemand(stream);
            const shard = openShard(stream, input.ShardToSplit);
            const start = BigInt(input.NewStartingHashKey ?? "");
            const { firstHash, lastHash } = shard;
            if (start <= hashKeyOf(firstHash) + 1n || start >= hashKeyOf(lastHash)) {
                throw invalidArgument(
                    `NewStartingHashKey ${start} used in SplitShard() on shard ${shard.id} in stream ${stream.name} under account ${account} is not both greater than one plus the shard's StartingHashKey ${hashKeyOf(firstHash)} and less than the shard's EndingHashKey ${hashKeyOf(lastHash)}.`,
                );
            }
            if (stream.open.length >= mostShards) throw tooManyShards(stream.open.length + 1);
            reshard(stream, (shards, moment) => split(shards, shard, start, moment));
            return {};
        },
        async MergeShards(input, caller) {
            const stream = find(input, caller, "MergeShards");
            refuseOnDemand(stream);
            const lower = openShard(stream, input.ShardToMerge);
            const upper = openShard(stream, input.AdjacentShardToMerge);
            if (!adjoin(lower, upper)) {
                throw invalidArgument(
                    `Shards ${lower.id} and ${upper.id} in stream ${stream.name} under account ${account} are not an adjacent pair of shards eligible for merging`,
                );
            }
            reshard(stream, (shards, moment) => merge(shards, lower, upper, moment));
            return {};
        },
        async UpdateShardCount(input, caller) {
            const stream = find(input, caller, "UpdateShardCount");
            refuseOnDemand(stream);
            const current = stream.open.length;
            const target = input.TargetShardCount ?? current;
            checkTarget(current, target);
            const scaled = quota("UpdateShardCount", stream.scaled, scalingsADay);
            reshard(stream, (shards, moment) => scaleUniformly(shards, target, moment), { scaled });
            return {
                StreamName: stream.name,
                StreamARN: stream.arn,
                CurrentShardCount: current,
                TargetShardCount: target,
            };
        },
    };
}

/** @throws AwsError when a shard was closed */
function openShard(stream: Stream, shardId: string | undefined): Shard {
    const shard = findShard(stream, shardId);
    if (shard.closed === undefined) return shard;
    throw invalidArgument(
        `Shard ${shard.id} in stream ${stream.name} under account ${account} has already been merged or split, and thus is not eligible for merging or splitting.`,
    );
}

function refuseOnDemand({ mode, name }: Stream): void {
    if (mode === "PROVISIONED") return;
    throw new AwsError(
        "ValidationException",
        `Request is invalid. Stream ${name} under account ${account} is in On-Demand mode.`,
    );
}

function checkTarget(current: number, target: number): void {
    if (target > mostShards) throw tooManyShards(target);
    const counts = `Current open shard count: ${current} Target shard count: ${target}`;
    if (target > current * 2) {
        throw limitExceeded(`UpdateShardCount cannot scale up over double your current open shard count. ${counts}`);
    }
    if (target * 2 < current) {
        throw limitExceeded(`UpdateShardCount cannot scale down below half your current open shard count. ${counts}`);
    }
}

/** @throws AwsError LimitExceededException */
export function tooManyShards(count: number): AwsError {
    return limitExceeded(`A stream can have ${mostShards} open shards; this would make ${count}.`);
}

function limitExceeded(message: string): AwsError {
    return new AwsError("LimitExceededException", message);
}
