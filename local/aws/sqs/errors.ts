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
    QueueNameExists: "QueueAlreadyExists",
    TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
    InvalidParameterValueException: "InvalidParameterValue",
    MissingRequiredParameterException: "MissingParameter",
};

/** The header by which SDKs learn the older code. */
export function queryErrorHeader({ code, status }: AwsError): Record<string, string> {
    return { "x-amzn-query-error": `${queryCodes[code] ?? code};${status < 500 ? "Sender" : "Receiver"}` };
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

/** @throws AwsError when a number is given that is none, or outside of its range. */
export function inRange(
    name: string,
    value: number | undefined,
    smallest: number,
    largest: number,
): number | undefined {
    if (value === undefined || (Number.isInteger(value) && value >= smallest && value <= largest)) return value;
    throw invalidParameter(name, value, `Must be between ${smallest} and ${largest}, if provided.`);
}
