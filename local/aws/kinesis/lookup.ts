import type { Iam } from "../iam";
import { AwsError, account, type Caller } from "../service";
import type { Shard } from "./shards";
import { type Stream, type Streams, streamArn } from "./streams";

export interface StreamReference {
    readonly StreamName?: string;
    readonly StreamARN?: string;
}

/** Finds the stream that a call is about, once the caller may make that call. */
export type FindStream = (reference: StreamReference, caller: Caller, operation: string) => Stream;

export function streamFinder(iam: Iam, streams: Streams): FindStream {
    return (reference, caller, operation) => {
        const name = streamName(reference);
        iam.authorize(caller, `kinesis:${operation}`, streamArn(name));
        return existing(streams.find(name), name);
    };
}

export function existing(stream: Stream | undefined, name: string): Stream {
    if (stream !== undefined) return stream;
    throw new AwsError("ResourceNotFoundException", `Stream ${name} under account ${account} not found.`);
}

function streamName({ StreamName, StreamARN }: StreamReference): string {
    if (StreamARN === undefined) {
        if (StreamName !== undefined) return StreamName;
        throw invalidArgument("Either StreamName or StreamARN must be given.");
    }
    const name = StreamARN.slice(StreamARN.lastIndexOf("/") + 1);
    if (StreamARN !== streamArn(name)) {
        throw new AwsError(
            "ResourceNotFoundException",
            `Stream ${StreamARN} not found: the local twin's streams are ${streamArn("NAME")}.`,
        );
    }
    if (StreamName !== undefined && StreamName !== name) {
        throw invalidArgument(`StreamName ${StreamName} and StreamARN ${StreamARN} name different streams.`);
    }
    return name;
}

export function findShard(stream: Stream, shardId: string | undefined): Shard {
    const shard = stream.shards.find(({ id }) => id === shardId);
    if (shard !== undefined) return shard;
    throw new AwsError(
        "ResourceNotFoundException",
        `Could not find shard ${shardId} in stream ${stream.name} under account ${account}.`,
    );
}

/** A shard that is to be read. @throws AwsError in other words than for one that is to be split or merged */
export function readableShard(stream: Stream, shardId: string): Shard {
    const shard = stream.shards.find(({ id }) => id === shardId);
    if (shard !== undefined) return shard;
    throw new AwsError(
        "ResourceNotFoundException",
        `Shard ${shardId} in stream ${stream.name} under account ${account} does not exist`,
    );
}

export function invalidArgument(message: string): AwsError {
    return new AwsError("InvalidArgumentException", message);
}
