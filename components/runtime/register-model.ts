import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import {
    CreateModelPackageCommand,
    DescribeModelPackageCommand,
    paginateListModelPackages,
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
/** The property by which it is known how far the policy is: an event that comes again changes nothing. */
export const DECISION = "decision";
/** Its value until the policy has decided. */
export const PENDING = "pending";
/** Kept free of the time that the judge has, to write down what was decided. */
const WRITING_MILLISECONDS = 10_000;
const STATUS = { approve: "Approved", reject: "Rejected", leave: "PendingManualApproval" } as const;

/**
 * Registers the evaluated model of a job with its lineage, pending approval, and lets the policy decide about it. One that
 * an earlier event has registered stays as it is, and is only decided about where nobody has done so.
 * @param milliseconds left to do that in.
 */
export async function registerModel(
    options: RegistrationOptions,
    job: DescribedJob,
    evaluationJob: DescribedJob,
    milliseconds: number,
): Promise<void> {
    const { sagemaker, s3, policy } = options;
    const report = `${modelArtefact(evaluationJob).replace(/\/+$/, "")}/evaluation.json`;
    const evaluation = await readEvaluation(s3, report);
    const arn =
        (await registeredBefore(options, job)) ??
        (await createPackage(options, job, evaluationJob, report, evaluation));
    if (policy !== undefined) {
        const champion = evaluationJob.Environment?.[variables.champion];
        await decide(sagemaker, policy, { arn, evaluation, champion }, milliseconds - WRITING_MILLISECONDS);
    }
}

/** How a model package says which job has trained it: the registry's list tells no more of it. */
function descriptionOf({ TrainingJobName: name = "" }: DescribedJob): string {
    return `Trained by ${name}`;
}

/**
 * The model package of a job, if there is one. An event may come again long after the first: SageMaker does not say for
 * how long it knows the token of a request.
 */
async function registeredBefore(
    { sagemaker, modelPackageGroupName }: RegistrationOptions,
    job: DescribedJob,
): Promise<string | undefined> {
    const pages = paginateListModelPackages(
        { client: sagemaker },
        {
            ModelPackageGroupName: modelPackageGroupName,
            CreationTimeAfter: job.CreationTime,
            SortBy: "CreationTime",
            SortOrder: "Ascending",
        },
    );
    for await (const { ModelPackageSummaryList: found = [] } of pages) {
        const same = found.find(({ ModelPackageDescription: text }) => text === descriptionOf(job));
        if (same !== undefined) return same.ModelPackageArn;
    }
    return undefined;
}

async function createPackage(
    { sagemaker, policy, modelPackageGroupName, inferenceImage }: RegistrationOptions,
    job: DescribedJob,
    evaluationJob: DescribedJob,
    report: string,
    evaluation: Evaluation,
): Promise<string> {
    const name = job.TrainingJobName ?? "";
    const { ModelPackageArn: arn = "" } = await sagemaker.send(
        new CreateModelPackageCommand({
            ModelPackageGroupName: modelPackageGroupName,
            ModelPackageDescription: descriptionOf(job),
            // Two events that come at the same moment make one model package.
            ClientToken: createHash("sha256").update(name).digest("hex").slice(0, 32),
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
                ...lineageOf(job, evaluationJob, evaluation),
                // For whoever waits for the decision.
                ...(policy === undefined ? {} : { [DECISION]: PENDING }),
            },
        }),
    );
    log.info("model-registered", { job: name, modelPackage: arn });
    return arn;
}

async function decide(
    sagemaker: SageMakerClient,
    policy: ModelPolicy,
    model: { readonly arn: string; readonly evaluation: Evaluation; readonly champion: string | undefined },
    milliseconds: number,
): Promise<void> {
    const { arn, evaluation, champion } = model;
    if (await isDecided(sagemaker, arn)) return;
    const { decision, reason } = await verdictOf(
        policy,
        evaluation,
        labelsDigest(labelsOf(evaluation)),
        champion === undefined ? undefined : await labelsOfPackage(sagemaker, champion),
        Math.max(0, milliseconds),
    );
    // A policy takes its time, and a person may have decided meanwhile: what that one said stays.
    if (await isDecided(sagemaker, arn)) {
        log.info("model-decided-meanwhile", { modelPackage: arn, unused: decision });
        return;
    }
    await sagemaker.send(
        new UpdateModelPackageCommand({
            ModelPackageArn: arn,
            ModelApprovalStatus: STATUS[decision],
            ApprovalDescription: reason,
            CustomerMetadataProperties: { [DECISION]: decision },
        }),
    );
    log.info("model-decided", { modelPackage: arn, decision });
}

/** Whether a person has decided about a model, or the policy at an earlier event. */
async function isDecided(sagemaker: SageMakerClient, arn: string): Promise<boolean> {
    const { ModelApprovalStatus: status, CustomerMetadataProperties: properties } = await describePackage(
        sagemaker,
        arn,
    );
    return status !== STATUS.leave || (properties?.[DECISION] ?? PENDING) !== PENDING;
}

async function labelsOfPackage(sagemaker: SageMakerClient, arn: string): Promise<ChampionLabels> {
    try {
        const { CustomerMetadataProperties: properties } = await describePackage(sagemaker, arn);
        return { labelsDigest: properties?.labelsDigest };
    } catch (error) {
        // Of a package that was deleted, or is in a group that this judge may not read (any more), nobody says its labels.
        const isUnknown = error instanceof Error && /^(ValidationException|AccessDeniedException)$/.test(error.name);
        if (isUnknown) return { labelsDigest: undefined };
        throw error;
    }
}

function describePackage(sagemaker: SageMakerClient, arn: string) {
    return sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
}
