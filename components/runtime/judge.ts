import { createHash } from "node:crypto";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import {
    CreateModelPackageCommand,
    CreateTrainingJobCommand,
    DescribeTrainingJobCommand,
    type DescribeTrainingJobResponse,
    type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { log } from "./log";

/** A "SageMaker Training Job State Change" event, as far as it is read. Several may come for one change. */
export interface TrainingJobEvent {
    readonly detail: { readonly TrainingJobName: string };
}

export interface JudgeOptions {
    /** Marks the jobs of one `TrainingJob`; other jobs are left alone. */
    readonly jobPrefix: string;
    readonly modelPackageGroupName: string;
    /** Container image that serves the model. */
    readonly inferenceImage: string;
    readonly evaluation: {
        readonly instanceType: string;
        readonly volumeGigabytes: number;
        readonly maxRunSeconds: number;
    };
    readonly sagemaker: SageMakerClient;
    readonly s3: S3Client;
}

/** What `evaluate.py` reports, as far as it is read. */
interface Evaluation {
    readonly accuracy: number;
    readonly macro_f1: number;
    readonly classes: readonly { readonly label: string }[];
}

/** Where the inference code of a model lies in a serving container. */
const CODE = "/opt/ml/model/code";

/** Environment variables of jobs by which the judge knows them. */
const PREFIX = "SORTLINE_JOB_PREFIX";
const TEST_SET = "SORTLINE_TEST_S3_URI";
const EVALUATED_JOB = "SORTLINE_EVALUATED_JOB";

/**
 * Called when a training job has completed: has its model evaluated on the test set. Called when that evaluation has
 * completed: registers the model, pending approval. Safe to call again for the same job.
 */
export function judge(options: JudgeOptions) {
    return async ({ detail }: TrainingJobEvent): Promise<void> => {
        const job = await describe(options.sagemaker, detail.TrainingJobName);
        const environment = job.Environment ?? {};
        if (environment[PREFIX] !== options.jobPrefix) return;
        // The event may be ahead of what is described: without an error nobody would look again.
        if (job.TrainingJobStatus === "InProgress") throw new Error(`${detail.TrainingJobName} is not completed yet.`);
        if (job.TrainingJobStatus !== "Completed") return;
        const evaluated = environment[EVALUATED_JOB];
        if (evaluated !== undefined) await register(options, await describe(options.sagemaker, evaluated), job);
        else await evaluate(options, job);
    };
}

function describe(sagemaker: SageMakerClient, name: string): Promise<DescribeTrainingJobResponse> {
    return sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
}

async function evaluate({ sagemaker, evaluation }: JudgeOptions, job: DescribeTrainingJobResponse): Promise<void> {
    const name = `${job.TrainingJobName}-eval`;
    const test = job.Environment?.[TEST_SET];
    if (test === undefined) {
        log.error("no-test-set", { job: job.TrainingJobName, expected: TEST_SET });
        return;
    }
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
                    ...only(job.HyperParameters, ["sagemaker_submit_directory", "sagemaker_region", "cleaning"]),
                    sagemaker_program: JSON.stringify("evaluate.py"),
                },
                Environment: {
                    ...only(job.Environment, [PREFIX]),
                    [EVALUATED_JOB]: job.TrainingJobName ?? "",
                },
                InputDataConfig: [channel("model", modelArtefact(job)), channel("test", test)],
                // Uncompressed, so that the report is an object of its own.
                OutputDataConfig: { S3OutputPath: job.OutputDataConfig?.S3OutputPath, CompressionType: "NONE" },
                ResourceConfig: {
                    InstanceType: evaluation.instanceType as "ml.m5.large",
                    InstanceCount: 1,
                    VolumeSizeInGB: evaluation.volumeGigabytes,
                },
                StoppingCondition: { MaxRuntimeInSeconds: evaluation.maxRunSeconds },
            }),
        );
        log.info("evaluation-started", { job: job.TrainingJobName, evaluation: name });
    } catch (error) {
        // An earlier event for the same job has started it.
        if (!(error instanceof Error && error.name === "ResourceInUse")) throw error;
    }
}

async function register(
    { sagemaker, s3, modelPackageGroupName, inferenceImage }: JudgeOptions,
    job: DescribeTrainingJobResponse,
    evaluationJob: DescribeTrainingJobResponse,
): Promise<void> {
    const report = `${modelArtefact(evaluationJob).replace(/\/+$/, "")}/evaluation.json`;
    const evaluation = await readEvaluation(s3, report);
    const labels = evaluation.classes.map(({ label }) => label);
    const name = job.TrainingJobName ?? "";
    const created = await sagemaker.send(
        new CreateModelPackageCommand({
            ModelPackageGroupName: modelPackageGroupName,
            ModelPackageDescription: `Trained by ${name}`,
            // The same job gives the same model package, however often its event comes.
            ClientToken: sha256(name).slice(0, 32),
            ModelApprovalStatus: "PendingManualApproval",
            InferenceSpecification: {
                Containers: [
                    {
                        Image: inferenceImage,
                        ModelDataUrl: modelArtefact(job),
                        Environment: {
                            SAGEMAKER_PROGRAM: "inference.py",
                            SAGEMAKER_SUBMIT_DIRECTORY: CODE,
                            // Code that can be imported as it lies there is not installed by pip at every start.
                            PYTHONPATH: CODE,
                        },
                    },
                ],
                SupportedContentTypes: ["application/json"],
                SupportedResponseMIMETypes: ["application/json"],
            },
            ModelMetrics: { ModelQuality: { Statistics: { ContentType: "application/json", S3Uri: report } } },
            CustomerMetadataProperties: {
                trainingJob: name,
                accuracy: String(evaluation.accuracy),
                macroF1: String(evaluation.macro_f1),
                labels: String(labels.length),
                labelsDigest: labelsDigest(labels),
                cleaning: hyperparameter(job, "cleaning"),
            },
        }),
    );
    log.info("model-registered", { job: name, modelPackage: created.ModelPackageArn });
}

/** By which two models are told to have the same labels. */
export function labelsDigest(labels: readonly string[]): string {
    return sha256([...labels].sort().join("\n")).slice(0, 16);
}

async function readEvaluation(s3: S3Client, uri: string): Promise<Evaluation> {
    const { hostname: bucket, pathname } = new URL(uri);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: decodeURIComponent(pathname.slice(1)) }));
    const report = JSON.parse((await object.Body?.transformToString("utf8")) ?? "null") as Partial<Evaluation> | null;
    const { accuracy, macro_f1, classes } = report ?? {};
    if (typeof accuracy !== "number" || typeof macro_f1 !== "number" || !Array.isArray(classes)) {
        throw new Error(`${uri} is no evaluation: it needs accuracy, macro_f1 and classes.`);
    }
    return { accuracy, macro_f1, classes };
}

/** The address is SageMaker's own word, never composed. */
function modelArtefact(job: DescribeTrainingJobResponse): string {
    const address = job.ModelArtifacts?.S3ModelArtifacts;
    if (address === undefined) throw new Error(`The job ${job.TrainingJobName} completed without model artefacts.`);
    return address;
}

/** Hyperparameters are JSON within strings. */
function hyperparameter(job: DescribeTrainingJobResponse, name: string): string {
    const value = job.HyperParameters?.[name] ?? "";
    try {
        return String(JSON.parse(value));
    } catch {
        return value;
    }
}

function channel(name: string, uri: string) {
    return {
        ChannelName: name,
        DataSource: {
            S3DataSource: {
                S3DataType: "S3Prefix" as const,
                S3Uri: uri,
                S3DataDistributionType: "FullyReplicated" as const,
            },
        },
        InputMode: "File" as const,
    };
}

function only(values: Readonly<Record<string, string>> | undefined, names: readonly string[]): Record<string, string> {
    return Object.fromEntries(Object.entries(values ?? {}).filter(([name]) => names.includes(name)));
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
