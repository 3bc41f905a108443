import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { encrypts, encryptsVolumes } from "../encryption";
import type { PolicyStatement } from "../inline/index";
import { pinOf } from "../model-pin";
import { joinsNetwork } from "../network";
import { policyDocument, trustPolicy } from "../policy";
import { pullsImages, TRAINING_IMAGES } from "../sagemaker-image";
import { transformed } from "../transform";
import { type ArtifactPlace, madeAt, withinDataSets } from "./artifact-place";
import { CHECKPOINTS } from "./expiring-keys";
import type { TrainingOptions } from "./training-options";
import { isBaseModelAddress } from "./training-request";

/**
 * The role of training and evaluation containers: their bucket and the other place that the program gives, their log,
 * their metrics, their image, and what the program's options have them read.
 */
export function trainingRole(
    name: string,
    options: {
        readonly parent: pulumi.Resource;
        readonly bucket: aws.s3.Bucket;
        /** Where what runs make may lie; the component's own is the first one. */
        readonly places: readonly ArtifactPlace[];
        readonly args: TrainingOptions;
    },
): { readonly role: aws.iam.Role; readonly policy: aws.iam.RolePolicy } {
    const { parent, bucket, places, args } = options;
    const child = { parent };
    const account = aws.getCallerIdentityOutput({}, child).accountId;
    const partition = aws.getPartitionOutput({}, child).partition;
    const region = aws.getRegionOutput({}, child).region;
    const { network, encryption, baseModel } = args;
    const champion = pinOf(args.champion);
    const [, ...others] = places;
    const role = new aws.iam.Role(
        `${name}-role`,
        transformed<aws.iam.RoleArgs>(
            { assumeRolePolicy: trustPolicy("sagemaker.amazonaws.com", account) },
            args.transform?.role,
        ),
        child,
    );
    const policy = new aws.iam.RolePolicy(
        `${name}-policy`,
        {
            role: role.name,
            policy: policyDocument(
                [
                    { actions: ["s3:GetObject"], resources: [pulumi.interpolate`${bucket.arn}/*`] },
                    {
                        actions: ["s3:PutObject"],
                        resources: [...places.flatMap(madeAt), pulumi.interpolate`${bucket.arn}/${CHECKPOINTS}*`],
                    },
                    { actions: ["s3:ListBucket"], resources: [bucket.arn] },
                    ...others.flatMap(({ address }) => readsAddress(partition, address)),
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
                    ...pullsImages(partition, region, [TRAINING_IMAGES[args.algorithm].repository]),
                    ...(baseModel !== undefined && isBaseModelAddress(baseModel)
                        ? readsAddress(partition, baseModel)
                        : []),
                    ...(champion === undefined ? [] : readsAddress(partition, champion.artefact)),
                    ...(encryption === undefined ? [] : [encrypts(encryption), ...encryptsVolumes(encryption)]),
                    ...(network === undefined ? [] : joinsNetwork(network, { partition, region, account })),
                ],
                [{ actions: ["s3:PutObject"], resources: places.flatMap(withinDataSets) }],
            ),
        },
        child,
    );
    return { role, policy };
}

/** What SageMaker needs to bring what lies at an S3 address into a container: an object, or all that begins like it. */
function readsAddress(partition: pulumi.Input<string>, address: pulumi.Input<string>): PolicyStatement[] {
    const place = pulumi.output(address).apply((each) => {
        const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(each) ?? [];
        if (bucket !== undefined && key !== undefined) return { bucket, key };
        throw new pulumi.RunError(`${each} is no S3 address; it must be one such as s3://bucket/folder/.`);
    });
    return [
        {
            actions: ["s3:GetObject"],
            resources: [pulumi.interpolate`arn:${partition}:s3:::${place.bucket}/${place.key}*`],
        },
        {
            actions: ["s3:ListBucket"],
            resources: [pulumi.interpolate`arn:${partition}:s3:::${place.bucket}`],
            conditions: { StringLike: { "s3:prefix": pulumi.interpolate`${place.key}*` } },
        },
    ];
}
