import * as fs from "node:fs";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import {
    flag,
    integer,
    mismatch,
    oneOf,
    options,
    type Rule,
    type Rules,
    recordOf,
    required,
    value,
} from "./argument-rules";
import { instanceTypeRule } from "./capacity";
import { cleaningRule } from "./cleaning-rule";
import { type HasRunTimeSide, type RunTimeSide, runTimeOnly, runTimeSide } from "./inline";
import type { FunctionTransform } from "./lambda-function";
import { type ModelRegistry, registryRule } from "./model-registry";
import { trainingFolder } from "./package-files";
import { privateBucket } from "./private-bucket";
import type { StartedRun } from "./runtime/start-run";
import { scikitLearnImage } from "./sagemaker-image";
import { isOptions } from "./shown-value";
import { sourceArchive } from "./source-archive";
import { stackName } from "./stack-name";
import { trainingJudge } from "./training-judge";
import { trainingRole } from "./training-role";
import { trainingStart } from "./training-start";
import { requestTemplate } from "./training-template";
import { type Transform, transformOf } from "./transform";

export interface TrainingJobArgs {
    /** Where trained models wait for approval. */
    readonly registry: ModelRegistry;
    /** `linear`: word and character n-grams with a linear classifier; trains in seconds on a CPU. */
    readonly algorithm: "linear";
    /** What a run trains on. */
    readonly instances: {
        /** For example "ml.m5.large". */
        readonly type: string;
        /** 1 to 20. @default 1 */
        readonly count?: number;
        /** Spot capacity: cheaper, may be interrupted. @default false */
        readonly spot?: boolean;
    };
    /**
     * Folder with `train.py`, `evaluate.py` and `inference.py`; a relative path is the Pulumi project's.
     * @default the package's own training code
     */
    readonly source?: string;
    /** Passed to `train.py` as `--name value`, for example `seed`. @default {} */
    readonly hyperparameters?: Readonly<Record<string, string | number | boolean>>;
    /** Hours after which a run is stopped: 1 to 120. @default 4 */
    readonly maxRunHours?: number;
    /** Version of the cleaning that training texts went through; stored with the model. */
    readonly cleaning: string;
    /**
     * Changes the arguments of children: with `bucket: { forceDestroy: true }`, `pulumi destroy` deletes the bucket with
     * all data sets and models. @default nothing is changed
     */
    readonly transform?: {
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly role?: Transform<aws.iam.RoleArgs>;
        readonly judge?: FunctionTransform;
    };
}

/** Files that a source folder must hold. */
const ENTRY_POINTS = ["train.py", "evaluate.py", "inference.py"];
/** Hyperparameters that are arguments of their own, or the container's. */
const RESERVED = /^(algorithm|cleaning|sagemaker_.*)$/;

const sourceRule: Rule = {
    what: "the path of a folder",
    problems: (option, given) => {
        if (typeof given !== "string" || given === "") return [mismatch(option, given, sourceRule.what)];
        const source = path.resolve(given);
        const missing = ENTRY_POINTS.filter((file) => !fs.existsSync(path.join(source, file)));
        return missing.length > 0 ? [`${option} is ${source}, which has no ${missing.join(", ")}`] : [];
    },
};

const parameters = recordOf(
    value(
        "a text, a number, true or false",
        (given) => typeof given === "string" || typeof given === "boolean" || Number.isFinite(given),
    ),
    "an object: name, value",
);

const rules: Rules<TrainingJobArgs> = {
    registry: required(registryRule),
    algorithm: required(oneOf(["linear"])),
    instances: required(
        options<TrainingJobArgs["instances"]>({
            type: required(instanceTypeRule),
            count: integer({ from: 1, to: 20, unit: "instances" }),
            spot: flag,
        }),
    ),
    source: sourceRule,
    hyperparameters: {
        ...parameters,
        problems: (option, given) => [
            ...parameters.problems(option, given),
            ...Object.keys(isOptions(given) ? given : {})
                .filter((each) => RESERVED.test(each))
                .map((reserved) => `${option} has ${reserved}, which the component sets itself`),
        ],
    },
    maxRunHours: integer({ from: 1, to: 120, unit: "hours" }),
    cleaning: required(cleaningRule),
    transform: transformOf<NonNullable<TrainingJobArgs["transform"]>>({
        bucket: true,
        role: true,
        judge: transformOf<FunctionTransform>({ function: true, role: true, logGroup: true }),
    }),
};

/** Longest prefix of job names: a run adds a time and a random part, its evaluation "-eval", and 63 is the limit. */
const MAX_PREFIX = 36;
const KEEP_VERSIONS_DAYS = 90;

/**
 * Defines how a model is trained: code, image, role, limits. A run is started from the request template that lies in the
 * artefact bucket, by `sortline train`, or by `start` inside a handler. When it has completed, its model is evaluated on
 * the test set and registered, pending approval.
 */
export class TrainingJob extends pulumi.ComponentResource implements HasRunTimeSide {
    readonly templateBucket: pulumi.Output<string>;
    readonly templateKey: pulumi.Output<string>;
    readonly artifactBucket: pulumi.Output<string>;
    readonly modelPackageGroupName: pulumi.Output<string>;
    /** Names of the job's runs begin with this and a hyphen. */
    readonly jobPrefix: string;
    /** The children. */
    readonly nodes: {
        readonly bucket: aws.s3.Bucket;
        readonly role: aws.iam.Role;
        readonly source: aws.s3.BucketObjectv2;
        readonly template: aws.s3.BucketObjectv2;
        readonly judge: aws.lambda.Function;
        readonly rule: aws.cloudwatch.EventRule;
    };
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;

    /** @throws RunError with every argument that is out of range, and for a source folder that lacks a file. */
    constructor(name: string, args: TrainingJobArgs, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("TrainingJob", name);
        check.options<TrainingJobArgs>("args", args, rules, new.target !== TrainingJob);
        check.resourceOptions(options);
        check.done();
        super("sortline:index:TrainingJob", name, {}, options);
        const { registry, instances, maxRunHours = 4, transform } = args;
        const source = args.source === undefined ? trainingFolder() : path.resolve(args.source);

        const child = { parent: this };
        this.#name = name;
        this.jobPrefix = stackName(name, MAX_PREFIX);
        const image = scikitLearnImage(this);
        const { bucket } = privateBucket(`${name}-artifacts`, {
            parent: this,
            keepVersionsDays: KEEP_VERSIONS_DAYS,
            transform: transform?.bucket,
        });
        const { role, policy } = trainingRole(name, { parent: this, bucket, transform: transform?.role });
        const archive = sourceArchive(source);
        const code = new aws.s3.BucketObjectv2(
            `${name}-source`,
            {
                bucket: bucket.bucket,
                key: `source/${archive.digest}.tar.gz`,
                source: new pulumi.asset.FileAsset(archive.file),
                contentType: "application/gzip",
            },
            // Runs that are under way, and the lineage of models, still name the earlier code.
            { parent: this, retainOnDelete: true },
        );
        const template = new aws.s3.BucketObjectv2(
            `${name}-template`,
            {
                bucket: bucket.bucket,
                key: `templates/${name}.json`,
                contentType: "application/json",
                content: requestTemplate({
                    jobPrefix: this.jobPrefix,
                    bucketName: bucket.bucket,
                    roleArn: role.arn,
                    image,
                    sourceUri: pulumi.interpolate`s3://${bucket.bucket}/${code.key}`,
                    region: aws.getRegionOutput({}, child).region,
                    instances,
                    maxRunHours,
                    hyperparameters: { ...args.hyperparameters, algorithm: args.algorithm, cleaning: args.cleaning },
                }),
            },
            { parent: this, dependsOn: [policy] },
        );
        const { judge, rule } = trainingJudge(name, {
            parent: this,
            jobPrefix: this.jobPrefix,
            bucket,
            role,
            image,
            modelPackageGroupName: registry.modelPackageGroupName,
            modelPackageGroupArn: registry.modelPackageGroupArn,
            instanceType: instances.type,
            transform: transform?.judge,
        });

        this.nodes = { bucket, role, source: code, template, judge: judge.function, rule };
        this.templateBucket = bucket.bucket;
        this.templateKey = template.key;
        this.artifactBucket = bucket.bucket;
        this.modelPackageGroupName = registry.modelPackageGroupName;
        this[runTimeSide] = trainingStart({
            parent: this,
            jobPrefix: this.jobPrefix,
            kind: "training-job",
            bucket,
            templateKey: template.key,
            role,
        });
        this.registerOutputs({
            templateBucket: this.templateBucket,
            templateKey: this.templateKey,
            artifactBucket: this.artifactBucket,
            modelPackageGroupName: this.modelPackageGroupName,
            jobPrefix: this.jobPrefix,
            roleArn: judge.role.arn,
            permissions: judge.permissions,
        });
    }

    /**
     * Starts a run with the data set that the last `sortline train` made, for handlers that train again by a schedule or
     * an event. While a run is under way, whoever started it, none is started: the answer then names that one.
     * Throws where there is no data set yet, or its texts went through another cleaning.
     */
    start(): Promise<StartedRun> {
        return runTimeOnly("TrainingJob", this.#name, "start");
    }
}
