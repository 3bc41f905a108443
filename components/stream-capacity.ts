import type { ArgumentCheck } from "./argument-check";

/**
 * What a stream can take. Provisioned: a number of shards, each of which takes 1 MB or 1,000 records a second and is paid
 * by the hour. On demand: as much as comes, up to double the peak of the last 30 days, paid by the hour and by the
 * gigabyte. Either, and the number of shards, can be changed later: the stream and what is on it stay.
 */
export type StreamCapacity =
    | {
          /** @default "provisioned" */
          readonly capacity?: "provisioned";
          /** 1 to 500. One shard takes 1 MB or 1,000 records a second. @default 1 */
          readonly shards?: number;
      }
    | {
          readonly capacity: "on-demand";
          /** Kinesis itself chooses them. */
          readonly shards?: undefined;
      };

/** What is wrong with a stream's capacity. */
export function checkStreamCapacity(check: ArgumentCheck, { capacity = "provisioned", shards }: StreamCapacity): void {
    check.oneOf("capacity", capacity, ["provisioned", "on-demand"]);
    if (capacity === "on-demand" && shards !== undefined) {
        check.add(`shards is ${shards} with capacity "on-demand"; leave it out, since Kinesis chooses them`);
        return;
    }
    check.integer("shards", shards, { from: 1, to: 500 });
}

/** The capacity as arguments of a Kinesis stream. */
export function streamMode({ capacity = "provisioned", shards = 1 }: StreamCapacity) {
    if (capacity === "on-demand") return { streamModeDetails: { streamMode: "ON_DEMAND" } };
    return { shardCount: shards, streamModeDetails: { streamMode: "PROVISIONED" } };
}
