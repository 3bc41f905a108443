import { integer, oneOf, type Rule, type Rules } from "./argument-rules";
import { shown } from "./shown-value";

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

/** What a stream's capacity may be, given what the program says of it. */
export function streamCapacityRules(capacity: unknown): Rules<StreamCapacity> {
    return {
        capacity: oneOf(["provisioned", "on-demand"]),
        shards: capacity === "on-demand" ? leftOut : integer({ from: 1, to: 500 }),
    };
}

const leftOut: Rule = {
    what: "left out",
    problems: (option, shards) => [
        `${option} is ${shown(shards)} with capacity "on-demand"; leave it out, since Kinesis chooses them`,
    ],
};

/** The capacity as arguments of a Kinesis stream. */
export function streamMode({ capacity = "provisioned", shards = 1 }: StreamCapacity) {
    if (capacity === "on-demand") return { streamModeDetails: { streamMode: "ON_DEMAND" } };
    return { shardCount: shards, streamModeDetails: { streamMode: "PROVISIONED" } };
}
