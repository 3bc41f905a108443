import type * as pulumi from "@pulumi/pulumi";
import type { StreamDefinition } from "./event-stream";
import type { PolicyStatement } from "./inline";

/** A stream as a function that reads or writes it sees it. */
export interface StreamEnd {
    readonly streamName: pulumi.Output<string>;
    readonly streamArn: pulumi.Output<string>;
    readonly failureBucket: pulumi.Output<string>;
    readonly failureBucketArn: pulumi.Output<string>;
    readonly definition: StreamDefinition;
}

/** What a function needs to put records into a stream. */
export function writesTo(stream: StreamEnd): {
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    readonly statements: readonly PolicyStatement[];
} {
    return {
        environment: { SORTLINE_INTO_STREAM: stream.streamName },
        statements: [{ actions: ["kinesis:PutRecords"], resources: [stream.streamArn], because: "writes its results" }],
    };
}

/** What a function, and Lambda on its behalf, needs to keep failures in a bucket. */
export function keepsFailuresIn(bucketArn: pulumi.Output<string>): readonly PolicyStatement[] {
    return [
        { actions: ["s3:PutObject"], resources: [bucketArn.apply((arn) => `${arn}/*`)], because: "keeps failures" },
        // Without it a missing bucket looks like a missing permission.
        { actions: ["s3:ListBucket"], resources: [bucketArn], because: "keeps failures" },
    ];
}
