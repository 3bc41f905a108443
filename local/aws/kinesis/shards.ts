import { hash } from "node:crypto";
import type { Shard as ShardDescription } from "@aws-sdk/client-kinesis";
import { sequenceBase, sequenceIndex, sequenceNumber } from "./sequence";

const hashKeys = 1n << 128n;

/** The largest hash key: 2^128 - 1. */
export const largestHashKey = hashKeys - 1n;

export interface Shard {
    readonly number: number;
    readonly id: string;
    /** First hash key of its range, as 32 hexadecimal digits. */
    readonly firstHash: string;
    readonly description: ShardDescription;
    sequenceNumber(index: number): string;
    /** The index in a sequence number; undefined when it is not one of this shard. */
    index(sequenceNumber: string): number | undefined;
}

/** Shards that divide the hash keys evenly, as a new stream's do. */
export function evenShards(count: number, created: Date): readonly Shard[] {
    const width = hashKeys / BigInt(count);
    return Array.from({ length: count }, (_, number) => {
        const first = width * BigInt(number);
        const last = number === count - 1 ? largestHashKey : first + width - 1n;
        const base = sequenceBase(created, number);
        const id = `shardId-${String(number).padStart(12, "0")}`;
        return {
            number,
            id,
            firstHash: hexadecimal(first),
            description: {
                ShardId: id,
                HashKeyRange: { StartingHashKey: first.toString(), EndingHashKey: last.toString() },
                SequenceNumberRange: { StartingSequenceNumber: sequenceNumber(base, 0) },
            },
            sequenceNumber: (index) => sequenceNumber(base, index),
            index: (text) => sequenceIndex(base, text),
        };
    });
}

/** The shard that takes a record: by the MD5 digest of its partition key, or by the explicit hash key. */
export function shardFor(shards: readonly Shard[], partitionKey: string, explicitHashKey: string | undefined): Shard {
    const digest = explicitHashKey === undefined ? hash("md5", partitionKey) : hexadecimal(BigInt(explicitHashKey));
    const shard = shards.findLast(({ firstHash }) => firstHash <= digest);
    if (shard === undefined) throw new Error("A stream has no shards.");
    return shard;
}

function hexadecimal(hashKey: bigint): string {
    return hashKey.toString(16).padStart(32, "0");
}
