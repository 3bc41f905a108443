import type { ShardFilter } from "@aws-sdk/client-kinesis";
import type { Clock } from "../clock";
import { invalidArgument } from "./lookup";
import type { Shard } from "./shards";
import { type Stream, trimHorizon, unexpiredShards } from "./streams";

/**
 * The shards of a stream that a filter of ListShards lets through.
 * @throws AwsError InvalidArgumentException when the filter lacks what its type needs, or has what another type needs
 */
export function filterShards(stream: Stream, filter: ShardFilter | undefined, clock: Clock): readonly Shard[] {
    const shards = unexpiredShards(stream, clock);
    if (filter === undefined) return shards;
    const { Type, ShardId, Timestamp } = filter;
    if ((Type === "AFTER_SHARD_ID") !== (ShardId !== undefined)) {
        throw invalidArgument("A ShardFilter has a ShardId when its Type is AFTER_SHARD_ID, and only then.");
    }
    if ((Type === "AT_TIMESTAMP" || Type === "FROM_TIMESTAMP") !== (Timestamp !== undefined)) {
        throw invalidArgument(
            "A ShardFilter has a Timestamp when its Type is AT_TIMESTAMP or FROM_TIMESTAMP, and only then.",
        );
    }
    const horizon = Math.max(stream.created.getTime(), trimHorizon(stream.retentionHours, clock));
    const time = Math.max(Timestamp?.getTime() ?? 0, horizon);
    const notClosedBefore = ({ closed }: Shard) => closed === undefined || closed.time >= time;
    switch (Type) {
        case "AFTER_SHARD_ID":
            return shards.filter(({ id }) => id > String(ShardId));
        case "AT_LATEST":
            return shards.filter(({ closed }) => closed === undefined);
        case "AT_TRIM_HORIZON":
        case "AT_TIMESTAMP":
            return shards.filter((shard) => shard.created <= time && notClosedBefore(shard));
        case "FROM_TIMESTAMP":
            return shards.filter(notClosedBefore);
        default:
            return shards;
    }
}
