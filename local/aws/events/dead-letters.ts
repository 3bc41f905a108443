import type { Target } from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError } from "../service";
import { StoreError } from "../store-error";

/** Why a target did not get an event, as EventBridge writes it beside the dead letter. */
export interface Failure {
    /** Such as `NO_PERMISSIONS`, `NO_RESOURCE`, `SDK_CLIENT_ERROR`. */
    readonly code: string;
    readonly message: string;
    /** Which limit ended the attempts. Undefined for a failure that another attempt cannot mend. */
    readonly exhausted?: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";
    /** After the first attempt. */
    readonly retries: number;
}

export interface Undelivered {
    readonly ruleArn: string;
    readonly target: Target;
    readonly eventId: string;
    /** What the target was to get. */
    readonly payload: string;
}

/** Sends what could not be delivered to the target's dead-letter queue. To be called in a transaction. */
export function sendDeadLetter(
    { services, store, report }: TwinContext,
    { ruleArn, target, eventId, payload }: Undelivered,
    failure: Failure,
): void {
    const warn = (what: string) =>
        report({
            level: "warning",
            source: "events",
            message: `${ruleArn} could not deliver event ${eventId} to ${target.Arn}: ${failure.message} ${what}`,
        });
    const queueArn = target.DeadLetterConfig?.Arn;
    if (queueArn === undefined) {
        warn("It has no dead-letter queue: the event is dropped.");
        return;
    }
    const attributes = {
        RULE_ARN: ruleArn,
        TARGET_ARN: String(target.Arn),
        ERROR_CODE: failure.code,
        ERROR_MESSAGE: failure.message,
        EXHAUSTED_RETRY_CONDITION: failure.exhausted,
        RETRY_ATTEMPTS: String(failure.retries),
    };
    const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).flatMap(([name, StringValue]) =>
            StringValue === undefined || StringValue === "" ? [] : [[name, { DataType: "String", StringValue }]],
        ),
    );
    const source = { service: "events.amazonaws.com", sourceArn: ruleArn };
    try {
        // What this writes is undone alone when it fails; what caused the event stays.
        store.transaction(() => services().sqs.enqueue(queueArn, { MessageBody: payload, MessageAttributes }, source));
    } catch (error) {
        if (error instanceof StoreError) throw error;
        const reason = error instanceof AwsError ? error.message : "the queue failed";
        warn(`Nor could its dead-letter queue be reached: ${reason}`);
    }
}

/** What an attempt's error means for a dead letter. */
export function failureOf(error: unknown): Pick<Failure, "code" | "message"> {
    if (!(error instanceof AwsError)) return { code: "INTERNAL_ERROR", message: "The target failed." };
    if (/AccessDenied|Authorization/.test(error.code)) return { code: "NO_PERMISSIONS", message: error.message };
    if (/NotFound|DoesNotExist|NoSuch/.test(error.code)) return { code: "NO_RESOURCE", message: error.message };
    return { code: error.status < 500 ? "SDK_CLIENT_ERROR" : "INTERNAL_ERROR", message: error.message };
}
