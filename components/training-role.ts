import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, trustPolicy } from "./policy";
import { pullsImages } from "./sagemaker-image";
import { type Transform, transformed } from "./transform";

/** The role of training and evaluation containers: their bucket, their log, their metrics, their image. */
export function trainingRole(
    name: string,
    options: {
        readonly parent: pulumi.Resource;
        readonly bucket: aws.s3.Bucket;
        readonly transform?: Transform<aws.iam.RoleArgs>;
    },
): { readonly role: aws.iam.Role; readonly policy: aws.iam.RolePolicy } {
    const { parent, bucket } = options;
    const child = { parent };
    const account = aws.getCallerIdentityOutput({}, child).accountId;
    const partition = aws.getPartitionOutput({}, child).partition;
    const region = aws.getRegionOutput({}, child).region;
    const role = new aws.iam.Role(
        `${name}-role`,
        transformed<aws.iam.RoleArgs>(
            { assumeRolePolicy: trustPolicy("sagemaker.amazonaws.com", account) },
            options.transform,
        ),
        child,
    );
    const policy = new aws.iam.RolePolicy(
        `${name}-policy`,
        {
            role: role.name,
            policy: policyDocument([
                { actions: ["s3:GetObject", "s3:PutObject"], resources: [pulumi.interpolate`${bucket.arn}/*`] },
                { actions: ["s3:ListBucket"], resources: [bucket.arn] },
                {
                    actions: [
                        "logs:CreateLogGroup",
                        "logs:CreateLogStream",
                        "logs:DescribeLogStreams",
                        "logs:PutLogEvents",
                    ],
                    resources: [
                        pulumi.interpolate`arn:${partition}:logs:${region}:${account}:log-group:/aws/sagemaker/TrainingJobs*`,
                    ],
                },
                {
                    actions: ["cloudwatch:PutMetricData"],
                    resources: ["*"],
                    conditions: { StringLike: { "cloudwatch:namespace": ["/aws/sagemaker/*"] } },
                },
                ...pullsImages(partition, region),
            ]),
        },
        child,
    );
    return { role, policy };
}
