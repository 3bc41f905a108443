import {
    type Channel,
    CreateTrainingJobCommand,
    DescribeModelPackageCommand,
    type SageMakerClient,
    type Tag,
} from "@aws-sdk/client-sagemaker";
import { variables } from "./job-variables";
import { log } from "./log";
import { channelAddress, type DescribedJob, hyperparameter, modelArtefact } from "./training-job";

/** The model in service. */
export interface Champion {
    /** ARN of its model package. */
    readonly package: string;
    /** S3 address of its `model.tar.gz`. */
    readonly artefact: string;
}

export interface EvaluationOptions {
    readonly sagemaker: SageMakerClient;
    readonly evaluation: {
        readonly instanceType: string;
        readonly volumeGigabytes: number;
        readonly maxRunSeconds: number;
        /** Gives evaluations the training set, for a linear model to compare with. */
        readonly baseline: boolean;
        readonly tags: readonly Tag[];
    };
    /** undefined: none is in service. */
    readonly champion: Champion | undefined;
}

/** Hyperparameters that an evaluation has from the job whose model it judges. */
const SHARED = ["sagemaker_submit_directory", "sagemaker_region", "cleaning"];

/**
 * Has a job's model judged on its test set, in a job of its own with the same code, role, network and encryption. An
 * evaluation that an earlier event has started is left to run.
 * @param tuningJob the search that the job is the best trial of. @default none
 */
export async function startEvaluation(
    options: EvaluationOptions,
    job: DescribedJob,
    tuningJob?: string,
): Promise<void> {
    const { sagemaker, evaluation, champion } = options;
    const name = `${tuningJob ?? job.TrainingJobName}-eval`;
    const test = job.Environment?.[variables.testSet];
    if (test === undefined) {
        log.error("no-test-set", { job: job.TrainingJobName, expected: variables.testSet });
        return;
    }
    const train = evaluation.baseline ? channelAddress(job, "train") : undefined;
    const code = channelAddress(job, "code");
    const { KmsKeyId, S3OutputPath } = job.OutputDataConfig ?? {};
    const { VolumeKmsKeyId } = job.ResourceConfig ?? {};
    const isCompared = champion !== undefined && (await canLoad(sagemaker, job, champion));
    if (champion !== undefined && !isCompared) log.warn("champion-left-out", { job: job.TrainingJobName });
    try {
        await sagemaker.send(
            new CreateTrainingJobCommand({
                TrainingJobName: name,
                AlgorithmSpecification: {
                    TrainingImage: job.AlgorithmSpecification?.TrainingImage,
                    TrainingInputMode: "File",
                },
                RoleArn: job.RoleArn,
                HyperParameters: {
                    ...only(job.HyperParameters, SHARED),
                    sagemaker_program: JSON.stringify("evaluate.py"),
                },
                Environment: {
                    ...only(job.Environment, [variables.prefix]),
                    [variables.evaluatedJob]: job.TrainingJobName ?? "",
                    ...(tuningJob === undefined ? {} : { [variables.tuningJob]: tuningJob }),
                    ...(champion === undefined ? {} : { [variables.champion]: champion.package }),
                },
                InputDataConfig: [
                    channel("model", modelArtefact(job)),
                    channel("test", test),
                    ...(isCompared ? [channel("champion", champion.artefact)] : []),
                    ...(train === undefined ? [] : [channel("train", train)]),
                    ...(code === undefined ? [] : [channel("code", code)]),
                ],
                // Uncompressed, so that the report is an object of its own.
                OutputDataConfig: { S3OutputPath, ...(KmsKeyId ? { KmsKeyId } : {}), CompressionType: "NONE" },
                ResourceConfig: {
                    InstanceType: evaluation.instanceType as "ml.m5.large",
                    InstanceCount: 1,
                    VolumeSizeInGB: evaluation.volumeGigabytes,
                    ...(VolumeKmsKeyId ? { VolumeKmsKeyId } : {}),
                },
                StoppingCondition: { MaxRuntimeInSeconds: evaluation.maxRunSeconds },
                ...(job.VpcConfig === undefined ? {} : { VpcConfig: job.VpcConfig }),
                ...(job.EnableNetworkIsolation ? { EnableNetworkIsolation: true } : {}),
                ...(evaluation.tags.length > 0 ? { Tags: [...evaluation.tags] } : {}),
            }),
        );
        log.info("evaluation-started", { job: job.TrainingJobName, evaluation: name });
    } catch (error) {
        // An earlier event for the same job has started it.
        if (!(error instanceof Error && error.name === "ResourceInUse")) throw error;
    }
}

/**
 * Whether the image of a job can load the model in service as well: linear models' cannot load others, and without this an
 * evaluation would fail. One of whose algorithm nothing is known is tried.
 */
async function canLoad(sagemaker: SageMakerClient, job: DescribedJob, champion: Champion): Promise<boolean> {
    if (hyperparameter(job, "algorithm") !== "linear") return true;
    try {
        const described = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: champion.package }));
        const { algorithm = "linear" } = described.CustomerMetadataProperties ?? {};
        return algorithm === "linear";
    } catch (error) {
        // A package that was deleted; its model may be there.
        if (error instanceof Error && error.name === "ValidationException") return true;
        throw error;
    }
}

function channel(name: string, uri: string): Channel {
    return {
        ChannelName: name,
        DataSource: {
            S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" },
        },
        InputMode: "File",
    };
}

function only(values: Readonly<Record<string, string>> | undefined, names: readonly string[]): Record<string, string> {
    return Object.fromEntries(Object.entries(values ?? {}).filter(([name]) => names.includes(name)));
}
