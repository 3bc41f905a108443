import { AwsError } from "../service";

/** What the older query protocol called an error; SDKs show it as the error's `Code`. */
const queryCodes: Readonly<Record<string, string>> = {
    AccessDeniedException: "AccessDenied",
    BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
    EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
    InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
    MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
    QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
    PurgeQueueInProgress: "AWS.SimpleQueueService.PurgeQueueInProgress",
    QueueDeletedRecently: "AWS.SimpleQueueService.QueueDeletedRecently",
    QueueNameExists: "QueueAlreadyExists",
    TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
    InvalidParameterValueException: "InvalidParameterValue",
    MissingRequiredParameterException: "MissingParameter",
};

/** The older code: what a client sees, in an entry of a batch too. */
export function queryCode({ code }: AwsError): string {
    return queryCodes[code] ?? code;
}

/** The header by which SDKs learn the older code. */
export function queryErrorHeader(error: AwsError): Record<string, string> {
    const { status } = error;
    return { "x-amzn-query-error": `${queryCode(error)};${status < 500 ? "Sender" : "Receiver"}` };
}

export function noSuchQueue(): AwsError {
    return new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
}

export function invalidParameter(name: string, value: unknown, reason: string): AwsError {
    return new AwsError(
        "InvalidParameterValueException",
        `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`,
    );
}

export function missingParameter(name: string): AwsError {
    return new AwsError("MissingRequiredParameterException", `The request must contain the parameter ${name}.`);
}

/**
 * @param reason SQS words it differently from parameter to parameter.
 * @throws AwsError when a number is given that is none, or outside of its range.
 */
export function inRange(
    name: string,
    value: number | undefined,
    smallest: number,
    largest: number,
    reason = `Must be between ${smallest} and ${largest}, if provided.`,
): number | undefined {
    if (value === undefined || (Number.isInteger(value) && value >= smallest && value <= largest)) return value;
    throw invalidParameter(name, value, reason);
}
