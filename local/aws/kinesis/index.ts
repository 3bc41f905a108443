import type { GetRecordsOutput } from "@aws-sdk/client-kinesis";
import type { TwinContext } from "../context";
import { checkMembers } from "../protocol/constraints";
import { jsonService } from "../protocol/json";
import { decodeMembers } from "../protocol/shape";
import { AwsError, type AwsService, type Caller } from "../service";
import { readIterator } from "./iterators";
import { existing, findShard, streamFinder } from "./lookup";
import { measuredRecordOperations } from "./metrics";
import { createNews } from "./news";
import { dailyQuota } from "./quota";
import { type RecordOperations, recordOperations } from "./record-operations";
import { createRecords, type StoredRecord } from "./records";
import { recordsBody } from "./records-body";
import { shapes } from "./shapes";
import { type ShardOperations, shardOperations } from "./shard-operations";
import { readToken } from "./shard-page";
import { type StreamOperations, streamOperations } from "./stream-operations";
import { createStreams, unexpiredShards } from "./streams";
import { type TagOperations, tagOperations } from "./tag-operations";
import { createThroughput } from "./throughput";

export type { StoredRecord } from "./records";

export interface KinesisOperations extends StreamOperations, ShardOperations, RecordOperations, TagOperations {}

export interface ReadOptions {
    readonly streamName: string;
    readonly shardId: string;
    /**
     * Sequence number after which to begin. One of a deleted stream of that name means the oldest record.
     * @default the oldest record
     */
    readonly after?: string;
    /** Records at most. */
    readonly limit: number;
    /** Bytes of data at most; one record is returned even if larger. @default 10 MiB */
    readonly bytes?: number;
}

/** A shard as its readers need to know it. */
export interface ReadableShard {
    readonly id: string;
    /** Whose records come before its own. They may have expired. */
    readonly parentIds: readonly string[];
    /** It gets no more records. */
    readonly closed: boolean;
}

export interface Kinesis extends AwsService {
    readonly operations: KinesisOperations;
    /**
     * Reads from the store; at any pace without the limits of a shard.
     * @throws AwsError ResourceNotFoundException without such a stream or shard.
     */
    read(options: ReadOptions): StoredRecord[];
    /**
     * A sequence number after which come the records of a position and later, as `after` of {@link read}: so a reader
     * that begins at LATEST or at a time has a place to remember before its first record comes.
     */
    position(streamName: string, shardId: string, at: "TRIM_HORIZON" | "LATEST" | Date): string;
    /**
     * The shards that may hold records, in the order of their ids: parents come before their children.
     * @throws AwsError ResourceNotFoundException
     */
    shards(streamName: string): readonly ReadableShard[];
    /** Milliseconds for which records are kept. @throws AwsError ResourceNotFoundException */
    retention(streamName: string): number;
    /** Is it certain that a shard gets no more records? @throws AwsError ResourceNotFoundException */
    isClosed(streamName: string, shardId: string): boolean;
    /** The stream that an iterator or the token of a page of shards leads to; undefined where it leads to none. */
    streamOf(token: string): string | undefined;
    /** Calls back with the shards that got records, once these are on disk. Returns a function that ends this. */
    onRecords(streamName: string, listener: (shardIds: readonly string[]) => void): () => void;
    /** Calls back when the stream has other shards than before, or is made or deleted. Returns a function that ends this. */
    onShards(streamName: string, listener: () => void): () => void;
}

const trimIntervalMilliseconds = 60_000;
const readBytes = 10 << 20;
const hour = 3_600_000;

/** Kinesis data streams, on the store. */
export function createKinesis(context: TwinContext): Kinesis {
    const { clock, iam, pace, store } = context;
    const throughput = createThroughput(pace, clock);
    const streams = createStreams(store, clock);
    const records = createRecords(store, clock, throughput);
    const find = streamFinder(iam, streams);
    const quota = dailyQuota(pace, clock);
    const arrivals = createNews<readonly string[]>();
    const changes = createNews<void>();
    const changed = (streamName: string) => changes.tell(streamName);
    const common = { clock, iam, streams, records, throughput, find, quota, changed };
    const operations = checked({
        ...streamOperations(common),
        ...shardOperations(common),
        ...tagOperations(streams, find),
        ...measuredRecordOperations(
            context,
            streams,
            recordOperations({
                ...common,
                async store({ id, name }, batch) {
                    const placements = await store.commit(() =>
                        // It may have been deleted, or resharded, while this waited for its turn.
                        records.append(existing(streams.byId(id), name), batch),
                    );
                    const stored = placements.filter(({ sequenceNumber }) => sequenceNumber !== undefined);
                    if (stored.length > 0) {
                        arrivals.tell(name, [...new Set(stored.map(({ shard }) => shard.id))]);
                    }
                    return placements;
                },
            }),
        ),
    });

    function trim(): void {
        try {
            for (const stream of streams.all()) {
                records.trim(stream);
                if (streams.forgetExpired(stream)) changed(stream.name);
            }
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            context.report({ level: "error", source: "kinesis", message: `Expired records stay: ${reason}` });
        }
    }
    trim();
    const endTrimming = clock.every(trimIntervalMilliseconds, trim);

    return {
        ...jsonService({
            signingNames: ["kinesis"],
            targetPrefixes: ["Kinesis_20131202"],
            contentType: "application/x-amz-json-1.1",
            operations,
            write: { GetRecords: (output) => recordsBody(output as GetRecordsOutput) },
            decode: Object.fromEntries(
                Object.entries(shapes).map(([name, shape]) => [name, (input) => decodeMembers(shape, input)]),
            ),
        }),
        operations,
        read({ streamName, shardId, after, limit, bytes = readBytes }) {
            const stream = existing(streams.find(streamName), streamName);
            const shard = findShard(stream, shardId);
            const start = after === undefined ? 0 : (shard.index(after) ?? -1) + 1;
            return records.read(stream, shard, start, { records: limit, bytes }).records;
        },
        streamOf(token) {
            for (const read of [readIterator, readToken]) {
                try {
                    return streams.byId(read(token, clock).stream)?.name;
                } catch (error) {
                    // The other kind, one that has expired, or none.
                    if (!(error instanceof AwsError)) throw error;
                }
            }
            return undefined;
        },
        position(streamName, shardId, at) {
            const stream = existing(streams.find(streamName), streamName);
            const shard = findShard(stream, shardId);
            if (at === "TRIM_HORIZON") return shard.sequenceNumber(0);
            const first = at === "LATEST" ? records.next() : records.since(stream, shard, at);
            return shard.sequenceNumber(first - 1);
        },
        shards: (streamName) =>
            unexpiredShards(existing(streams.find(streamName), streamName), clock).map(({ id, parentIds, closed }) => ({
                id,
                parentIds,
                closed: closed !== undefined,
            })),
        retention: (streamName) => existing(streams.find(streamName), streamName).retentionHours * hour,
        isClosed: (streamName, shardId) =>
            findShard(existing(streams.find(streamName), streamName), shardId).closed !== undefined,
        onRecords: arrivals.listen,
        onShards: changes.listen,
        async close() {
            endTrimming();
        },
    };
}

/** The operations, each of which first checks what it is called with. */
function checked(operations: KinesisOperations): KinesisOperations {
    const entries = Object.entries(operations).map(([name, operation]) => {
        const shape = shapes[name as keyof KinesisOperations];
        return [
            name,
            async (input: object, caller: Caller) => {
                checkMembers("kinesis", name, shape, input);
                return operation(input, caller);
            },
        ];
    });
    return Object.fromEntries(entries) as KinesisOperations;
}
