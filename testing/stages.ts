import type { Connection } from "../automation/connection";
import { createDelivery } from "../automation/delivery";
import { type FailedRecord, failedRecords } from "../automation/failed-records";
import { envelopeIn, type FailureObject, objectOf } from "../automation/failure-object";
import { readFailure } from "../automation/failure-read";
import { eventRecord } from "../automation/kinesis-event";
import { redrive } from "../automation/redrive";
import { callsOf, type Stage, stageNamed } from "../automation/stages";
import type { Twin } from "../local/twin";
import { newRecords } from "./new-records";
import { objectsThrough } from "./objects";
import { streamOf } from "./target-stream";

/** A record that a stage could not process. */
export interface StageFailure extends Pick<FailedRecord, "id" | "reason" | "condition" | "attempts"> {
    readonly when: Date;
    /** What the record held; undefined where it is no envelope, or too big for a record and given up by Lambda. */
    readonly data: unknown;
}

/** What became of a record that a test gave to a stage. */
export type StageOutcome =
    | { readonly kind: "done" }
    | { readonly kind: "rejected"; readonly reason: string }
    /** The stage threw, and would be called again by Lambda. */
    | { readonly kind: "failed"; readonly reason: string };

/** A failed record that a stage was given again. */
export interface RedrivenRecord {
    readonly id: string;
    readonly kind: "done" | "rejected" | "failed" | "left" | "gone";
}

export async function redriveStage(twin: Twin, connection: Connection, name: string): Promise<RedrivenRecord[]> {
    const redriven = await redrive(connection, stageNamed(twin.stack.export(), name));
    return redriven.map(({ record, outcome }) => ({ id: record.id, kind: outcome.kind }));
}

/** What a stage rejected and what ran out of attempts, oldest first. */
export async function stageFailures(twin: Twin, { clients }: Connection, name: string): Promise<StageFailure[]> {
    const stack = twin.stack.export();
    const stage = stageNamed(stack, name);
    const objects = new Map<string, Promise<FailureObject | undefined>>();
    const found = await failedRecords(clients.s3, stack, stage);
    return Promise.all(
        found.map(async ({ id, reason, condition, attempts, when, key, eventID }) => {
            const object = objects.get(key) ?? readFailure(clients.s3, stage.failureBucket, key);
            objects.set(key, object);
            return {
                ...{ id, reason, condition, attempts },
                when: new Date(when),
                data: dataIn(await object, eventID),
            };
        }),
    );
}

function dataIn(failure: FailureObject | undefined, eventID: string): unknown {
    if (failure?.kind === "rejected") return objectOf(failure.record)?.data;
    if (failure?.kind !== "exhausted") return undefined;
    const record = failure.records.find((each) => each.eventID === eventID);
    return record === undefined ? undefined : envelopeIn(record.kinesis.data)?.data;
}

/**
 * Calls a stage's function with data, and with nothing else: they are on no stream. What it writes goes where it
 * always goes, and what it rejects into the failure bucket.
 * @throws Error where the stage is switched off, or busy for long.
 */
export async function invokeStage(
    twin: Twin,
    connection: Connection,
    name: string,
    data: readonly unknown[],
): Promise<StageOutcome[]> {
    const { clients } = connection;
    const stack = twin.stack.export();
    const stage = stageNamed(stack, name);
    const { streamArn } = await callsOf(connection, stage);
    const arrived = new Date(twin.clock.now());
    const store = objectsThrough(clients.s3);
    const records = (await newRecords(streamOf(stack, stage), data, { store, now: arrived })).map((record) => {
        const sequenceNumber = String(record.origin);
        return eventRecord(
            {
                eventID: `test:${sequenceNumber}`,
                sequenceNumber,
                partitionKey: record.partitionKey,
                data: Buffer.from(record.data).toString("base64"),
                arrived,
            },
            { streamArn, roleArn: stage.roleArn },
        );
    });
    const delivery = createDelivery(connection, stage);
    const outcomes = await delivery.deliver(records);
    if (delivery.stopped !== undefined) throw new Error(delivery.stopped);
    return Promise.all(
        outcomes.map(async (outcome): Promise<StageOutcome> => {
            if (outcome.kind === "done") return { kind: "done" };
            if (outcome.kind !== "rejected") return { kind: "failed", reason: outcome.reason };
            return { kind: "rejected", reason: await reasonOf(clients, stage, outcome.key) };
        }),
    );
}

async function reasonOf(clients: Connection["clients"], stage: Stage, key: string): Promise<string> {
    const failure = await readFailure(clients.s3, stage.failureBucket, key);
    return failure?.kind === "rejected" ? failure.reason : `its failure ${key} cannot be read`;
}
