import * as pulumi from "@pulumi/pulumi";
import { hasLocalDisks } from "../instance-type";
import { vpcConfig } from "../network";
import { NATIVE_LAUNCHER, variables } from "../runtime/job-variables";
import { METRICS } from "../training-algorithm";
import { JOBS } from "./artifact-place";
import { CHECKPOINTS } from "./expiring-keys";
import { tagsOf } from "./job-tags";
import { isS3Address } from "./training-fit";
import { DEFAULT_RUN_HOURS, type TrainingOptions } from "./training-options";

/** What the requests of a training are made of, beside the program's options. */
export interface RequestParts {
    /** Names of its jobs begin with this and a hyphen. */
    readonly jobPrefix: string;
    readonly bucketName: pulumi.Input<string>;
    /** Below which data sets and what jobs make go: such as s3://bucket/folder/, with a slash at its end. */
    readonly artifacts: pulumi.Input<string>;
    readonly roleArn: pulumi.Input<string>;
    readonly image: pulumi.Input<string>;
    /** Key in the bucket of the packed code: `source/<digest>.tar.gz`. */
    readonly sourceKey: pulumi.Input<string>;
    readonly region: pulumi.Input<string>;
}

export const DEFAULT_VOLUME_GIGABYTES = 30;
/** Where a container finds a channel. */
const CHANNELS = "/opt/ml/input/data";

/** What CreateTrainingJob and the definition of a tuning job's trials have in common. */
export function commonRequest(args: TrainingOptions, parts: RequestParts) {
    const { instances, network, encryption, baseModel } = args;
    const seconds = (args.maxRunHours ?? DEFAULT_RUN_HOURS) * 3600;
    const { spot = false, maxWaitHours } = instances;
    const channels = [
        // Without a network the container cannot fetch its code.
        ...(network?.isolated === true ? [channel("code", sourceAddress(parts))] : []),
        ...(baseModel !== undefined && isBaseModelAddress(baseModel) ? [channel("base-model", baseModel)] : []),
    ];
    return {
        RoleArn: parts.roleArn,
        ...(channels.length > 0 ? { InputDataConfig: channels } : {}),
        ...(encryption === undefined ? {} : { OutputDataConfig: { KmsKeyId: encryption } }),
        ResourceConfig: {
            InstanceType: instances.type,
            InstanceCount: instances.count ?? 1,
            VolumeSizeInGB: instances.volumeGigabytes ?? DEFAULT_VOLUME_GIGABYTES,
            ...(encryption === undefined || hasLocalDisks(instances.type) ? {} : { VolumeKmsKeyId: encryption }),
        },
        StoppingCondition: {
            MaxRuntimeInSeconds: seconds,
            // With spot capacity, waiting for it counts too.
            ...(spot ? { MaxWaitTimeInSeconds: maxWaitHours === undefined ? 2 * seconds : maxWaitHours * 3600 } : {}),
        },
        ...(spot ? { EnableManagedSpotTraining: true } : {}),
        ...(keepsCheckpoints(args)
            ? { CheckpointConfig: { S3Uri: pulumi.interpolate`s3://${parts.bucketName}/${CHECKPOINTS}` } }
            : {}),
        ...(network === undefined ? {} : { VpcConfig: vpcConfig(network) }),
        ...(network?.isolated === true ? { EnableNetworkIsolation: true } : {}),
        Environment: { [variables.prefix]: parts.jobPrefix },
    };
}

/** Whether runs keep checkpoints. */
export function keepsCheckpoints({ algorithm, checkpoints = false }: TrainingOptions): boolean {
    return checkpoints || algorithm === "bert";
}

/** Whether a base model is given by its address and not by its name. */
export function isBaseModelAddress(baseModel: pulumi.Input<string>): boolean {
    return typeof baseModel !== "string" || isS3Address(baseModel);
}

/** The address of the packed code. */
export function sourceAddress({ bucketName, sourceKey }: RequestParts): pulumi.Output<string> {
    return pulumi.interpolate`s3://${bucketName}/${sourceKey}`;
}

/** What the container is, and how it says how good the model is: `name=value` on a line, of which the last counts. */
export function algorithmSpecification(args: TrainingOptions, parts: RequestParts, more: readonly string[] = []) {
    return {
        TrainingImage: parts.image,
        TrainingInputMode: "File",
        MetricDefinitions: [...new Set([...METRICS[args.algorithm], ...more])].map((name) => ({
            Name: name,
            Regex: `${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}=([0-9.eE+-]+)`,
        })),
    };
}

/** The hyperparameters that every run has, as the container's toolkit reads them: JSON within strings. */
export function fixedHyperparameters(
    args: TrainingOptions,
    parts: RequestParts,
    more: Readonly<Record<string, string | number | boolean>> = {},
): Readonly<Record<string, pulumi.Input<string>>> {
    const { algorithm, cleaning, baseModel, distribution, network, hyperparameters } = args;
    const given = {
        ...more,
        ...hyperparameters,
        ...(typeof baseModel === "string" && !isS3Address(baseModel) ? { "base-model": baseModel } : {}),
        ...(distribution === undefined ? {} : { "processes-per-host": distribution.processesPerHost }),
        algorithm,
        cleaning,
        sagemaker_program: "train.py",
        // SageMaker's PyTorch toolkit starts a script by a shell otherwise, which splits texts at their blanks, takes
        // what is in them for commands, and drops variables such as SM_CHANNEL_BASE-MODEL.
        ...(algorithm === "bert" ? { [NATIVE_LAUNCHER]: true } : {}),
    };
    const source =
        network?.isolated === true
            ? pulumi.output(parts.sourceKey).apply((key) => `${CHANNELS}/code/${key.replace(/^.*\//, "")}`)
            : sourceAddress(parts);
    return {
        ...Object.fromEntries(
            Object.entries(given)
                .filter(([, each]) => each !== undefined)
                .map(([name, each]) => [name, JSON.stringify(each)]),
        ),
        sagemaker_submit_directory: pulumi.jsonStringify(source),
        sagemaker_region: pulumi.jsonStringify(parts.region),
    };
}

/** The tags of jobs, as SageMaker has them. */
export function jobTags({ tags }: TrainingOptions): { readonly Tags?: readonly object[] } {
    const all = tagsOf(tags);
    return all.length > 0 ? { Tags: all } : {};
}

/**
 * The request template of a training job: what every run has in common. A run adds a name, its channels, the output path,
 * a folder for its checkpoints and the address of its test set, and calls CreateTrainingJob.
 */
export function trainingTemplate(args: TrainingOptions, parts: RequestParts): pulumi.Output<string> {
    return pulumi.jsonStringify({
        namePrefix: parts.jobPrefix,
        outputPath: outputPath(parts),
        training: {
            AlgorithmSpecification: algorithmSpecification(args, parts),
            HyperParameters: fixedHyperparameters(args, parts),
            ...commonRequest(args, parts),
            ...jobTags(args),
        },
    });
}

/** Where the jobs' models lie. */
export function outputPath({ artifacts }: RequestParts): pulumi.Output<string> {
    return pulumi.interpolate`${artifacts}${JOBS.replace(/\/$/, "")}`;
}

function channel(name: string, address: pulumi.Input<string>) {
    return {
        ChannelName: name,
        InputMode: "File",
        DataSource: {
            S3DataSource: { S3DataType: "S3Prefix", S3Uri: address, S3DataDistributionType: "FullyReplicated" },
        },
    };
}
