import type { DestinationRecord } from "../destinations";
import { type EventItem, eventOf } from "./event";

export interface FailedBatch {
    readonly functionArn: string;
    readonly streamArn: string;
    readonly shardId: string;
    readonly items: readonly EventItem[];
    readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
    /** How often the function was called with it. */
    readonly invocations: number;
    readonly requestId: string;
    /** Undefined when the function did not have the last word. */
    readonly functionError: "Unhandled" | null | undefined;
}

/** What Lambda tells a mapping's on-failure destination. Only an object in S3 holds the records themselves. */
export function failureRecord(failed: FailedBatch, time: Date): DestinationRecord {
    const first = failed.items[0];
    const last = failed.items.at(-1);
    const message = {
        requestContext: {
            requestId: failed.requestId,
            functionArn: failed.functionArn,
            condition: failed.condition,
            approximateInvokeCount: failed.invocations,
        },
        ...(failed.functionError === undefined
            ? {}
            : {
                  responseContext: {
                      statusCode: 200,
                      executedVersion: "$LATEST",
                      functionError: failed.functionError,
                  },
              }),
        version: "1.0",
        timestamp: time.toISOString(),
        KinesisBatchInfo: {
            shardId: failed.shardId,
            startSequenceNumber: first?.sequenceNumber,
            endSequenceNumber: last?.sequenceNumber,
            approximateArrivalOfFirstRecord: first?.arrival.toISOString(),
            approximateArrivalOfLastRecord: last?.arrival.toISOString(),
            batchSize: failed.items.length,
            streamArn: failed.streamArn,
        },
    };
    return {
        time,
        isSuccess: false,
        message,
        object: { ...message, payload: JSON.parse(eventOf(failed.items)) as object },
    };
}
