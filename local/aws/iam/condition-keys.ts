// Which condition keys the twin gives to a request, and so evaluates. A policy with another one is refused: a key that is
// silently missing would turn an allow into a deny, or a deny into nothing.

/** Keys that a request has wherever it makes sense, in lower case. */
const evaluated = new Set(
    [
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalType",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:SecureTransport",
        "aws:SourceAccount",
        "aws:SourceArn",
        // Of IAM users only: a role's session has none, on AWS as here.
        "aws:username",
        "cloudwatch:namespace",
        "events:detail-type",
        "events:source",
        "iam:PassedToService",
        "kms:EncryptionContext:PARAMETER_ARN",
        // Of CreateGrant, which the twin has not: no request here has it, and none that AWS would give it.
        "kms:GrantIsForAWSResource",
        "kms:ViaService",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
    ].map((key) => key.toLowerCase()),
);

/**
 * Prefixes of keys that requests to the twin would have on AWS. Keys of other services, such as `ec2:Vpc`, are
 * in no request to the services that the twin has, on AWS neither.
 */
const prefixes = new Set([
    "aws",
    "cloudwatch",
    "dynamodb",
    "events",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "sagemaker",
    "sns",
    "sqs",
    "ssm",
    "sts",
]);

/** Does the twin evaluate the key as AWS does? */
export function isEvaluatedKey(key: string): boolean {
    const lower = key.toLowerCase();
    return evaluated.has(lower) || !prefixes.has(lower.slice(0, lower.indexOf(":")));
}
