import { setTimeout as wait } from "node:timers/promises";
import {
    type _Record,
    GetRecordsCommand,
    GetShardIteratorCommand,
    type GetShardIteratorCommandInput,
    type KinesisClient,
    ListShardsCommand,
    type Shard,
} from "@aws-sdk/client-kinesis";

/** A shard takes five reads a second, of which its stages need some. */
const betweenReadsMilliseconds = 300;

/** A record of a stream, and the shard that it is on. */
export interface ShardRecord {
    readonly shardId: string;
    readonly sequenceNumber: string;
    readonly partitionKey: string;
    readonly data: Uint8Array;
    readonly arrived: Date;
}

/**
 * The records that came to a stream from one time on and before another, in pages: shard by shard, a shard after those
 * that it was made from, so that records with one partition key are in order.
 */
export async function* recordsBetween(
    kinesis: KinesisClient,
    streamName: string,
    from: Date,
    to: Date,
): AsyncGenerator<readonly ShardRecord[]> {
    for (const shardId of parentsFirst(await shardsOf(kinesis, streamName))) {
        yield* shardRecords(kinesis, { streamName, shardId, from, to });
    }
}

async function shardsOf(kinesis: KinesisClient, streamName: string): Promise<Shard[]> {
    const shards: Shard[] = [];
    for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
        const input = next === undefined ? { StreamName: streamName } : { NextToken: next };
        const page = await kinesis.send(new ListShardsCommand(input));
        shards.push(...(page.Shards ?? []));
        next = page.NextToken;
    }
    return shards;
}

/** Ids of shards, each after its parents. A parent that the stream has forgotten does not count. */
export function parentsFirst(shards: readonly Shard[]): string[] {
    const byId = new Map(shards.map((shard) => [shard.ShardId ?? "", shard]));
    const ordered = new Set<string>();
    const add = (shardId: string | undefined) => {
        const shard = byId.get(shardId ?? "");
        if (shardId === undefined || shard === undefined || ordered.has(shardId)) return;
        add(shard.ParentShardId);
        add(shard.AdjacentParentShardId);
        ordered.add(shardId);
    };
    for (const shardId of [...byId.keys()].sort()) add(shardId);
    return [...ordered];
}

async function* shardRecords(
    kinesis: KinesisClient,
    { streamName, shardId, from, to }: { streamName: string; shardId: string; from: Date; to: Date },
): AsyncGenerator<readonly ShardRecord[]> {
    const iteratorFrom = async (start: Partial<GetShardIteratorCommandInput>) => {
        const input = { StreamName: streamName, ShardId: shardId, ShardIteratorType: undefined, ...start };
        return (await kinesis.send(new GetShardIteratorCommand(input))).ShardIterator;
    };
    const beginning = { ShardIteratorType: "AT_TIMESTAMP", Timestamp: from } as const;
    let iterator = await iteratorFrom(beginning);
    let last: string | undefined;
    while (iterator !== undefined) {
        const page = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator })).catch((error: unknown) => {
            // An iterator lives for five minutes, and what is done with a page may take longer.
            if (error instanceof Error && error.name === "ExpiredIteratorException") return undefined;
            throw error;
        });
        if (page === undefined) {
            iterator = await iteratorFrom(
                last === undefined
                    ? beginning
                    : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: last },
            );
            continue;
        }
        const records = (page.Records ?? []).map((record) => shardRecord(shardId, record));
        last = records.at(-1)?.sequenceNumber ?? last;
        const wanted = records.filter(({ arrived }) => arrived >= from && arrived < to);
        if (wanted.length > 0) yield wanted;
        const beyond = records.some(({ arrived }) => arrived >= to);
        if (beyond || (page.MillisBehindLatest ?? 0) === 0) return;
        iterator = page.NextShardIterator;
        await wait(betweenReadsMilliseconds);
    }
}

function shardRecord(shardId: string, record: _Record): ShardRecord {
    const { SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp } = record;
    return {
        shardId,
        sequenceNumber: SequenceNumber ?? "",
        partitionKey: PartitionKey ?? "",
        data: Data ?? new Uint8Array(),
        arrived: ApproximateArrivalTimestamp ?? new Date(0),
    };
}
