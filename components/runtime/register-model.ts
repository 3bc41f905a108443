import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import {
    CreateModelPackageCommand,
    DescribeModelPackageCommand,
    type SageMakerClient,
    UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { type Evaluation, labelsOf, readEvaluation } from "./evaluation";
import { variables } from "./job-variables";
import { labelsDigest } from "./labels-digest";
import { lineageOf } from "./lineage";
import { log } from "./log";
import { type DescribedJob, modelArtefact } from "./training-job";
import { type ChampionLabels, type ModelPolicy, verdictOf } from "./verdict";

export interface RegistrationOptions {
    readonly sagemaker: SageMakerClient;
    readonly s3: S3Client;
    /** Name of the group, or the ARN of another account's. */
    readonly modelPackageGroupName: string;
    /** Container image that serves the model. */
    readonly inferenceImage: string;
    /** undefined: all models are left to people. */
    readonly policy: ModelPolicy | undefined;
}

/** Where the inference code of a model lies in a serving container. */
const CODE = "/opt/ml/model/code";
/** The property by which a package is known to have been decided about: an event that comes again changes nothing. */
const DECIDED = "decision";
const STATUS = { approve: "Approved", reject: "Rejected", leave: "PendingManualApproval" } as const;

/** Registers the evaluated model of a job with its lineage, pending approval, and lets the policy decide about it. */
export async function registerModel(
    options: RegistrationOptions,
    job: DescribedJob,
    evaluationJob: DescribedJob,
): Promise<void> {
    const { sagemaker, s3, policy } = options;
    const report = `${modelArtefact(evaluationJob).replace(/\/+$/, "")}/evaluation.json`;
    const evaluation = await readEvaluation(s3, report);
    const name = job.TrainingJobName ?? "";
    const { ModelPackageArn: arn = "" } = await sagemaker.send(
        new CreateModelPackageCommand({
            ModelPackageGroupName: options.modelPackageGroupName,
            ModelPackageDescription: `Trained by ${name}`,
            // The same job gives the same model package, however often its event comes.
            ClientToken: createHash("sha256").update(name).digest("hex").slice(0, 32),
            ModelApprovalStatus: "PendingManualApproval",
            InferenceSpecification: {
                Containers: [
                    {
                        Image: options.inferenceImage,
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
            CustomerMetadataProperties: lineageOf(job, evaluationJob, evaluation),
        }),
    );
    log.info("model-registered", { job: name, modelPackage: arn });
    if (policy !== undefined) {
        await decide(sagemaker, policy, { arn, evaluation, champion: evaluationJob.Environment?.[variables.champion] });
    }
}

async function decide(
    sagemaker: SageMakerClient,
    policy: ModelPolicy,
    model: { readonly arn: string; readonly evaluation: Evaluation; readonly champion: string | undefined },
): Promise<void> {
    const { arn, evaluation, champion } = model;
    const before = await describePackage(sagemaker, arn);
    // Decided at an earlier event, or by a person since.
    if (before.ModelApprovalStatus !== STATUS.leave || before.CustomerMetadataProperties?.[DECIDED] !== undefined)
        return;
    const { decision, reason } = await verdictOf(
        policy,
        evaluation,
        labelsDigest(labelsOf(evaluation)),
        champion === undefined ? undefined : await labelsOfPackage(sagemaker, champion),
    );
    await sagemaker.send(
        new UpdateModelPackageCommand({
            ModelPackageArn: arn,
            ModelApprovalStatus: STATUS[decision],
            ApprovalDescription: reason,
            CustomerMetadataProperties: { [DECIDED]: decision },
        }),
    );
    log.info("model-decided", { modelPackage: arn, decision });
}

async function labelsOfPackage(sagemaker: SageMakerClient, arn: string): Promise<ChampionLabels> {
    const { CustomerMetadataProperties: properties } = await describePackage(sagemaker, arn);
    return { labelsDigest: properties?.labelsDigest };
}

function describePackage(sagemaker: SageMakerClient, arn: string) {
    return sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
}
