import { hash } from "node:crypto";
import type { Kinesis, StoredRecord } from "../../kinesis";
import { passesFilters } from "./filter";
import { type StoredMapping, streamName } from "./mapping";
import type { ShardLane } from "./mapping-store";

/** What a lane finds in its shard. */
export interface Found {
    /** The records that are its own and pass the filters, in order. */
    readonly records: readonly StoredRecord[];
    /** The last sequence number that was looked at; undefined when nothing was there. */
    readonly seen: string | undefined;
    /** All was looked at, and the shard is closed: there will never be more. */
    readonly ended: boolean;
}

/** Records that are looked at in one read of the store. */
const pageSize = 1_000;

/** Reads a lane's records after a sequence number; as many as the limit, or all that there are. */
export function readLane(
    kinesis: Kinesis,
    mapping: StoredMapping,
    lane: ShardLane,
    after: string | undefined,
    limit: number,
): Found {
    const { filters, parallelizationFactor } = mapping.settings;
    const name = streamName("GetRecords", mapping.streamArn);
    // Where each record counts, no more than the limit need be read.
    const page = filters.length === 0 && parallelizationFactor === 1 ? Math.min(pageSize, limit) : pageSize;
    const records: StoredRecord[] = [];
    let seen: string | undefined;
    for (;;) {
        const from = seen ?? after;
        const found = kinesis.read({
            streamName: name,
            shardId: lane.shardId,
            limit: page,
            ...(from === undefined ? {} : { after: from }),
        });
        for (const record of found) {
            seen = record.sequenceNumber;
            if (laneOf(record.partitionKey, parallelizationFactor) !== lane.lane) continue;
            if (passesFilters(filters, record.data)) records.push(record);
            if (records.length === limit) return { records, seen, ended: false };
        }
        if (found.length === 0) return { records, seen, ended: kinesis.isClosed(name, lane.shardId) };
    }
}

/** All records of a partition key share a lane, so that their order is kept. */
function laneOf(partitionKey: string, lanes: number): number {
    if (lanes === 1) return 0;
    return Number.parseInt(hash("md5", partitionKey).slice(0, 8), 16) % lanes;
}
