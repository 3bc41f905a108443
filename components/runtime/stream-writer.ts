import { createHash } from "node:crypto";
import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { backoff } from "./backoff";
import type { Claims } from "./claim-check";
import type { Deadline } from "./deadline";
import type { Destination } from "./destination";
import type { Envelope } from "./envelope";
import { errorFields, type LogFields, log } from "./log";
import { RejectRecord } from "./reject-record";
import { ResultError } from "./result-error";

/** Largest record, data and partition key together: 1 MiB, the default of a stream. What is larger becomes a claim. */
export const MAX_RECORD_BYTES = 1_048_576;
const MAX_CALL_RECORDS = 500;
/**
 * Half of what a call may have today, and all that it might in earlier years and other partitions. A shard takes 1 MB a
 * second: from a larger call, more would have to be sent again.
 */
const MAX_CALL_BYTES = 5 * 1_048_576;
const MAX_KEY_LENGTH = 256;
/** JSON may hold half of a surrogate pair; a key of Kinesis may not, and would be refused with its whole call. */
const HALF_CHARACTER = /\p{Cs}/u;
/** Calls in a row of which the stream takes no record at all. */
const FRUITLESS_CALLS = 8;

/** A record ready to be put, and the position of what it was made from, by which a failure is reported. */
export interface Outgoing {
    readonly origin: number;
    readonly data: Uint8Array;
    readonly partitionKey: string;
}

/** JSON of a datum; undefined for what has none: functions, big integers, what contains itself. */
function asJson(data: unknown): string | undefined {
    try {
        return JSON.stringify(data) as string | undefined;
    } catch {
        return undefined;
    }
}

/**
 * Makes a record of an envelope. The partition key is the id where the stream has no callback for it. Data that are too
 * big for a record go to the stream's claims.
 * @throws RejectRecord if they are too big for a claim too, or no JSON; ResultError for a partition key that is none.
 */
export async function outgoing(
    envelope: Envelope,
    options: {
        readonly origin: number;
        readonly stage: string;
        readonly into: Pick<Destination, "kind" | "partitionBy">;
        readonly claims: Claims;
        readonly signal: AbortSignal;
    },
): Promise<Outgoing> {
    const { origin, stage, into, claims, signal } = options;
    const { data, ...head } = envelope;
    const json = asJson(data);
    if (json === undefined) throw new RejectRecord(`What the stage made of it is no JSON: a ${typeof data}.`);
    const name: unknown = into.partitionBy === undefined ? envelope.id : into.partitionBy(data);
    if (typeof name !== "string" || name === "") {
        // The id in its place would lose the order that the program counts on.
        throw new ResultError(`partitionBy of the stream ${into.kind.type}`, stage, name, "a text of some length");
    }
    const isKey = name.length <= MAX_KEY_LENGTH && !HALF_CHARACTER.test(name);
    const partitionKey = isKey ? name : createHash("sha256").update(name).digest("hex");
    const room = MAX_RECORD_BYTES - Buffer.byteLength(partitionKey);

    if (json.length <= room) {
        const whole = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"data":${json}}`, "utf8");
        if (whole.byteLength <= room) return { origin, data: whole, partitionKey };
    }
    const dataref = await claims.put(stage, Buffer.from(json, "utf8"), signal);
    const reference = Buffer.from(JSON.stringify({ ...head, dataref }), "utf8");
    if (reference.byteLength > room) {
        throw new RejectRecord(
            `The record's id is too long: the record has ${reference.byteLength} bytes without data.`,
        );
    }
    return { origin, data: reference, partitionKey };
}

/** What became of records that were put. */
export interface PutResult {
    /** The lowest origin of a record that could not be put; undefined when all are in the stream. */
    readonly failedFrom?: number;
    /** How often the stream did not take a record, whether or not it did later. */
    readonly failedPuts: number;
}

/**
 * Puts records in order, in calls within both limits, and tries the ones that the stream refused again, as long as it
 * takes any and there is time.
 *
 * Records with the same key come to the stream in their order, with one exception: when the stream refuses one (its
 * shard has too much to do), those of the same call that it took are before it. A call never overtakes an earlier one.
 */
export async function putAll(
    client: () => KinesisClient,
    streamName: string,
    records: readonly Outgoing[],
    deadline: Deadline,
): Promise<PutResult> {
    let failedPuts = 0;
    for (const call of calls(records)) {
        const result = await putCall(client(), streamName, call, deadline);
        failedPuts += result.failedPuts;
        // What follows must not overtake what failed.
        if (result.failedFrom !== undefined) return { failedFrom: result.failedFrom, failedPuts };
    }
    return { failedPuts };
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
    deadline: Deadline,
): Promise<PutResult> {
    const { signal } = deadline;
    let pending = call;
    let failedPuts = 0;
    const giveUp = (event: string, fields: LogFields): PutResult => {
        log.error(event, { stream: streamName, records: pending.length, ...fields });
        return { failedFrom: Math.min(...pending.map(({ origin }) => origin)), failedPuts };
    };
    let fruitless = 0;
    for (let retry = 0; fruitless < FRUITLESS_CALLS; retry++) {
        if (retry > 0) await backoff(retry - 1, { signal }).catch(() => undefined);
        if (!deadline.timeToWrite()) return giveUp("put-out-of-time", {});
        try {
            const refused = await deadline.race(put(client, streamName, pending, signal));
            if (refused.length === 0) return { failedPuts };
            failedPuts += refused.length;
            fruitless = refused.length < pending.length ? 0 : fruitless + 1;
            pending = refused;
        } catch (error) {
            // The client has already repeated what can pass (throttling, a lost connection).
            failedPuts += pending.length;
            return giveUp("put-failed", errorFields(error));
        }
    }
    return giveUp("put-gave-up", { attempts: FRUITLESS_CALLS });
}

/** Puts records once and returns the ones that the stream refused: the call succeeds even where single records do not. */
async function put(
    client: KinesisClient,
    streamName: string,
    records: readonly Outgoing[],
    abortSignal: AbortSignal,
): Promise<readonly Outgoing[]> {
    const entries = records.map(
        ({ data, partitionKey }): PutRecordsRequestEntry => ({ Data: data, PartitionKey: partitionKey }),
    );
    const command = new PutRecordsCommand({ StreamName: streamName, Records: entries });
    const answer = await client.send(command, { abortSignal });
    return records.filter((_, index) => answer.Records?.[index]?.ErrorCode !== undefined);
}
