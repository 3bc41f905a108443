import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { stackName } from "./stack-name";
import { type Transform, transformed } from "./transform";

export interface SesReceiptOptions {
    readonly parent: pulumi.Resource;
    readonly bucket: aws.s3.Bucket;
    readonly account: pulumi.Input<string>;
    readonly prefix: string;
    readonly recipients: readonly string[];
    /** The active rule set; it is not this package's to make or to activate. */
    readonly ruleSet: string;
    readonly dependsOn: readonly pulumi.Resource[];
    readonly transform?: Transform<aws.ses.ReceiptRuleArgs>;
}

/** Longest name of a receipt rule. */
const MAX_RULE_NAME = 64;

/** Lets SES write mail for the recipients into the bucket: the bucket's policy first, then a rule in the active rule set. */
export function receiveBySes(name: string, options: SesReceiptOptions): aws.ses.ReceiptRule {
    const { parent, bucket, account, prefix, ruleSet } = options;
    // The policy names the rule, which must not exist before it: so the rule's name is fixed here.
    const ruleName = stackName(name, MAX_RULE_NAME);
    const region = aws.getRegionOutput({}, { parent }).region;
    const partition = aws.getPartitionOutput({}, { parent }).partition;
    const policy = new aws.s3.BucketPolicy(
        `${name}-mail-policy`,
        {
            bucket: bucket.bucket,
            policy: pulumi.jsonStringify({
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Principal: { Service: "ses.amazonaws.com" },
                        Action: "s3:PutObject",
                        Resource: pulumi.interpolate`${bucket.arn}/${prefix}*`,
                        Condition: {
                            StringEquals: {
                                "aws:SourceAccount": account,
                                "aws:SourceArn": pulumi.interpolate`arn:${partition}:ses:${region}:${account}:receipt-rule-set/${ruleSet}:receipt-rule/${ruleName}`,
                            },
                        },
                    },
                ],
            }),
        },
        { parent },
    );
    return new aws.ses.ReceiptRule(
        `${name}-rule`,
        transformed<aws.ses.ReceiptRuleArgs>(
            {
                name: ruleName,
                ruleSetName: ruleSet,
                recipients: [...options.recipients],
                enabled: true,
                scanEnabled: true,
                // No kmsKeyArn here: that is encryption by the client, and readers would get ciphertext.
                s3Actions: [{ bucketName: bucket.bucket, objectKeyPrefix: prefix, position: 1 }],
            },
            options.transform,
        ),
        { parent, dependsOn: [policy, ...options.dependsOn], deleteBeforeReplace: true },
    );
}
