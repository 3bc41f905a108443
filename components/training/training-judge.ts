import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { callSite, inline } from "../inline/index";
import { lambdaFunction, type PermittedFunction } from "../lambda-function";
import { pinOf } from "../model-pin";
import { isPackageFile, runtimeModule } from "../package-files";
import type { JudgeSettings } from "../runtime/judge-adapter";
import { imageAddress, inferenceImage, looksUpImage } from "../sagemaker-image";
import type { ArtifactPlace } from "./artifact-place";
import { tagsOf } from "./job-tags";
import { judgePermissions } from "./judge-permissions";
import { DEFAULT_RUN_HOURS, type TrainingOptions } from "./training-options";
import { DEFAULT_VOLUME_GIGABYTES } from "./training-request";

export interface JudgeOptions {
    readonly parent: pulumi.Resource;
    readonly jobPrefix: string;
    /** Whose models are judged: those of training jobs, or the best ones of tuning jobs. */
    readonly follows: JudgeSettings["follows"];
    readonly bucket: aws.s3.Bucket;
    /** Where what runs make may lie. */
    readonly places: readonly ArtifactPlace[];
    /** What has to be there before something is written to the bucket. */
    readonly settings: readonly pulumi.Resource[];
    /** The role of the jobs, which the judge hands on to evaluations. */
    readonly role: aws.iam.Role;
    readonly args: TrainingOptions;
}

const INVOKE_RETRIES = 2;
const INVOKE_MAX_AGE_SECONDS = 21_600;

/** The function that follows a run: has its model evaluated, then registers it and lets the registry's policy decide. */
export function trainingJudge(
    name: string,
    options: JudgeOptions,
): { readonly judge: PermittedFunction; readonly rule: aws.cloudwatch.EventRule } {
    const { parent, jobPrefix, follows, bucket, settings, args } = options;
    const { registry, instances } = args;
    const child = { parent };
    const champion = pinOf(args.champion);
    const serves = inferenceImage(args.algorithm, args.inference ?? "cpu");
    if (serves === undefined) throw new pulumi.RunError(`No image serves ${args.algorithm} on ${args.inference}.`);
    const judgeSettings: JudgeSettings = {
        jobPrefix,
        follows,
        hasPolicy: registry.policy !== undefined,
        evaluation: {
            instanceType: instances.type,
            volumeGigabytes: Math.max(DEFAULT_VOLUME_GIGABYTES, instances.volumeGigabytes ?? 0),
            // Judging a model takes less than making it.
            maxRunSeconds: (args.maxRunHours ?? DEFAULT_RUN_HOURS) * 3600,
            // A linear model's own figures are the baseline's.
            baseline: args.algorithm !== "linear",
            tags: tagsOf(args.tags),
        },
    };
    // Without a policy the adapter is the whole function: there is nothing for a callback to do.
    const code = inline(`${name}-judge`, registry.policy ?? (() => undefined), {
        adapter: runtimeModule("judge-adapter"),
        settings: { ...judgeSettings },
    });
    const lambda = lambdaFunction(`${name}-judge`, {
        parent,
        description: `Evaluates and registers what ${jobPrefix} trains`,
        code,
        location: callSite(isPackageFile),
        memory: 512,
        timeout: 60,
        environment: {
            SORTLINE_MODEL_PACKAGE_GROUP: registry.modelPackageGroupName,
            SORTLINE_INFERENCE_IMAGE: imageAddress(serves, parent),
            ...(champion === undefined
                ? {}
                : {
                      SORTLINE_CHAMPION_PACKAGE: champion.package,
                      SORTLINE_CHAMPION_ARTEFACT: champion.artefact,
                  }),
        },
        statements: [
            ...judgePermissions(options, champion?.package),
            looksUpImage(aws.getPartitionOutput({}, child).partition, aws.getRegionOutput({}, child).region, serves),
        ],
        transform: args.transform?.judge,
    });
    const rule = new aws.cloudwatch.EventRule(
        `${name}-rule`,
        {
            description:
                follows === "training"
                    ? `Training jobs of ${jobPrefix} that have ended`
                    : `Tuning jobs of ${jobPrefix} that have ended, and their evaluations`,
            eventPattern: JSON.stringify(eventPattern(jobPrefix, follows)),
        },
        child,
    );
    // A call that fails for good is kept, so that whoever looks for a model finds what became of it.
    const invocations = new aws.lambda.FunctionEventInvokeConfig(
        `${name}-judge-invoke`,
        {
            functionName: lambda.function.name,
            maximumRetryAttempts: INVOKE_RETRIES,
            maximumEventAgeInSeconds: INVOKE_MAX_AGE_SECONDS,
            destinationConfig: { onFailure: { destination: bucket.arn } },
        },
        { parent, dependsOn: [lambda.policy, ...settings] },
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
        { parent, dependsOn: [permission, lambda.policy, invocations] },
    );
    return { judge: lambda, rule };
}

/** Also of evaluations that fail, of which some can be done without the model in service. */
const ENDED = ["Completed", "Failed", "Stopped"];

/** The events that the judge is called with. */
function eventPattern(jobPrefix: string, follows: JudgeSettings["follows"]) {
    if (follows === "training") {
        return {
            source: ["aws.sagemaker"],
            "detail-type": ["SageMaker Training Job State Change"],
            detail: { TrainingJobName: [{ prefix: `${jobPrefix}-` }], TrainingJobStatus: ENDED },
        };
    }
    return {
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker HyperParameter Tuning Job State Change", "SageMaker Training Job State Change"],
        detail: {
            $or: [
                {
                    HyperParameterTuningJobName: [{ prefix: `${jobPrefix}-` }],
                    HyperParameterTuningJobStatus: ["Completed", "Stopped"],
                },
                // Of the training jobs only evaluations: trials' names begin like that as well.
                { TrainingJobName: [{ wildcard: `${jobPrefix}-*-eval*` }], TrainingJobStatus: ENDED },
            ],
        },
    };
}
