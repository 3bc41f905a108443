import type { Readable } from "node:stream";

/** The account and region that the twin answers for. */
export const account = "000000000000";
export const region = "eu-central-1";
export const partition = "aws";

/** Who calls: root (the person whose machine it is, and the resource providers) or an IAM role by ARN. */
export type Caller =
    | { readonly kind: "root" }
    | { readonly kind: "role"; readonly roleArn: string; readonly sessionName?: string };

export const root: Caller = { kind: "root" };

/** An AWS API operation: the SDK's input and output shapes. Throws {@link AwsError}. */
export type Operation<Input, Output> = (input: Input, caller: Caller) => Promise<Omit<Output, "$metadata">>;

/** An error as an AWS service reports it. */
export class AwsError extends Error {
    constructor(
        /** The error code, for example `ResourceNotFoundException`. */
        readonly code: string,
        message: string,
        /** HTTP status. @default 400 */
        readonly status: number = 400,
        /** Further members of the error's shape. */
        readonly members: Readonly<Record<string, unknown>> = {},
    ) {
        super(message);
        this.name = code;
    }
}

/** An HTTP request after the front door: signature read, caller known, body whole. */
export interface AwsRequest {
    readonly method: string;
    /** Path as sent, still percent-encoded, without the query. */
    readonly path: string;
    readonly query: URLSearchParams;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: Buffer;
    readonly caller: Caller;
    readonly requestId: string;
}

export interface AwsResponse {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Buffer | Readable;
}

/** A service behind the front door. */
export interface AwsService {
    /** Name in the credential scope of a signature, for example `kinesis`, `s3`, `sagemaker`. */
    readonly signingNames: readonly string[];
    /** Answers one request. Errors thrown as {@link AwsError} are written in the service's protocol by the service itself. */
    handle(request: AwsRequest): Promise<AwsResponse>;
    /** Stops timers and child processes. State is on disk already. */
    close?(): Promise<void>;
}

/** Whether a service of the twin answers requests; some are called in-process only. */
export function isAwsService(value: object): value is AwsService {
    return "handle" in value && "signingNames" in value;
}
