import { calls, type Outgoing } from "../components/runtime/stream-writer";
import type { Clock } from "../local/aws/clock";
import type { Pace } from "../local/aws/context";
import type { Kinesis } from "../local/aws/kinesis";
import { AwsError, root } from "../local/aws/service";
import type { Twin } from "../local/twin";
import type { TargetStream } from "./target-stream";

/** What passes by itself: a shard that has too much to do, and a failure of Kinesis's own. */
const passing = ["ProvisionedThroughputExceededException", "InternalFailure"];

/** Milliseconds of the twin's clock, in which a shard gets room for a tenth of what it takes in a second. */
const untilNextTry = 100;

/** A record that Kinesis did not take, and why. */
interface Refused {
    readonly record: Outgoing;
    readonly code: string;
    readonly message: string;
}

/**
 * Puts records on a stream, all of them, and those of one key in their order: what a shard refuses for having too much
 * to do is put again before anything later.
 * @throws Error that names the records which the stream does not take.
 */
export async function putRecords(
    { services: { kinesis }, clock }: Twin,
    pace: Pace,
    stream: TargetStream,
    records: readonly Outgoing[],
): Promise<void> {
    let left = records.length;
    for (const call of callsOf(records, pace)) {
        for (let pending = call; pending.length > 0; ) {
            const refused = await put(kinesis, stream.streamName, pending);
            left -= pending.length - refused.length;
            const lasting = refused.filter(({ code }) => !passing.includes(code));
            if (lasting.length > 0) throw refusal(stream, lasting, records.length, left);
            if (refused.length > 0) await pass(clock, untilNextTry);
            pending = refused.map(({ record }) => record);
        }
    }
}

/** Where a shard may refuse single records of a call, no key is in one twice: a later record could overtake an earlier one. */
function* callsOf(records: readonly Outgoing[], pace: Pace): Generator<readonly Outgoing[]> {
    for (const call of calls(records)) {
        if (pace === "aws") yield* withKeysApart(call);
        else yield call;
    }
}

function* withKeysApart(records: readonly Outgoing[]): Generator<readonly Outgoing[]> {
    const keys = new Set<string>();
    let first = 0;
    for (const [index, { partitionKey }] of records.entries()) {
        if (keys.has(partitionKey)) {
            yield records.slice(first, index);
            first = index;
            keys.clear();
        }
        keys.add(partitionKey);
    }
    yield records.slice(first);
}

/** Puts records once, and returns those that are not on the stream then. */
async function put(kinesis: Kinesis, streamName: string, records: readonly Outgoing[]): Promise<Refused[]> {
    const entries = records.map(({ data, partitionKey }) => ({ Data: data, PartitionKey: partitionKey }));
    try {
        const answer = await kinesis.operations.PutRecords({ StreamName: streamName, Records: entries }, root);
        return records.flatMap((record, index) => {
            const { ErrorCode: code, ErrorMessage: message = "" } = answer.Records?.[index] ?? {};
            return code === undefined ? [] : [{ record, code, message }];
        });
    } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const { code, message } = error;
        return records.map((record) => ({ record, code, message }));
    }
}

function pass(clock: Clock, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
        clock.at(clock.now() + milliseconds, resolve);
    });
}

function refusal({ name, streamName }: TargetStream, refused: readonly Refused[], of: number, left: number): Error {
    const [first, ...others] = refused.map(({ record }) => record.origin);
    const which = others.length === 0 ? `Record [${first}]` : `Records [${first}] to [${others.at(-1)}]`;
    const [{ code, message } = { code: "", message: "" }] = refused;
    return new Error(
        `${which} of ${of} cannot be put on the stream "${name}" (${streamName}): ${code}: ${message} ${of - left} of them are on it.`,
    );
}
