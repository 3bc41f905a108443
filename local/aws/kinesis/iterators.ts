import type { Clock } from "../clock";
import { AwsError } from "../service";
import { invalidArgument } from "./lookup";

/** Where reading goes on. It travels as opaque text. */
export interface ShardIterator {
    readonly stream: number;
    readonly shard: number;
    readonly position: number;
}

const lifetimeMilliseconds = 300_000;

export function writeIterator({ stream, shard, position }: ShardIterator, clock: Clock): string {
    return Buffer.from(JSON.stringify([stream, shard, position, clock.now()])).toString("base64");
}

/** @throws AwsError for text that is not an iterator, or for one older than five minutes. */
export function readIterator(text: string, clock: Clock): ShardIterator {
    let parts: unknown;
    try {
        parts = JSON.parse(Buffer.from(text, "base64").toString());
    } catch {
        // Not an iterator, as is said below.
    }
    if (!Array.isArray(parts) || parts.length !== 4 || !parts.every((part) => Number.isSafeInteger(part))) {
        throw invalidArgument("Invalid ShardIterator.");
    }
    const [stream, shard, position, created] = parts as [number, number, number, number];
    const now = clock.now();
    if (now - created > lifetimeMilliseconds) {
        throw new AwsError(
            "ExpiredIteratorException",
            `Iterator expired. The iterator was created at time ${new Date(created).toISOString()} while right now it is ${new Date(now).toISOString()} which is further in the future than the tolerated delay of ${lifetimeMilliseconds} milliseconds.`,
        );
    }
    return { stream, shard, position };
}
