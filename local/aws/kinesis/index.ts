import { EventEmitter } from "node:events";
import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import type { AwsService } from "../service";
import { existing, findShard, streamFinder } from "./lookup";
import { type RecordOperations, recordOperations } from "./record-operations";
import { createRecords, type StoredRecord } from "./records";
import { type StreamOperations, streamOperations } from "./stream-operations";
import { createStreams } from "./streams";

export type { StoredRecord } from "./records";

export interface KinesisOperations extends StreamOperations, RecordOperations {}

export interface ReadOptions {
    readonly streamName: string;
    readonly shardId: string;
    /**
     * Sequence number after which to begin. One of a deleted stream of that name means the oldest record. @default the oldest record, or none at all if `from` is
     * LATEST
     */
    readonly after?: string;
    /** Where to begin without `after`. @default "TRIM_HORIZON" */
    readonly from?: "TRIM_HORIZON" | "LATEST";
    /** Records at most. */
    readonly limit: number;
    /** Bytes of data at most; one record is returned even if larger. @default 10 MiB */
    readonly bytes?: number;
}

export interface Kinesis extends AwsService {
    readonly operations: KinesisOperations;
    /** Reads from the store. @throws AwsError ResourceNotFoundException without such a stream or shard. */
    read(options: ReadOptions): StoredRecord[];
    /**
     * A sequence number after which come the records of a position and later, as `after` of {@link read}: so a reader
     * that begins at LATEST or at a time has a place to remember before its first record comes.
     */
    position(streamName: string, shardId: string, at: "TRIM_HORIZON" | "LATEST" | Date): string;
    /** Calls back with the shards that got records, once these are on disk. Returns a function that ends this. */
    onRecords(streamName: string, listener: (shardIds: readonly string[]) => void): () => void;
}

const trimIntervalMilliseconds = 60_000;
const readBytes = 10 << 20;

/** Kinesis data streams, on the store. */
export function createKinesis(context: TwinContext): Kinesis {
    const { iam, store } = context;
    const streams = createStreams(store);
    const records = createRecords(store);
    const find = streamFinder(iam, streams);
    const arrivals = new EventEmitter().setMaxListeners(0);

    const operations: KinesisOperations = {
        ...streamOperations(iam, streams, records, find),
        ...recordOperations({
            iam,
            streams,
            records,
            find,
            async store(stream, batch) {
                const stored = await store.commit(() => {
                    // It may have been deleted while this waited for its turn.
                    existing(streams.byId(stream.id), stream.name);
                    return records.append(stream, batch);
                });
                arrivals.emit(`stream ${stream.name}`, [...new Set(stored.map(({ shard }) => shard.id))]);
                return stored;
            },
        }),
    };

    function trim(): void {
        try {
            for (const stream of streams.all()) records.trim(stream);
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            context.report({ level: "error", source: "kinesis", message: `Expired records stay: ${reason}` });
        }
    }
    trim();
    const trimming = setInterval(trim, trimIntervalMilliseconds).unref();

    return {
        ...jsonService({
            signingNames: ["kinesis"],
            targetPrefixes: ["Kinesis_20131202"],
            contentType: "application/x-amz-json-1.1",
            operations,
            decode: {
                PutRecord: withData,
                PutRecords: (input) => ({
                    ...input,
                    Records: (input.Records as WireRecord[] | undefined)?.map(withData),
                }),
                GetShardIterator: ({ Timestamp, ...input }) => ({
                    ...input,
                    Timestamp: typeof Timestamp === "number" ? new Date(Timestamp * 1000) : undefined,
                }),
            },
        }),
        operations,
        read({ streamName, shardId, after, from = "TRIM_HORIZON", limit, bytes = readBytes }) {
            const stream = existing(streams.find(streamName), streamName);
            const shard = findShard(stream, shardId);
            if (after === undefined && from === "LATEST") return [];
            const start = after === undefined ? 0 : (shard.index(after) ?? -1) + 1;
            return records.read(stream, shard, start, { records: limit, bytes }).records;
        },
        position(streamName, shardId, at) {
            const stream = existing(streams.find(streamName), streamName);
            const shard = findShard(stream, shardId);
            if (at === "TRIM_HORIZON") return shard.sequenceNumber(0);
            const first = at === "LATEST" ? records.next() : records.since(stream, shard, at);
            return shard.sequenceNumber(first - 1);
        },
        onRecords(streamName, listener) {
            // Not the bare name: an event named "error" would throw.
            const event = `stream ${streamName}`;
            arrivals.on(event, listener);
            return () => {
                arrivals.off(event, listener);
            };
        },
        async close() {
            clearInterval(trimming);
        },
    };
}

type WireRecord = Readonly<Record<string, unknown>>;

function withData(record: WireRecord): unknown {
    return { ...record, Data: typeof record.Data === "string" ? Buffer.from(record.Data, "base64") : undefined };
}
