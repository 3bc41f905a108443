import { AwsError } from "./service";

/** What a request's signature (AWS Signature Version 4, in a header or in a presigned URL) says about it. */
export interface Signature {
    readonly accessKeyId: string;
    /** The service in the credential scope, for example `kinesis`. */
    readonly service: string;
}

/**
 * Reads who signed, and for which service. The signature itself is not recomputed: on the loopback interface the
 * unguessable access key id is the proof.
 * @returns undefined when the request is not signed at all.
 * @throws AwsError when the signature cannot be read, or a presigned URL has expired.
 */
export function readSignature(authorization: string | undefined, query: URLSearchParams): Signature | undefined {
    if (authorization !== undefined) {
        const credential = /^AWS4-HMAC-SHA256\s.*?Credential=([^,\s]+)/.exec(authorization)?.[1];
        if (credential === undefined) {
            throw new AwsError(
                "IncompleteSignature",
                "The Authorization header must be AWS4-HMAC-SHA256 with a Credential.",
                403,
            );
        }
        return credentialScope(credential);
    }
    const credential = query.get("X-Amz-Credential");
    if (credential === null) return undefined;
    const expires = presignedUntil(query);
    if (expires < Date.now()) throw new AwsError("AccessDenied", "Request has expired", 403);
    return credentialScope(credential);
}

function credentialScope(credential: string): Signature {
    const [accessKeyId, date, region, service, terminator, ...rest] = credential.split("/");
    if (!accessKeyId || !date || !region || !service || terminator !== "aws4_request" || rest.length > 0) {
        throw new AwsError(
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request.",
            403,
        );
    }
    return { accessKeyId, service };
}

/** When a presigned URL stops being valid, in epoch milliseconds. */
function presignedUntil(query: URLSearchParams): number {
    const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get("X-Amz-Date") ?? "");
    const seconds = Number(query.get("X-Amz-Expires") ?? Number.NaN);
    if (date === null || !(seconds >= 0)) {
        throw new AwsError(
            "AuthorizationQueryParametersError",
            "A presigned URL needs X-Amz-Date as YYYYMMDDTHHMMSSZ and X-Amz-Expires in seconds.",
        );
    }
    const [, year, month, day, hour, minute, second] = date;
    return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) + seconds * 1000;
}
