import {
    GetRecordsCommand,
    GetShardIteratorCommand,
    type KinesisClient,
    ListShardsCommand,
} from "@aws-sdk/client-kinesis";

/** What the intake puts into its stream for a mail. */
export interface Pointer {
    /** Record id. */
    readonly id: string;
    /** Object key in the mail bucket. */
    readonly key: string;
    /** The name by which a person knows the mail. */
    readonly source: string;
}

/** Reads the pointers of an intake's stream, from its start, and goes on where it stopped when asked again. */
export class PointerReader {
    private readonly iterators = new Map<string, string | undefined>();
    private readonly pointers = new Map<string, Pointer>();

    constructor(private readonly kinesis: KinesisClient) {}

    /** All pointers so far, by object key. */
    async read(streamName: string): Promise<ReadonlyMap<string, Pointer>> {
        for (const shardId of await this.shardIds(streamName)) await this.readShard(streamName, shardId);
        return this.pointers;
    }

    private async shardIds(streamName: string): Promise<string[]> {
        const shardIds: string[] = [];
        for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
            const input = next === undefined ? { StreamName: streamName } : { NextToken: next };
            const page = await this.kinesis.send(new ListShardsCommand(input));
            shardIds.push(...(page.Shards ?? []).flatMap(({ ShardId }) => ShardId ?? []));
            next = page.NextToken;
        }
        return shardIds;
    }

    private async readShard(streamName: string, shardId: string): Promise<void> {
        const place = `${streamName}/${shardId}`;
        let iterator = this.iterators.has(place) ? this.iterators.get(place) : await this.start(streamName, shardId);
        for (let behind = 1; behind > 0 && iterator !== undefined; ) {
            const page = await this.kinesis
                .send(new GetRecordsCommand({ ShardIterator: iterator }))
                .catch((error: unknown) => {
                    // Iterators live for five minutes; the shard is then read again from its start, which loses nothing.
                    if ((error as Error).name === "ExpiredIteratorException") return undefined;
                    throw error;
                });
            if (page === undefined) {
                iterator = await this.start(streamName, shardId);
                continue;
            }
            for (const record of page.Records ?? []) {
                const pointer = pointerFrom(record.Data);
                if (pointer !== undefined) this.pointers.set(pointer.key, pointer);
            }
            behind = page.MillisBehindLatest ?? 0;
            iterator = page.NextShardIterator;
        }
        // A closed shard has no further iterator, and is not read again.
        this.iterators.set(place, iterator);
    }

    private async start(streamName: string, shardId: string): Promise<string | undefined> {
        const answer = await this.kinesis.send(
            new GetShardIteratorCommand({
                StreamName: streamName,
                ShardId: shardId,
                ShardIteratorType: "TRIM_HORIZON",
            }),
        );
        return answer.ShardIterator;
    }
}

function pointerFrom(data: Uint8Array | undefined): Pointer | undefined {
    try {
        const envelope = JSON.parse(Buffer.from(data ?? []).toString("utf8")) as { data?: Partial<Pointer> };
        const { id, key, source } = envelope.data ?? {};
        return typeof id === "string" && typeof key === "string" ? { id, key, source: source ?? key } : undefined;
    } catch {
        return undefined;
    }
}
