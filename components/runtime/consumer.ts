import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { InvocationTime } from "./deadline";
import type { Writer } from "./emitted-records";
import type { FilterPattern } from "./record-filter";
import type { Validator } from "./schema-check";

/** What a consumer of a stream works with. */
export interface ConsumerOptions extends Writer {
    /** Names the program and its stack in metrics. */
    readonly pipeline: string;
    /** @default all records */
    readonly filter?: FilterPattern;
    readonly validate: Validator;
    /** The bucket of the stream that is read: for failures, and with data that were too big for a record. */
    readonly bucket: string;
    /** Made when it is first needed. */
    readonly kinesis: () => KinesisClient;
}

/** What of Lambda's context is read. */
export interface StreamContext extends InvocationTime {
    readonly awsRequestId?: string;
}

/** What Lambda is told: from which record on it has to try again. */
export interface StreamResponse {
    readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}
