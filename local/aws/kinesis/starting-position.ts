import type { GetShardIteratorInput } from "@aws-sdk/client-kinesis";
import type { Clock } from "../clock";
import { account } from "../service";
import { invalidArgument } from "./lookup";
import type { Records } from "./records";
import { parseSequenceNumber } from "./sequence";
import { type Shard, shardId } from "./shards";
import type { Stream } from "./streams";

/** The index at which an iterator of GetShardIterator begins. @throws AwsError InvalidArgumentException */
export function startingPosition(
    input: GetShardIteratorInput,
    stream: Stream,
    shard: Shard,
    records: Records,
    clock: Clock,
): number {
    const { ShardIteratorType: type, StartingSequenceNumber: start, Timestamp: timestamp } = input;
    const bySequenceNumber = type === "AT_SEQUENCE_NUMBER" || type === "AFTER_SEQUENCE_NUMBER";
    if (bySequenceNumber !== (start !== undefined)) {
        const given = start === undefined ? "no StartingSequenceNumber" : "also a StartingSequenceNumber";
        throw invalidArgument(
            `Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${type} and ${given}.`,
        );
    }
    switch (type) {
        case "LATEST":
            return records.next();
        case "AT_SEQUENCE_NUMBER":
            return indexOf(start ?? "", stream, shard, records);
        case "AFTER_SEQUENCE_NUMBER":
            return indexOf(start ?? "", stream, shard, records) + 1;
        case "AT_TIMESTAMP":
            if (timestamp === undefined) {
                throw invalidArgument(
                    "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.",
                );
            }
            if (timestamp.getTime() > clock.now()) {
                throw invalidArgument(
                    `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${timestamp.getTime()}, currentTimestampInMillis: ${clock.now()}`,
                );
            }
            return records.since(stream, shard, timestamp);
        default:
            return 0;
    }
}

function indexOf(sequenceNumber: string, stream: Stream, shard: Shard, records: Records): number {
    const index = shard.index(sequenceNumber);
    if (index !== undefined && index < records.next()) return index;
    const encoded = parseSequenceNumber(sequenceNumber)?.shard;
    if (encoded !== undefined && encoded !== shard.number) {
        throw invalidArgument(
            `Invalid StartingSequenceNumber. It encodes ${shardId(encoded)}, while it was used in a call to a shard with ${shard.id}`,
        );
    }
    throw invalidArgument(
        `StartingSequenceNumber ${sequenceNumber} used in GetShardIterator on shard ${shard.id} in stream ${stream.name} under account ${account} is invalid.`,
    );
}
