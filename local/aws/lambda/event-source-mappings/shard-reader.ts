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
    /** There may be more, for which the limits leave no room. */
    readonly full: boolean;
    /** All was looked at, and the shard is closed: there will never be more. */
    readonly ended: boolean;
}

export interface ReadLimits {
    readonly records: number;
    /** Bytes of the records' data. One record is returned even if it is larger. @default no limit */
    readonly bytes?: number;
}

/** Records that are looked at in one read of the store. */
const pageSize = 1_000;
/** Bytes of their data; one is read even if it is larger. */
const pageBytes = 10 << 20;

/** Reads a lane's records after a sequence number; as many as the limits allow, or all that there are. */
export function readLane(
    kinesis: Kinesis,
    mapping: StoredMapping,
    lane: ShardLane,
    after: string | undefined,
    limits: ReadLimits,
): Found {
    const { filters, parallelizationFactor } = mapping.settings;
    const name = streamName("GetRecords", mapping.streamArn);
    // Where each record counts, no more than the limits need be read.
    const takesAll = filters.length === 0 && parallelizationFactor === 1;
    const records: StoredRecord[] = [];
    let room = limits.bytes ?? Number.POSITIVE_INFINITY;
    let seen: string | undefined;
    for (;;) {
        const from = seen ?? after;
        const found = kinesis.read({
            streamName: name,
            shardId: lane.shardId,
            limit: takesAll ? Math.min(pageSize, limits.records - records.length) : pageSize,
            bytes: takesAll ? Math.min(pageBytes, room) : pageBytes,
            ...(from === undefined ? {} : { after: from }),
        });
        for (const record of found) {
            const isOwn =
                laneOf(record.partitionKey, parallelizationFactor) === lane.lane && passesFilters(filters, record.data);
            if (isOwn) {
                if (records.length > 0 && record.data.length > room) return { records, seen, full: true, ended: false };
                room -= record.data.length;
                // A view would hold all that was read with it, of which this may be little.
                records.push(takesAll ? record : { ...record, data: Buffer.from(record.data) });
            }
            seen = record.sequenceNumber;
            if (records.length === limits.records) return { records, seen, full: true, ended: false };
        }
        if (found.length === 0) return { records, seen, full: false, ended: kinesis.isClosed(name, lane.shardId) };
    }
}

/** The first record of a lane after a sequence number. */
export function nextRecord(
    kinesis: Kinesis,
    mapping: StoredMapping,
    lane: ShardLane,
    after: string | undefined,
): StoredRecord | undefined {
    return readLane(kinesis, mapping, lane, after, { records: 1 }).records[0];
}

/** All records of a partition key share a lane, so that their order is kept. */
function laneOf(partitionKey: string, lanes: number): number {
    if (lanes === 1) return 0;
    return Number.parseInt(hash("md5", partitionKey).slice(0, 8), 16) % lanes;
}
