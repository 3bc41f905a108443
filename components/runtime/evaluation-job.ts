import {
    type Channel,
    CreateTrainingJobCommand,
    type CreateTrainingJobCommandInput,
    DescribeModelPackageCommand,
    type SageMakerClient,
    type Tag,
} from "@aws-sdk/client-sagemaker";
import { evaluationName, MOST_EVALUATIONS } from "./evaluation-name";
import { NATIVE_LAUNCHER, variables } from "./job-variables";
import { log } from "./log";
import { channelAddress, type DescribedJob, describeTrainingJob, hyperparameter, modelArtefact } from "./training-job";

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

/** The channel of the model in service. */
const CHAMPION = "champion";
/** Hyperparameters that an evaluation has from the job whose model it judges. */
const SHARED = ["sagemaker_submit_directory", "sagemaker_region", NATIVE_LAUNCHER, "cleaning"];

/** How often a model is compared with the one in service, where no evaluation says that this is what fails. */
const MOST_COMPARISONS = 2;

/**
 * Has a job's model judged on its test set, in a job of its own with the same code, role, network and encryption. An
 * evaluation that an earlier event has started is left to run; where that has failed or was stopped, another one is
 * started, without the model in service where that seems to be the cause.
 * @param tuningJob the search that the job is the best trial of. @default none
 * @returns the evaluation, where one has completed already.
 * @throws Error when as many as there may be have failed or were stopped.
 */
export async function startEvaluation(
    options: EvaluationOptions,
    job: DescribedJob,
    tuningJob?: string,
): Promise<DescribedJob | undefined> {
    const { sagemaker, champion } = options;
    const test = job.Environment?.[variables.testSet];
    if (test === undefined) {
        log.error("no-test-set", { job: job.TrainingJobName, expected: variables.testSet });
        return undefined;
    }
    let leftOut: string | undefined;
    if (champion !== undefined && !(await canLoad(sagemaker, job, champion))) leftOut = "its image cannot load it";
    const run = tuningJob ?? job.TrainingJobName ?? "";
    let failed = 0;
    for (let attempt = 1; attempt <= MOST_EVALUATIONS; attempt++) {
        const name = evaluationName(run, attempt);
        if (await create(sagemaker, evaluationRequest(options, { name, job, test, tuningJob, leftOut }))) {
            log.info("evaluation-started", { job: job.TrainingJobName, evaluation: name });
            if (leftOut !== undefined) log.warn("champion-left-out", { job: job.TrainingJobName, because: leftOut });
            return undefined;
        }
        const earlier = await describeTrainingJob(sagemaker, name);
        const { TrainingJobStatus: status } = earlier;
        if (status !== "Failed" && status !== "Stopped") return status === "Completed" ? earlier : undefined;
        // One beside another model, which was in service then, says nothing about this one.
        if (champion === undefined || channelAddress(earlier, CHAMPION) !== champion.artefact) continue;
        if (status === "Failed") failed++;
        if (failsByChampion(earlier) || failed >= MOST_COMPARISONS) leftOut ??= `${name} failed with it`;
    }
    throw new Error(
        `${MOST_EVALUATIONS} evaluations of ${job.TrainingJobName} have failed or were stopped, the last one is ${evaluationName(run, MOST_EVALUATIONS)}: train again.`,
    );
}

/** Whether an evaluation failed by what it says of the model in service: SageMaker names an address, the script the channel. */
export function failsByChampion(evaluation: DescribedJob): boolean {
    const artefact = channelAddress(evaluation, CHAMPION);
    const { TrainingJobStatus: status, FailureReason: reason = "" } = evaluation;
    return artefact !== undefined && status === "Failed" && (/champion/i.test(reason) || reason.includes(artefact));
}

/** @returns false where there is a job of that name already. */
async function create(sagemaker: SageMakerClient, request: CreateTrainingJobCommandInput): Promise<boolean> {
    try {
        await sagemaker.send(new CreateTrainingJobCommand(request));
        return true;
    } catch (error) {
        if (error instanceof Error && error.name === "ResourceInUse") return false;
        throw error;
    }
}

interface WantedEvaluation {
    readonly name: string;
    /** The job whose model is judged. */
    readonly job: DescribedJob;
    /** S3 address of the test set. */
    readonly test: string;
    readonly tuningJob: string | undefined;
    /** Why the model in service is not compared with. */
    readonly leftOut: string | undefined;
}

function evaluationRequest(
    { evaluation, champion }: EvaluationOptions,
    { name, job, test, tuningJob, leftOut }: WantedEvaluation,
): CreateTrainingJobCommandInput {
    const train = evaluation.baseline ? channelAddress(job, "train") : undefined;
    const code = channelAddress(job, "code");
    const { KmsKeyId, S3OutputPath } = job.OutputDataConfig ?? {};
    const { VolumeKmsKeyId } = job.ResourceConfig ?? {};
    return {
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
            // Also of one that is left out, so that no policy takes a model for the first one.
            ...(champion === undefined ? {} : { [variables.champion]: champion.package }),
            ...(leftOut === undefined ? {} : { [variables.championLeftOut]: leftOut }),
        },
        InputDataConfig: [
            channel("model", modelArtefact(job)),
            channel("test", test),
            ...(champion === undefined || leftOut !== undefined ? [] : [channel(CHAMPION, champion.artefact)]),
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
    };
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
