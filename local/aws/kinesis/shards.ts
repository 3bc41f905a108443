import { hash } from "node:crypto";
import type { Shard as ShardDescription } from "@aws-sdk/client-kinesis";
import { sequenceBase, sequenceIndex, sequenceNumber } from "./sequence";

const hashKeys = 1n << 128n;

/** The largest hash key: 2^128 - 1. */
export const largestHashKey = hashKeys - 1n;

/** What is kept of a shard. */
export interface ShardState {
    /** From 0; a stream's never have the number of an earlier one. */
    readonly number: number;
    /** The first and the last hash key of its range, as 32 hexadecimal digits. */
    readonly firstHash: string;
    readonly lastHash: string;
    /** Milliseconds since 1970. */
    readonly created: number;
    /** The index with which its sequence numbers begin. */
    readonly start: number;
    /** Numbers of the shard that it came from by a split, or of the two by a merge; the adjacent one comes second. */
    readonly parents: readonly number[];
    /** Set once it takes no more records. */
    readonly closed?: Closing;
}

export interface Closing {
    /** Milliseconds since 1970. */
    readonly time: number;
    /** The index with which its sequence numbers end. No record of it has a later one. */
    readonly end: number;
}

export interface Shard extends ShardState {
    readonly id: string;
    readonly parentIds: readonly string[];
    readonly description: ShardDescription;
    sequenceNumber(index: number): string;
    /** The index in a sequence number; undefined when it is not one of this shard. */
    index(sequenceNumber: string): number | undefined;
}

export function toShard(state: ShardState): Shard {
    const { number, firstHash, lastHash, created, start, parents, closed } = state;
    const base = sequenceBase(created, number);
    const id = shardId(number);
    const parentIds = parents.map(shardId);
    return {
        ...state,
        id,
        parentIds,
        description: {
            ShardId: id,
            ParentShardId: parentIds[0],
            AdjacentParentShardId: parentIds[1],
            HashKeyRange: {
                StartingHashKey: hashKeyOf(firstHash).toString(),
                EndingHashKey: hashKeyOf(lastHash).toString(),
            },
            SequenceNumberRange: {
                StartingSequenceNumber: sequenceNumber(base, start),
                EndingSequenceNumber: closed === undefined ? undefined : sequenceNumber(base, closed.end),
            },
        },
        sequenceNumber: (index) => sequenceNumber(base, index),
        index: (text) => sequenceIndex(base, text),
    };
}

/** Shards that divide the hash keys evenly, as a new stream's do. */
export function evenShards(count: number, created: number): readonly ShardState[] {
    return evenRanges(count).map((range, number) => ({ ...range, number, created, start: 0, parents: [] }));
}

/** The ranges of hash keys that so many equal shards have. */
export function evenRanges(count: number): readonly Pick<ShardState, "firstHash" | "lastHash">[] {
    const width = hashKeys / BigInt(count);
    return Array.from({ length: count }, (_, number) => {
        const first = width * BigInt(number);
        const last = number === count - 1 ? largestHashKey : first + width - 1n;
        return { firstHash: hexadecimal(first), lastHash: hexadecimal(last) };
    });
}

/**
 * The shard that takes a record: by the MD5 digest of its partition key, or by the explicit hash key.
 * @param open the open shards in order of their ranges
 */
export function shardFor(open: readonly Shard[], partitionKey: string, explicitHashKey: string | undefined): Shard {
    const digest = explicitHashKey === undefined ? hash("md5", partitionKey) : hexadecimal(BigInt(explicitHashKey));
    let low = 0;
    for (let high = open.length; high - low > 1; ) {
        const middle = (low + high) >> 1;
        if ((open[middle]?.firstHash ?? "") <= digest) low = middle;
        else high = middle;
    }
    const shard = open[low];
    if (shard === undefined) throw new Error("A stream has no open shards.");
    return shard;
}

/** Does it take records, in the ranges' order? */
export function openShards<State extends ShardState>(shards: readonly State[]): State[] {
    return shards.filter(({ closed }) => closed === undefined).sort((a, b) => (a.firstHash < b.firstHash ? -1 : 1));
}

export function shardId(number: number): string {
    return `shardId-${String(number).padStart(12, "0")}`;
}

export function hexadecimal(hashKey: bigint): string {
    return hashKey.toString(16).padStart(32, "0");
}

export function hashKeyOf(hexadecimalDigits: string): bigint {
    return BigInt(`0x${hexadecimalDigits}`);
}
