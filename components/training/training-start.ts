import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { encrypts, encryptsVolumes } from "../encryption";
import type { PolicyStatement, RunTimeSide } from "../inline/index";
import { runtimeModule } from "../package-files";
import { LATEST_DATA_SET } from "../runtime/latest-data-set";

/** What starts a run of a `TrainingJob` or a `TuningJob` from within a handler. */
export interface TrainingStartOptions {
    readonly parent: pulumi.Resource;
    /** Names of runs begin with this and a hyphen. */
    readonly jobPrefix: string;
    readonly kind: "training-job" | "hyper-parameter-tuning-job";
    /** The component's own bucket. */
    readonly bucket: aws.s3.Bucket;
    readonly templateKey: pulumi.Output<string>;
    /** The role of the jobs. */
    readonly role: aws.iam.Role;
    /** ARN of the KMS key of bucket and volumes. @default AWS's keys */
    readonly encryption?: pulumi.Input<string>;
}

const ACTIONS = {
    "training-job": ["sagemaker:AddTags", "sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"],
    "hyper-parameter-tuning-job": [
        "sagemaker:AddTags",
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:DescribeHyperParameterTuningJob",
    ],
} as const;

const LISTS = {
    "training-job": "sagemaker:ListTrainingJobs",
    "hyper-parameter-tuning-job": "sagemaker:ListHyperParameterTuningJobs",
} as const;

/** The run-time side with the method `start`: reads template and latest data set, and starts a run unless one is under way. */
export function trainingStart(options: TrainingStartOptions): RunTimeSide {
    const { parent, jobPrefix, kind, bucket, templateKey, role, encryption } = options;
    const child = { parent };
    const region = aws.getRegionOutput({}, child).region;
    const partition = aws.getPartitionOutput({}, child).partition;
    const account = aws.getCallerIdentityOutput({}, child).accountId;
    const statements: PolicyStatement[] = [
        {
            actions: [...ACTIONS[kind]],
            resources: [pulumi.interpolate`arn:${partition}:sagemaker:${region}:${account}:${kind}/${jobPrefix}-*`],
        },
        // A list has no resource that could be named.
        { actions: [LISTS[kind]], resources: ["*"], because: "looks for a run that is under way", onAll: true },
        {
            actions: ["iam:PassRole"],
            resources: [role.arn],
            conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
        },
        {
            actions: ["s3:GetObject"],
            resources: [
                pulumi.interpolate`${bucket.arn}/${templateKey}`,
                pulumi.interpolate`${bucket.arn}/${LATEST_DATA_SET}`,
            ],
        },
        { actions: ["s3:GetObject", "s3:PutObject"], resources: [pulumi.interpolate`${bucket.arn}/runs/*`] },
        // Without it S3 answers for an object that is not there that access is denied.
        { actions: ["s3:ListBucket"], resources: [bucket.arn] },
        ...(encryption === undefined ? [] : [encrypts(encryption), ...encryptsVolumes(encryption)]),
    ];
    return {
        module: runtimeModule("training-run"),
        methods: { start: { outputs: { templateBucket: bucket.bucket, templateKey }, statements } },
    };
}
