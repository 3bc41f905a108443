import type { Connection } from "./connection";
import { createDelivery, type Outcome } from "./delivery";
import { jobFailed } from "./exit";
import { envelopeIn, type KinesisEventRecord, textOf } from "./failure-object";
import { eventRecord, inCalls, payloadBytes } from "./kinesis-event";
import { callsOf, type Stage } from "./stages";
import { recordsBetween } from "./stream-records";

/** What became of a record that was replayed. */
export interface Replayed {
    /** The record's id; where it has none, shard and sequence number. */
    readonly id: string;
    /** When it came to the stream: ISO 8601. */
    readonly arrivedAt: string;
    /** Undefined in a dry run. */
    readonly outcome: Outcome | undefined;
}

/**
 * Gives a stage, and nobody else, the records that came to its stream between two times, in order. What it makes of them
 * goes where it always goes.
 * @param replayed is told of each record.
 * @throws CommandError exit code 4 where the stage is switched off, or busy for long.
 */
export async function replay(
    connection: Connection,
    stage: Stage,
    options: {
        readonly from: Date;
        readonly to: Date;
        readonly dryRun?: boolean;
        replayed(record: Replayed): void;
        /** Is asked before each call, and after the last one; what it throws ends the replay. */
        mayGoOn?(): Promise<void>;
    },
): Promise<void> {
    const { kinesis } = connection.clients;
    const { batchSize, streamArn } = await callsOf(connection, stage);
    const delivery = createDelivery(connection, stage);
    for await (const page of recordsBetween(kinesis, stage.streamName, options.from, options.to)) {
        const events = page.map((record) =>
            eventRecord(
                {
                    ...record,
                    eventID: `${record.shardId}:${record.sequenceNumber}`,
                    data: Buffer.from(record.data).toString("base64"),
                },
                { streamArn, roleArn: stage.roleArn },
            ),
        );
        for (const call of inCalls(events, payloadBytes, batchSize)) {
            if (!options.dryRun) await options.mayGoOn?.();
            const outcomes = options.dryRun ? [] : await delivery.deliver(call);
            for (const [index, event] of call.entries()) {
                const outcome = outcomes[index];
                if (delivery.stopped === undefined || outcome?.kind !== "left") options.replayed(told(event, outcome));
            }
            if (delivery.stopped !== undefined) throw jobFailed(delivery.stopped);
        }
    }
    if (!options.dryRun) await options.mayGoOn?.();
}

function told({ eventID, kinesis }: KinesisEventRecord, outcome: Outcome | undefined): Replayed {
    return {
        id: textOf(envelopeIn(kinesis.data)?.id) ?? eventID,
        arrivedAt: new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString(),
        outcome,
    };
}
