import { createHash } from "node:crypto";
import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { backoff } from "./backoff";
import type { Envelope } from "./envelope";
import { errorFields, log } from "./log";
import { RejectRecord } from "./reject-record";

/** Largest record, data and partition key together: 1 MiB, the default of a stream. */
export const MAX_RECORD_BYTES = 1_048_576;
const MAX_CALL_RECORDS = 500;
const MAX_CALL_BYTES = 5 * 1_048_576;
const MAX_KEY_LENGTH = 256;
const ATTEMPTS = 8;

/** A record ready to be put, and the position of what it was made from, by which a failure is reported. */
export interface Outgoing {
    readonly origin: number;
    readonly data: Uint8Array;
    readonly partitionKey: string;
}

/**
 * Makes a record of an envelope. The partition key is the id where none is given.
 * @throws RejectRecord if it is larger than a record may be.
 */
export function outgoing(origin: number, envelope: Envelope, partitionKey: string | undefined): Outgoing {
    const data = Buffer.from(JSON.stringify(envelope), "utf8");
    const wanted = partitionKey === undefined || partitionKey === "" ? envelope.id : partitionKey;
    const key = wanted.length <= MAX_KEY_LENGTH ? wanted : createHash("sha256").update(wanted).digest("hex");
    const size = data.byteLength + Buffer.byteLength(key);
    if (size > MAX_RECORD_BYTES) {
        throw new RejectRecord(
            `The record for the stream ${envelope.type} is too large: ${size} bytes, at most ${MAX_RECORD_BYTES}.`,
        );
    }
    return { origin, data, partitionKey: key };
}

/**
 * Puts records in order, in calls within both limits, and tries the ones that the stream refused again.
 * Returns the lowest origin of a record that could not be put, or undefined when all are in the stream.
 */
export async function putAll(
    client: KinesisClient,
    streamName: string,
    records: readonly Outgoing[],
): Promise<number | undefined> {
    for (const call of calls(records)) {
        const failed = await putCall(client, streamName, call);
        // What follows must not overtake what failed.
        if (failed !== undefined) return failed;
    }
    return undefined;
}

/** Splits records into lists that one call takes. */
export function* calls(records: readonly Outgoing[]): Generator<Outgoing[]> {
    let call: Outgoing[] = [];
    let bytes = 0;
    for (const record of records) {
        const size = record.data.byteLength + Buffer.byteLength(record.partitionKey);
        if (call.length === MAX_CALL_RECORDS || (call.length > 0 && bytes + size > MAX_CALL_BYTES)) {
            yield call;
            call = [];
            bytes = 0;
        }
        call.push(record);
        bytes += size;
    }
    if (call.length > 0) yield call;
}

async function putCall(
    client: KinesisClient,
    streamName: string,
    call: readonly Outgoing[],
): Promise<number | undefined> {
    let pending = call;
    for (let attempt = 0; pending.length > 0; attempt++) {
        if (attempt === ATTEMPTS) {
            log.error("put-gave-up", { stream: streamName, records: pending.length, attempts: ATTEMPTS });
            break;
        }
        if (attempt > 0) await backoff(attempt - 1);
        try {
            const entries = pending.map(
                ({ data, partitionKey }): PutRecordsRequestEntry => ({ Data: data, PartitionKey: partitionKey }),
            );
            const answer = await client.send(new PutRecordsCommand({ StreamName: streamName, Records: entries }));
            // The call succeeds even where single records were refused.
            pending = pending.filter((_, index) => answer.Records?.[index]?.ErrorCode !== undefined);
        } catch (error) {
            // The client has already repeated what can pass (throttling, a lost connection).
            log.error("put-failed", { stream: streamName, records: pending.length, ...errorFields(error) });
            break;
        }
    }
    return pending.length === 0 ? undefined : Math.min(...pending.map(({ origin }) => origin));
}
