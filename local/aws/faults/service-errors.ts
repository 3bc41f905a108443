import { AwsError, account } from "../service";

/** What DynamoDB and Kinesis refuse by the throughput of the table or stream; all else by the rate of calls. */
const dataOperations = new Set([
    ...["PutRecord", "PutRecords", "GetRecords", "GetShardIterator"],
    ...["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem"],
]);

/** How a service refuses a call because there are too many. */
export function throttled(service: string, operation: string, resource: string): AwsError {
    const isData = dataOperations.has(operation);
    switch (service) {
        case "kinesis":
            return isData
                ? new AwsError(throughputExceeded, streamRate(undefined, resource))
                : new AwsError("LimitExceededException", `Rate exceeded for account ${account}.`);
        case "dynamodb":
            return isData
                ? new AwsError(
                      throughputExceeded,
                      "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
                  )
                : new AwsError("ThrottlingException", "Rate of requests exceeds the allowed throughput.");
        case "s3":
            return new AwsError("SlowDown", "Please reduce your request rate.", 503);
        case "sqs":
            return new AwsError("RequestThrottled", "The request was denied due to request throttling.");
        case "lambda":
            return new AwsError("TooManyRequestsException", "Rate exceeded", 429, {
                Type: "User",
                Reason: "CallerRateLimitExceeded",
            });
        case "sns":
            return new AwsError("Throttled", "Rate exceeded", 429);
        case "sts":
            return new AwsError("Throttling", "Rate exceeded");
        default:
            return new AwsError("ThrottlingException", "Rate exceeded");
    }
}

export const throughputExceeded = "ProvisionedThroughputExceededException";

/** What Kinesis says of too much for a shard, of a call and of a record in it. */
export function streamRate(shardId: string | undefined, stream: string): string {
    const shard = shardId === undefined ? "" : `shard ${shardId} in `;
    return `Rate exceeded for ${shard}stream ${stream} under account ${account}.`;
}

const internalFailures: Readonly<Record<string, readonly [code: string, message: string]>> = {
    dynamodb: [
        "InternalServerError",
        "The request processing has failed because of an unknown error, exception or failure.",
    ],
    s3: ["InternalError", "We encountered an internal error. Please try again."],
    lambda: ["ServiceException", "The Lambda service encountered an internal error."],
    logs: ["ServiceUnavailableException", "The service cannot complete the request."],
    events: ["InternalException", "This exception occurs due to unexpected causes."],
    sns: ["InternalError", "Internal service error."],
    ssm: ["InternalServerError", "An error occurred on the server side."],
};

/** How a service fails inside, or says that it is not there. */
export function failed(service: string, status: 500 | 503): AwsError {
    if (status === 503) {
        return new AwsError(
            service === "s3" ? "ServiceUnavailable" : "ServiceUnavailableException",
            "Service is unable to handle request.",
            503,
        );
    }
    const [code, message] = internalFailures[service] ?? [
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    ];
    return new AwsError(code, message, 500);
}
