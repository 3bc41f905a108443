import { AwsError } from "../service";

/** An error of S3 that tells more in headers, which HEAD requests get too. */
export class S3Error extends AwsError {
    constructor(
        code: string,
        message: string,
        status: number,
        readonly headers: Readonly<Record<string, string>>,
        members: Readonly<Record<string, unknown>> = {},
    ) {
        super(code, message, status, members);
    }
}

/** @param feature what the request asks for, as the end of a sentence. */
export function notImplemented(feature: string): AwsError {
    return new AwsError("NotImplemented", `The local twin's S3 does not implement ${feature}.`, 501);
}

export function malformedXml(): AwsError {
    return new AwsError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    );
}
