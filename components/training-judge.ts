import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { callSite, inline } from "./inline";
import { type FunctionTransform, lambdaFunction, type PermittedFunction } from "./lambda-function";
import { isPackageFile, runtimeModule } from "./package-files";
import type { JudgeSettings } from "./runtime/judge-adapter";
import { looksUpImage } from "./sagemaker-image";

export interface JudgeOptions {
    readonly parent: pulumi.Resource;
    readonly jobPrefix: string;
    readonly bucket: aws.s3.Bucket;
    /** The role of the jobs, which the judge hands on to evaluations. */
    readonly role: aws.iam.Role;
    readonly image: pulumi.Input<string>;
    readonly modelPackageGroupName: pulumi.Output<string>;
    readonly modelPackageGroupArn: pulumi.Output<string>;
    readonly instanceType: string;
    readonly transform?: FunctionTransform;
}

const EVALUATION = { volumeGigabytes: 30, maxRunSeconds: 3600 };

/** The function that follows a run: has its model evaluated, then registers it. */
export function trainingJudge(
    name: string,
    options: JudgeOptions,
): { readonly judge: PermittedFunction; readonly rule: aws.cloudwatch.EventRule } {
    const { parent, jobPrefix, bucket, role, modelPackageGroupName, modelPackageGroupArn } = options;
    const child = { parent };
    const region = aws.getRegionOutput({}, child).region;
    const partition = aws.getPartitionOutput({}, child).partition;
    const account = aws.getCallerIdentityOutput({}, child).accountId;
    const settings: JudgeSettings = {
        jobPrefix,
        evaluation: { instanceType: options.instanceType, ...EVALUATION },
    };
    // The adapter is the whole function: there is nothing for a callback to do.
    const code = inline(`${name}-judge`, () => undefined, {
        adapter: runtimeModule("judge-adapter"),
        settings: { ...settings },
    });
    const lambda = lambdaFunction(`${name}-judge`, {
        parent,
        description: `Evaluates and registers what ${jobPrefix} trains`,
        code,
        location: callSite(isPackageFile),
        memory: 512,
        timeout: 60,
        environment: {
            SORTLINE_MODEL_PACKAGE_GROUP: modelPackageGroupName,
            SORTLINE_INFERENCE_IMAGE: options.image,
        },
        statements: [
            {
                actions: ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"],
                resources: [
                    pulumi.interpolate`arn:${partition}:sagemaker:${region}:${account}:training-job/${jobPrefix}-*`,
                ],
                because: "evaluates what was trained",
            },
            {
                actions: ["sagemaker:CreateModelPackage"],
                resources: [
                    modelPackageGroupArn,
                    pulumi.interpolate`arn:${partition}:sagemaker:${region}:${account}:model-package/${modelPackageGroupName}/*`,
                ],
                because: "registers the model",
            },
            {
                actions: ["iam:PassRole"],
                resources: [role.arn],
                conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
                because: "evaluates what was trained",
            },
            {
                actions: ["s3:GetObject"],
                resources: [pulumi.interpolate`${bucket.arn}/*`],
                because: "reads the evaluation",
            },
            { actions: ["s3:ListBucket"], resources: [bucket.arn], because: "reads the evaluation" },
            looksUpImage(partition, region),
        ],
        transform: options.transform,
    });
    const rule = new aws.cloudwatch.EventRule(
        `${name}-rule`,
        {
            description: `Training jobs of ${jobPrefix} that have completed`,
            eventPattern: JSON.stringify({
                source: ["aws.sagemaker"],
                "detail-type": ["SageMaker Training Job State Change"],
                detail: { TrainingJobName: [{ prefix: `${jobPrefix}-` }], TrainingJobStatus: ["Completed"] },
            }),
        },
        child,
    );
    const permission = new aws.lambda.Permission(
        `${name}-judge-permission`,
        {
            action: "lambda:InvokeFunction",
            function: lambda.function.name,
            principal: "events.amazonaws.com",
            sourceArn: rule.arn,
        },
        child,
    );
    new aws.cloudwatch.EventTarget(
        `${name}-target`,
        { rule: rule.name, arn: lambda.function.arn },
        { parent, dependsOn: [permission, lambda.policy] },
    );
    return { judge: lambda, rule };
}
