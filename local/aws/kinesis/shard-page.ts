import type { ListShardsOutput, ShardFilter } from "@aws-sdk/client-kinesis";
import type { Clock } from "../clock";
import { AwsError } from "../service";
import { invalidArgument } from "./lookup";
import { filterShards } from "./shard-filter";
import type { Stream } from "./streams";

/** Shards in one answer of ListShards. */
const pageLimit = 1_000;
const tokenLifetimeMilliseconds = 300_000;

/** Where a page of ListShards begins. A token for the next page holds it, as opaque text. */
export interface PageStart {
    /** The id of a stream. */
    readonly stream: number;
    readonly after?: string;
    readonly filter?: ShardFilter;
}

export function shardPage(
    stream: Stream,
    { after = "", filter }: Omit<PageStart, "stream">,
    limit: number | undefined,
    clock: Clock,
): ListShardsOutput {
    const rest = filterShards(stream, filter, clock).filter(({ id }) => id > after);
    const page = rest.slice(0, Math.min(limit ?? pageLimit, pageLimit));
    const last = page.at(-1);
    return {
        Shards: page.map(({ description }) => description),
        NextToken:
            last === undefined || rest.length === page.length
                ? undefined
                : writeToken({ stream: stream.id, after: last.id, filter }, clock),
    };
}

type TokenParts = readonly [created: number, stream: number, after: string, filter: WireFilter | null];
type WireFilter = Omit<ShardFilter, "Timestamp"> & { readonly Timestamp?: string };

function writeToken({ stream, after, filter }: PageStart, clock: Clock): string {
    return Buffer.from(JSON.stringify([clock.now(), stream, after, filter ?? null])).toString("base64");
}

/** @throws AwsError for text that is not a token, or for one older than five minutes */
export function readToken(text: string, clock: Clock): PageStart {
    let parts: unknown;
    try {
        parts = JSON.parse(Buffer.from(text, "base64").toString());
    } catch {
        // Not a token, as is said below.
    }
    if (!isToken(parts)) throw invalidArgument("The NextToken is not one that ListShards gave.");
    const [created, stream, after, filter] = parts;
    if (clock.now() - created > tokenLifetimeMilliseconds) {
        throw new AwsError("ExpiredNextTokenException", "The NextToken has expired: it can be used for 300 seconds.");
    }
    if (filter === null) return { stream, after };
    const { Timestamp, ...rest } = filter;
    return { stream, after, filter: Timestamp === undefined ? rest : { ...rest, Timestamp: new Date(Timestamp) } };
}

function isToken(parts: unknown): parts is TokenParts {
    if (!Array.isArray(parts) || parts.length !== 4) return false;
    const [created, stream, after, filter] = parts as readonly unknown[];
    return (
        Number.isSafeInteger(created) &&
        Number.isSafeInteger(stream) &&
        typeof after === "string" &&
        typeof filter === "object" &&
        !Array.isArray(filter)
    );
}
