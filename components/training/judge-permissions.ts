import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { encrypts, encryptsVolumes } from "../encryption";
import type { PolicyStatement } from "../inline/index";
import { madeAt } from "./artifact-place";
import { FAILED_CALLS } from "./expiring-keys";
import type { JudgeOptions } from "./training-judge";

/**
 * What the judge of a component itself does.
 * @param champion ARN of the model package in service, if there is one.
 */
export function judgePermissions(
    { parent, jobPrefix, follows, bucket, places, role, args }: JudgeOptions,
    champion: string | undefined,
): PolicyStatement[] {
    const { registry, encryption, tags = {} } = args;
    const child = { parent };
    const region = aws.getRegionOutput({}, child).region;
    const partition = aws.getPartitionOutput({}, child).partition;
    const account = aws.getCallerIdentityOutput({}, child).accountId;
    const inAccount = (resource: pulumi.Input<string>) =>
        pulumi.interpolate`arn:${partition}:sagemaker:${region}:${account}:${resource}`;
    const packages = registry.modelPackageGroupName.apply((group) =>
        group.startsWith("arn:")
            ? pulumi.output(`${group.replace(":model-package-group/", ":model-package/")}/*`)
            : inAccount(`model-package/${group}/*`),
    );
    const evaluates = "evaluates what was trained";
    return [
        {
            actions: [
                "sagemaker:CreateTrainingJob",
                "sagemaker:DescribeTrainingJob",
                ...(Object.keys(tags).length > 0 ? ["sagemaker:AddTags"] : []),
            ],
            resources: [inAccount(`training-job/${jobPrefix}-*`)],
            because: evaluates,
        },
        ...(follows === "tuning"
            ? [
                  {
                      actions: [
                          "sagemaker:DescribeHyperParameterTuningJob",
                          "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
                      ],
                      resources: [inAccount(`hyper-parameter-tuning-job/${jobPrefix}-*`)],
                      because: "finds the best model",
                  },
              ]
            : []),
        {
            actions: ["sagemaker:CreateModelPackage"],
            resources: [registry.modelPackageGroupArn, packages],
            because: "registers the model",
        },
        // Lists are of all resources.
        { actions: ["sagemaker:ListModelPackages"], resources: ["*"], because: "registers a model once", onAll: true },
        ...(registry.policy === undefined
            ? []
            : [
                  {
                      actions: ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"],
                      resources: [packages],
                      because: "decides about the model",
                  },
              ]),
        ...(champion === undefined
            ? []
            : [
                  {
                      actions: ["sagemaker:DescribeModelPackage"],
                      resources: [champion],
                      because: "compares with the model in service",
                  },
              ]),
        {
            actions: ["iam:PassRole"],
            resources: [role.arn],
            conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
            because: evaluates,
        },
        {
            actions: ["s3:GetObject"],
            resources: places.flatMap(madeAt),
            because: "reads the evaluation",
        },
        {
            actions: ["s3:PutObject"],
            resources: [pulumi.interpolate`${bucket.arn}/${FAILED_CALLS}*`],
            because: "keeps calls that failed",
        },
        { actions: ["s3:ListBucket"], resources: [bucket.arn], because: "reads the evaluation" },
        ...(encryption === undefined ? [] : [encrypts(encryption), ...encryptsVolumes(encryption, evaluates)]),
    ];
}
