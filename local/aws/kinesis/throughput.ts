import type { Clock } from "../clock";
import type { Pace } from "../context";
import { AwsError, account } from "../service";
import type { Shard } from "./shards";
import type { Stream } from "./streams";

const mebibyte = 1 << 20;

/** What AWS grants one shard, a second. */
export const shardLimits = {
    recordsWritten: 1_000,
    bytesWritten: mebibyte,
    reads: 5,
    bytesRead: 2 * mebibyte,
    iterators: 5,
};

type NamedStream = Pick<Stream, "id" | "name">;

/** How much the shards take and give at the pace of AWS; at the fast one they have no limits. */
export interface Throughput {
    /** Uses up what a record needs, or is false, and uses up nothing, when there is too little left. */
    write(stream: NamedStream, shard: Shard, bytes: number): boolean;
    /** @throws AwsError ProvisionedThroughputExceededException */
    beginRead(stream: NamedStream, shard: Shard): void;
    /** Uses up what a read gave. What is more than there was has to be waited for by the next one. */
    endRead(stream: NamedStream, shard: Shard, bytes: number): void;
    /** @throws AwsError ProvisionedThroughputExceededException */
    iterator(stream: NamedStream, shard: Shard): void;
}

const unlimited: Throughput = { write: () => true, beginRead() {}, endRead() {}, iterator() {} };

export function createThroughput(pace: Pace, clock: Clock): Throughput {
    if (pace === "fast") return unlimited;
    const recordsWritten = createAllowance(clock, shardLimits.recordsWritten);
    const bytesWritten = createAllowance(clock, shardLimits.bytesWritten);
    const reads = createAllowance(clock, shardLimits.reads);
    const bytesRead = createAllowance(clock, shardLimits.bytesRead);
    const iterators = createAllowance(clock, shardLimits.iterators);
    const keyOf = (stream: NamedStream, shard: Shard) => `${stream.id}/${shard.number}`;

    return {
        write(stream, shard, bytes) {
            const key = keyOf(stream, shard);
            // A record larger than what a second grants is paid for by the seconds after it.
            const needed = Math.min(bytes, shardLimits.bytesWritten);
            if (recordsWritten.left(key) < 1 || bytesWritten.left(key) < needed) return false;
            recordsWritten.use(key, 1);
            bytesWritten.use(key, bytes);
            return true;
        },
        beginRead(stream, shard) {
            const key = keyOf(stream, shard);
            if (reads.left(key) < 1 || bytesRead.left(key) <= 0) throw throughputExceeded(stream, shard);
            reads.use(key, 1);
        },
        endRead: (stream, shard, bytes) => bytesRead.use(keyOf(stream, shard), bytes),
        iterator(stream, shard) {
            const key = keyOf(stream, shard);
            if (iterators.left(key) < 1) throw throughputExceeded(stream, shard);
            iterators.use(key, 1);
        },
    };
}

export function throughputExceeded(stream: NamedStream, shard: Shard): AwsError {
    return new AwsError("ProvisionedThroughputExceededException", throughputMessage(stream, shard));
}

export function throughputMessage(stream: NamedStream, shard: Shard): string {
    return `Rate exceeded for shard ${shard.id} in stream ${stream.name} under account ${account}.`;
}

/** So much a second for each key. What is not used within a second is lost. */
function createAllowance(clock: Clock, perSecond: number) {
    const accounts = new Map<string, { left: number; time: number }>();

    function left(key: string): number {
        const now = clock.now();
        const known = accounts.get(key);
        if (known === undefined) return perSecond;
        const earned = (Math.max(0, now - known.time) * perSecond) / 1000;
        return Math.min(perSecond, known.left + earned);
    }

    return {
        left,
        use(key: string, amount: number): void {
            accounts.set(key, { left: left(key) - amount, time: clock.now() });
        },
    };
}
