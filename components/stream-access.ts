import * as pulumi from "@pulumi/pulumi";
import { type Rule, value } from "./argument-rules";
import type { StreamDefinition } from "./event-stream";
import type { PolicyStatement } from "./inline";

/** A stream as a function that reads or writes it sees it. */
export interface StreamEnd {
    readonly streamName: pulumi.Output<string>;
    readonly streamArn: pulumi.Output<string>;
    /** Also holds the data that are too big for a record, under `claims/`. */
    readonly failureBucket: pulumi.Output<string>;
    readonly failureBucketArn: pulumi.Output<string>;
    readonly definition: StreamDefinition;
}

/** Whether a value is a stream; another copy of the package may have made it. */
export function isStream(given: unknown): given is StreamEnd {
    if (typeof given !== "object" || given === null || pulumi.Output.isInstance(given)) return false;
    const { streamName, definition } = given as Partial<StreamEnd>;
    return pulumi.Output.isInstance(streamName) && typeof definition === "object";
}

/** Of an option that names a stream. */
export const streamRule: Rule = value("an EventStream", isStream);

/** What a function needs to put records into a stream. */
export function writesTo(stream: StreamEnd): {
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    readonly statements: readonly PolicyStatement[];
} {
    return {
        environment: { SORTLINE_INTO_STREAM: stream.streamName, SORTLINE_INTO_BUCKET: stream.failureBucket },
        statements: [
            { actions: ["kinesis:PutRecords"], resources: [stream.streamArn], because: "writes its results" },
            // Data that are too big for a record.
            { actions: ["s3:PutObject"], resources: [claimsIn(stream)], because: "writes large results" },
        ],
    };
}

/** What a function, and Lambda on its behalf, needs to read records from a stream. */
export function readsFrom(stream: StreamEnd): readonly PolicyStatement[] {
    return [
        {
            actions: [
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
            resources: [stream.streamArn],
            because: "reads its stream",
        },
        { actions: ["s3:GetObject"], resources: [claimsIn(stream)], because: "reads large records" },
    ];
}

function claimsIn({ failureBucketArn }: StreamEnd): pulumi.Output<string> {
    return failureBucketArn.apply((arn) => `${arn}/claims/*`);
}

/** What a function, and Lambda on its behalf, needs to keep failures in a bucket. */
export function keepsFailuresIn(bucketArn: pulumi.Output<string>): readonly PolicyStatement[] {
    return [
        { actions: ["s3:PutObject"], resources: [bucketArn.apply((arn) => `${arn}/*`)], because: "keeps failures" },
        // Without it a missing bucket looks like a missing permission.
        { actions: ["s3:ListBucket"], resources: [bucketArn], because: "keeps failures" },
    ];
}
