import type { PolicyDocument } from "./policy";

const allow = (...Action: string[]): PolicyDocument => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource: "*" }],
});

const logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

/** The policies kept by AWS that the twin knows, by ARN. */
export const managedPolicies: Readonly<Record<string, PolicyDocument>> = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": allow(...logs),
    "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole": allow(
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kinesis:ListStreams",
        "kinesis:SubscribeToShard",
        ...logs,
    ),
    "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole": allow(
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        ...logs,
    ),
};
