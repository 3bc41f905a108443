import type { StoredFunction } from "./function-store";
import { functionArn } from "./names";
import { jsonOrText, readFailure } from "./outcome";

/** How an asynchronous invocation ended for good. */
export interface EventOutcome {
    readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";
    readonly ok: boolean;
    /** JSON; undefined when the function had not the last word. */
    readonly response: string | undefined;
}

export interface EndedEvent {
    readonly name: string;
    readonly requestId: string;
    /** JSON. */
    readonly payload: string;
    /** How often the function was called with it. */
    readonly attempts: number;
}

/** ARN of where the record of the outcome goes. */
export function destinationOf({ eventInvoke }: StoredFunction, { ok }: EventOutcome): string | undefined {
    const config = eventInvoke?.DestinationConfig;
    const destination = (ok ? config?.OnSuccess : config?.OnFailure)?.Destination;
    return destination === "" ? undefined : destination;
}

/** What Lambda tells a destination of an asynchronous invocation. */
export function invocationRecord(event: EndedEvent, { condition, ok, response }: EventOutcome, time: Date): object {
    return {
        version: "1.0",
        timestamp: time.toISOString(),
        requestContext: {
            requestId: event.requestId,
            functionArn: `${functionArn(event.name)}:$LATEST`,
            condition,
            approximateInvokeCount: event.attempts,
        },
        requestPayload: JSON.parse(event.payload),
        ...(response === undefined
            ? {}
            : {
                  responseContext: {
                      statusCode: 200,
                      executedVersion: "$LATEST",
                      ...(ok ? {} : { functionError: "Unhandled" }),
                  },
                  responsePayload: jsonOrText(response),
              }),
    };
}

/** The status and message that a dead letter gives for the failure. */
export function failureOf({ response }: EventOutcome): { readonly status: number; readonly errorMessage: string } {
    if (response === undefined) return { status: 429, errorMessage: "Rate Exceeded." };
    return { status: 200, errorMessage: readFailure(response)?.errorMessage ?? "" };
}
