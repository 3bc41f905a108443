import { createHash } from "node:crypto";
import { DeleteObjectCommand, HeadObjectCommand, NotFound, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Connection } from "./connection";
import { createDelivery, type Outcome } from "./delivery";
import { jobFailed } from "./exit";
import { type FailedRecord, type FailingStage, failedRecords } from "./failed-records";
import { type FailureObject, type KinesisEventRecord, objectOf, type RedriveNote, textOf } from "./failure-object";
import { readFailure } from "./failure-read";
import { type EventOrigin, inCalls, rejectedEventRecord } from "./kinesis-event";
import { callsOf, type Stage } from "./stages";

/** What became of a failed record. `gone`: somebody else has dealt with it meanwhile. */
export type RedriveOutcome = Outcome | { readonly kind: "gone" };

export interface Redriven {
    readonly record: FailedRecord;
    readonly outcome: RedriveOutcome;
}

export interface RedriveOptions {
    /** Leaves out what was given up before. @default everything */
    readonly since?: Date;
    /** Whose failures the stage is given: another one's, which read the same stream. @default its own */
    readonly failuresOf?: FailingStage;
    /** Is told of an object with the failures that is, in whole or in part, none of a failure; it stays as it is. */
    unreadable?(key: string): void;
    /** Is told what there is to do before anything is done. */
    planned?(plan: { readonly records: readonly FailedRecord[]; readonly calls: number }): void;
    /** Only plans. @default false */
    readonly dryRun?: boolean;
    /** Is told of each record when its outcome is on record in the failure bucket. */
    redriven?(redriven: Redriven): void;
}

/**
 * Gives a stage what it could not process, in order, and nobody else. A failure leaves the bucket after its record has
 * been handled, so that one may be handled twice and none is lost, whenever this ends.
 * @throws CommandError exit code 4 where the stage is switched off, or busy for long.
 */
export async function redrive(connection: Connection, stage: Stage, options: RedriveOptions = {}): Promise<Redriven[]> {
    const { s3 } = connection.clients;
    const { batchSize, streamArn } = await callsOf(connection, stage);
    const origin: EventOrigin = { streamArn, roleArn: stage.roleArn };
    const { failuresOf = stage, since, unreadable } = options;
    const all = await failedRecords(s3, await connection.exportStack(), failuresOf, { since, unreadable });
    // Another stage may take what came on the stream, and nothing else that lies with the failures.
    const found = all.filter(({ received }) => received || failuresOf === stage);
    const calls = [...inCalls(found, (record) => record.payloadBytes, batchSize)];
    options.planned?.({ records: found, calls: calls.length });
    if (options.dryRun) return [];

    const delivery = createDelivery(connection, stage);
    // What a stage's filter leaves out is nothing to it, and so no failure of it; of another stage it still is one.
    const handled = (outcome: RedriveOutcome): RedriveOutcome =>
        failuresOf !== stage && outcome.kind === "done" && outcome.filtered === true
            ? { kind: "left", reason: "the stage's filter leaves it out" }
            : outcome;
    const told: Redriven[] = [];
    for (const records of calls) {
        if (delivery.gaveUp) break;
        const objects = await readObjects(s3, stage.failureBucket, records);
        const deliverable = records.flatMap((record) => {
            const failure = objects.get(record.key);
            const event = failure && eventOf(failure, record, origin);
            return event === undefined ? [] : [{ record, event }];
        });
        for (const { record } of deliverable) {
            await restoreClaim(s3, stage.failureBucket, objects.get(record.key));
        }
        const outcomes = await delivery.deliver(deliverable.map(({ event }) => event));
        const outcomeOf = new Map<FailedRecord, RedriveOutcome>(
            deliverable.map(({ record }, index) => [record, handled(outcomes[index] ?? { kind: "gone" })]),
        );
        for (const [key, failure] of objects) {
            const own = records.filter((record) => record.key === key);
            await settle(
                s3,
                stage.failureBucket,
                key,
                failure,
                new Map(own.map((record) => [record.eventID, outcomeOf.get(record)])),
            );
        }
        for (const record of records) {
            const redriven = { record, outcome: outcomeOf.get(record) ?? { kind: "gone" } };
            if (delivery.stopped !== undefined && redriven.outcome.kind === "left") continue;
            told.push(redriven);
            options.redriven?.(redriven);
        }
        if (delivery.stopped !== undefined) throw jobFailed(delivery.stopped);
    }
    const tried = new Set(told.map(({ record }) => record));
    for (const record of all.filter((each) => !tried.has(each))) {
        const reason =
            record.received || failuresOf === stage
                ? "the stage failed too often in a row"
                : "it did not come on the stream";
        const outcome = { kind: "left", reason } as const;
        told.push({ record, outcome });
        options.redriven?.({ record, outcome });
    }
    return told;
}

async function readObjects(
    s3: S3Client,
    bucket: string,
    records: readonly FailedRecord[],
): Promise<Map<string, FailureObject>> {
    const objects = new Map<string, FailureObject>();
    for (const key of new Set(records.map((record) => record.key))) {
        const failure = await readFailure(s3, bucket, key);
        if (failure !== undefined) objects.set(key, failure);
    }
    return objects;
}

function eventOf(failure: FailureObject, record: FailedRecord, origin: EventOrigin): KinesisEventRecord | undefined {
    if (failure.kind === "rejected") return rejectedEventRecord(failure, record.key, origin);
    if (failure.kind !== "exhausted") return undefined;
    return failure.records.find(({ eventID }) => eventID === record.eventID);
}

/** Puts back data that travel through the bucket, from the failure's copy, where their object has expired or was deleted. */
async function restoreClaim(s3: S3Client, bucket: string, failure: FailureObject | undefined): Promise<void> {
    if (failure?.kind !== "rejected") return;
    const envelope = objectOf(failure.record) ?? {};
    const [, key, digest] = claim.exec((textOf(envelope.dataref) ?? "").replace(`s3://${bucket}/`, "")) ?? [];
    if (key === undefined || !("data" in envelope) || (await exists(s3, bucket, key))) return;
    const json = JSON.stringify(envelope.data);
    if (createHash("sha256").update(json).digest("hex") !== digest) return;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: json }));
}

const claim = /^(claims\/[A-Za-z0-9-]+\/\d{4}\/\d{2}\/\d{2}\/([0-9a-f]{64})\.json)$/;

async function exists(s3: S3Client, bucket: string, key: string): Promise<boolean> {
    try {
        await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return true;
    } catch (error) {
        if (error instanceof NotFound) return false;
        throw error;
    }
}

/** Records in the bucket what became of an object's records: what is done leaves it, what failed again gets the new reason. */
async function settle(
    s3: S3Client,
    bucket: string,
    key: string,
    failure: FailureObject,
    outcomes: ReadonlyMap<string, RedriveOutcome | undefined>,
): Promise<void> {
    const remove = () => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    const write = (content: object) =>
        s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: JSON.stringify(content) }));
    if (failure.kind === "rejected") {
        const [outcome] = outcomes.values();
        if (outcome?.kind === "done") await remove();
        // It was rejected as an object of a later day. One of another content does not replace this one.
        if (outcome?.kind === "rejected" && outcome.key !== key && nameOf(outcome.key) === nameOf(key)) await remove();
        if (outcome?.kind === "failed") {
            await write({ ...failure.content, redrive: noted(failure.redrive, outcome.reason) });
        }
    }
    if (failure.kind === "exhausted") {
        const stays = ({ eventID }: KinesisEventRecord) => {
            const kind = outcomes.get(eventID)?.kind;
            return kind !== "done" && kind !== "rejected";
        };
        const records = failure.records.filter(stays);
        const failed = [...outcomes.values()].find((outcome) => outcome?.kind === "failed");
        // What cannot be read is not known to be done.
        const Records = [...records, ...failure.others];
        if (Records.length === 0) await remove();
        else if (records.length < failure.records.length || failed?.kind === "failed") {
            const note = failed?.kind === "failed" ? noted(failure.redrive, failed.reason) : failure.redrive;
            await write({ ...failure.content, payload: { Records }, ...(note && { redrive: note }) });
        }
    }
}

function noted(earlier: RedriveNote | undefined, reason: string): RedriveNote {
    return { failedAt: new Date().toISOString(), reason, attempts: (earlier?.attempts ?? 0) + 1 };
}

function nameOf(key: string): string {
    return key.slice(key.lastIndexOf("/") + 1);
}
