import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RunTimeSide } from "../inline/index";
import { trainingFolder } from "../package-files";
import { privateBucket } from "../private-bucket";
import { imageAddress, TRAINING_IMAGES } from "../sagemaker-image";
import { sourceArchive } from "../source-archive";
import { ownPlace, placeAt } from "./artifact-place";
import { CHECKPOINTS, FAILED_CALLS, KEEP_DAYS } from "./expiring-keys";
import { doubts } from "./training-fit";
import { type JudgeOptions, trainingJudge } from "./training-judge";
import type { TrainingOptions } from "./training-options";
import { keepsCheckpoints, type RequestParts } from "./training-request";
import { trainingRole } from "./training-role";
import { trainingStart } from "./training-start";

/** The children of a component that defines trainings. */
export interface TrainingNodes {
    readonly bucket: aws.s3.Bucket;
    readonly role: aws.iam.Role;
    readonly source: aws.s3.BucketObjectv2;
    readonly template: aws.s3.BucketObjectv2;
    readonly judge: aws.lambda.Function;
    readonly rule: aws.cloudwatch.EventRule;
}

/** What a component tells the command, which starts its runs. */
export interface TrainingOutputs {
    readonly templateBucket: pulumi.Output<string>;
    readonly templateKey: pulumi.Output<string>;
    readonly artifactBucket: pulumi.Output<string>;
    readonly modelPackageGroupName: pulumi.Output<string>;
    readonly jobPrefix: string;
    /** Name of the judge's function. */
    readonly judgeFunction: pulumi.Output<string>;
}

export interface DefinitionOptions extends Pick<JudgeOptions, "jobPrefix" | "follows"> {
    readonly parent: pulumi.ComponentResource;
    /** The request template that runs begin from. */
    readonly template: (parts: RequestParts) => pulumi.Output<string>;
}

const KEEP_VERSIONS_DAYS = 90;

/** Makes what a training or a search needs to be run: code, role, request template, and the judge that follows it. */
export function trainingDefinition(
    name: string,
    args: TrainingOptions,
    { parent, jobPrefix, follows, template: templateOf }: DefinitionOptions,
): {
    readonly nodes: TrainingNodes;
    readonly outputs: TrainingOutputs;
    /** All that the component registers. */
    readonly registered: pulumi.Inputs;
    /** What handlers may do with it. */
    readonly start: RunTimeSide;
} {
    const child = { parent };
    for (const doubt of doubts(args)) void pulumi.log.warn(doubt, parent);
    const { bucket, settings } = privateBucket(`${name}-artifacts`, {
        parent,
        keepVersionsDays: KEEP_VERSIONS_DAYS,
        expireAfterDays: {
            [FAILED_CALLS]: KEEP_DAYS[FAILED_CALLS],
            ...(keepsCheckpoints(args) ? { [CHECKPOINTS]: KEEP_DAYS[CHECKPOINTS] } : {}),
        },
        rewritten: [CHECKPOINTS],
        encryption: args.encryption,
        transform: args.transform?.bucket,
    });
    const own = ownPlace(bucket);
    const artifacts =
        args.artifacts === undefined
            ? own
            : placeAt(args.artifacts, aws.getPartitionOutput({}, child).partition, bucket.bucket);
    // Models of runs that began before the place was given are judged where they lie.
    const places = artifacts === own ? [own] : [own, artifacts];
    const { role, policy } = trainingRole(name, { parent, bucket, places, args });
    const archive = sourceArchive(args.source === undefined ? trainingFolder() : path.resolve(args.source));
    // What is written before the bucket's key is set is not encrypted with it.
    const encrypted = args.encryption === undefined ? [] : settings;
    const source = new aws.s3.BucketObjectv2(
        `${name}-source`,
        {
            bucket: bucket.bucket,
            key: `source/${archive.digest}.tar.gz`,
            source: new pulumi.asset.FileAsset(archive.file),
            contentType: "application/gzip",
        },
        // Runs that are under way, and the lineage of models, still name the earlier code.
        { parent, retainOnDelete: true, dependsOn: [...encrypted] },
    );
    const template = new aws.s3.BucketObjectv2(
        `${name}-template`,
        {
            bucket: bucket.bucket,
            key: `templates/${name}.json`,
            contentType: "application/json",
            content: templateOf({
                jobPrefix,
                bucketName: bucket.bucket,
                artifacts: artifacts.address,
                roleArn: role.arn,
                image: imageAddress(TRAINING_IMAGES[args.algorithm], parent),
                sourceKey: source.key,
                region: aws.getRegionOutput({}, child).region,
            }),
        },
        { parent, dependsOn: [policy, ...encrypted] },
    );
    const { judge, rule } = trainingJudge(name, { parent, jobPrefix, follows, bucket, places, settings, role, args });
    const outputs: TrainingOutputs = {
        templateBucket: bucket.bucket,
        templateKey: template.key,
        artifactBucket: bucket.bucket,
        modelPackageGroupName: args.registry.modelPackageGroupName,
        jobPrefix,
        judgeFunction: judge.function.name,
    };
    return {
        nodes: { bucket, role, source, template, judge: judge.function, rule },
        outputs,
        start: trainingStart({
            parent,
            jobPrefix,
            kind: follows === "training" ? "training-job" : "hyper-parameter-tuning-job",
            bucket,
            templateKey: template.key,
            role,
            encryption: args.encryption,
        }),
        registered: { ...outputs, roleArn: judge.role.arn, permissions: judge.permissions },
    };
}
