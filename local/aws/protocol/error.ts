import type { AwsError, AwsResponse } from "../service";
import { queryErrorHeader } from "../sqs/errors";

/**
 * An error in the protocol of a service, for when the service itself is not reached: unknown key, unknown service,
 * failure inside, fault on demand.
 */
export function errorResponse(
    error: AwsError,
    request: { service: string | undefined; contentType: string | undefined; requestId: string },
): AwsResponse {
    const { service, contentType, requestId } = request;
    if (service === "s3") {
        const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${xml(error.code)}</Code><Message>${xml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`;
        return { status: error.status, headers: { "content-type": "application/xml" }, body };
    }
    if (contentType?.startsWith("application/x-www-form-urlencoded")) {
        return queryError(error, requestId);
    }
    return {
        status: error.status,
        headers: {
            "content-type": contentType?.startsWith("application/x-amz-json") ? contentType : "application/json",
            "x-amzn-errortype": error.code,
            ...(service === "sqs" ? queryErrorHeader(error) : {}),
        },
        body: JSON.stringify({ ...error.members, __type: error.code, message: error.message }),
    };
}

/** An error as the query protocol writes it. */
export function queryError(error: AwsError, requestId: string): AwsResponse {
    const fault = error.status < 500 ? "Sender" : "Receiver";
    const body = `<ErrorResponse><Error><Type>${fault}</Type><Code>${xml(error.code)}</Code><Message>${xml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: error.status, headers: { "content-type": "text/xml" }, body };
}

/** Text as XML writes it. */
function xml(text: string): string {
    return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
