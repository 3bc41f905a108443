import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { CommandError } from "./exit";
import { type KinesisEventRecord, objectOf, textOf } from "./failure-object";

/** What became of a record that was given to a stage again. */
export type Outcome =
    | { readonly kind: "done" }
    /** The stage rejected it: it is in the failure bucket, as this object. */
    | { readonly kind: "rejected"; readonly key: string }
    | { readonly kind: "failed"; readonly reason: string }
    /** It was not given to the stage. */
    | { readonly kind: "left"; readonly reason: string };

export interface Delivery {
    /** Calls the stage with records that fit into one call, in order. @returns one outcome a record. */
    deliver(records: readonly KinesisEventRecord[]): Promise<readonly Outcome[]>;
    /** Whether so many records failed, one after the other, that no more are tried. */
    readonly gaveUp: boolean;
}

/** After so many failures in a row it is the stage that does not work, not the record. */
const patience = 10;

/**
 * Gives records to a stage as Lambda's event source mapping does: from the record on that it reports, it is called
 * again; a call that fails as a whole is split, to find the record at which it fails. That one is given up for now, and
 * so are the later records with its partition key, which must not overtake it; the rest goes on.
 */
export function createDelivery(lambda: LambdaClient, functionName: string): Delivery {
    const heldKeys = new Set<string>();
    let failuresInARow = 0;
    const gaveUp = () => failuresInARow >= patience;

    async function deliver(records: readonly KinesisEventRecord[]): Promise<Outcome[]> {
        const outcomes = new Map<KinesisEventRecord, Outcome>();
        const fail = (record: KinesisEventRecord, reason: string) => {
            heldKeys.add(record.kinesis.partitionKey);
            failuresInARow++;
            outcomes.set(record, { kind: "failed", reason });
        };
        const queue: (readonly KinesisEventRecord[])[] = [records];
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            const ready = next.filter((record) => {
                const reason = gaveUp() ? "the stage failed too often in a row" : leftBehind(record);
                if (reason !== undefined) outcomes.set(record, { kind: "left", reason });
                return reason === undefined;
            });
            const [first] = ready;
            if (first === undefined) continue;
            const answer = await call(lambda, functionName, ready);
            if (answer.error !== undefined) {
                const middle = Math.ceil(ready.length / 2);
                if (ready.length === 1) fail(first, answer.error);
                else queue.unshift(ready.slice(0, middle), ready.slice(middle));
                continue;
            }
            const failedAt = answer.failedAt ?? ready.length;
            for (const record of ready.slice(0, failedAt)) {
                const key = answer.rejections.get(record.kinesis.sequenceNumber);
                outcomes.set(record, key === undefined ? { kind: "done" } : { kind: "rejected", key });
            }
            if (failedAt > 0) failuresInARow = 0;
            // Only the first record of a call is sure to have been tried: a call may also run out of time.
            else fail(first, "it failed again; see the stage's log");
            const rest = ready.slice(Math.max(failedAt, 1));
            if (rest.length > 0) queue.unshift(rest);
        }
        return records.map((record) => outcomes.get(record) ?? { kind: "left", reason: "it was not tried" });
    }

    function leftBehind({ kinesis }: KinesisEventRecord): string | undefined {
        return heldKeys.has(kinesis.partitionKey) ? "an earlier record with its partition key failed" : undefined;
    }

    return {
        deliver,
        get gaveUp() {
            return gaveUp();
        },
    };
}

interface Answer {
    /** Why the call failed as a whole. */
    readonly error?: string;
    /** Index of the first record that is not done. */
    readonly failedAt?: number;
    /** Keys of failures by the rejected record's sequence number. */
    readonly rejections: ReadonlyMap<string, string>;
}

async function call(
    lambda: LambdaClient,
    functionName: string,
    records: readonly KinesisEventRecord[],
): Promise<Answer> {
    const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({
            FunctionName: functionName,
            Payload: Buffer.from(JSON.stringify({ Records: records, reportRejections: true }), "utf8"),
        }),
    );
    const answer = objectOf(parsed(Payload));
    if (FunctionError !== undefined) {
        // Its message may quote a record; the type is a name.
        const type = textOf(answer?.errorType) ?? "an error";
        return { error: `the function failed (${type}); see its log`, rejections: new Map() };
    }
    const { batchItemFailures, rejections } = answer ?? {};
    if (!Array.isArray(batchItemFailures) || !Array.isArray(rejections)) {
        throw new CommandError(
            `The function ${functionName} does not answer as a stage of this version does. Deploy the program first: npx sortline up`,
        );
    }
    const failed = new Set(batchItemFailures.map((each: unknown) => textOf(objectOf(each)?.itemIdentifier)));
    const failedAt = records.findIndex(({ kinesis }) => failed.has(kinesis.sequenceNumber));
    if (failed.size > 0 && failedAt < 0) {
        return { error: "the function reported a record that it was not given", rejections: new Map() };
    }
    const keys = rejections.flatMap((each: unknown) => {
        const { itemIdentifier, key } = objectOf(each) ?? {};
        return typeof itemIdentifier === "string" && typeof key === "string" ? [[itemIdentifier, key] as const] : [];
    });
    return { ...(failedAt < 0 ? {} : { failedAt }), rejections: new Map(keys) };
}

function parsed(payload: Uint8Array | undefined): unknown {
    try {
        return JSON.parse(Buffer.from(payload ?? []).toString("utf8")) as unknown;
    } catch {
        return undefined;
    }
}
