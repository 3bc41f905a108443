import type { S3Client } from "@aws-sdk/client-s3";
import {
    CreateHyperParameterTuningJobCommand,
    CreateTrainingJobCommand,
    DescribeHyperParameterTuningJobCommand,
    DescribeTrainingJobCommand,
    paginateListHyperParameterTuningJobs,
    paginateListTrainingJobs,
    type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { variables } from "./job-variables";
import { type ClaimAge, claimKey, claimRun, giveUpClaim } from "./run-claim";
import {
    isTuning,
    type RunData,
    type RunLimits,
    type RunTemplate,
    runName,
    trainingRequest,
    tuningRequest,
} from "./run-template";

export interface RunRequest {
    readonly template: RunTemplate;
    /** Where the template lies; the claim on its runs is beside it. */
    readonly bucket: string;
    readonly templateKey: string;
    readonly data: RunData;
    /** @default the template's */
    readonly limits?: RunLimits;
    /** S3 address below which the jobs put what they make. @default the template's */
    readonly artifacts?: string;
    /** Starts it whatever is under way. @default false */
    readonly force?: boolean;
}

/** A run that was started, or the one that is under way instead. */
export interface StartedRun {
    readonly started: boolean;
    /** Name of the training or tuning job. */
    readonly job: string;
    /** Where that is claimed and not there yet: its start is under way, or whoever began it was ended. */
    readonly claimed?: ClaimAge;
}

/** Starts a run from its template, unless one is under way, whoever started that. */
export async function startRun(
    { s3, sagemaker }: { readonly s3: S3Client; readonly sagemaker: SageMakerClient },
    { template, bucket, templateKey, data, limits = {}, artifacts, force = false }: RunRequest,
): Promise<StartedRun> {
    const running = force ? undefined : await runUnderWay(sagemaker, template);
    if (running !== undefined) return { started: false, job: running };
    const name = runName(template);
    const place = { bucket, key: claimKey(templateKey) };
    const claimed = await claimRun(s3, place, name, (job) => stateOf(sagemaker, template, job), { force });
    if (claimed.job !== name) return { started: false, ...claimed };
    try {
        if (isTuning(template)) {
            await sagemaker.send(
                new CreateHyperParameterTuningJobCommand(tuningRequest(template, name, data, limits, artifacts)),
            );
        } else {
            await sagemaker.send(
                new CreateTrainingJobCommand(trainingRequest(template, name, data, limits, artifacts)),
            );
        }
    } catch (error) {
        // Nobody else has this name: where there is such a job, only the answer to its creation was lost.
        const isThere =
            (error as Error).name === "ResourceInUse" ||
            (await stateOf(sagemaker, template, name).catch(() => "unknown")) !== "unknown";
        if (!isThere) {
            // A claim that is left is free again after some minutes; what went wrong first is what has to be told.
            await giveUpClaim(s3, place, name).catch(() => undefined);
            throw error;
        }
    }
    return { started: true, job: name };
}

/** SageMaker gives ten jobs a call where it is not asked for more. */
export const MOST_OF_A_PAGE = 100;

/** The newest run of a template that is under way; a claim does not know of those that were started in the console. */
export async function runUnderWay(sagemaker: SageMakerClient, template: RunTemplate): Promise<string | undefined> {
    const prefix = template.namePrefix.replace(/-$/, "");
    const wanted = { NameContains: `${prefix}-`, SortBy: "CreationTime", SortOrder: "Descending" } as const;
    const names: string[] = [];
    for (const status of ["InProgress", "Stopping"] as const) {
        if (isTuning(template)) {
            const pages = paginateListHyperParameterTuningJobs(
                { client: sagemaker, pageSize: MOST_OF_A_PAGE },
                { ...wanted, StatusEquals: status },
            );
            for await (const page of pages) {
                for (const each of page.HyperParameterTuningJobSummaries ?? []) {
                    names.push(each.HyperParameterTuningJobName ?? "");
                }
            }
        } else {
            const pages = paginateListTrainingJobs(
                { client: sagemaker, pageSize: MOST_OF_A_PAGE },
                { ...wanted, StatusEquals: status },
            );
            for await (const page of pages) {
                for (const each of page.TrainingJobSummaries ?? []) names.push(each.TrainingJobName ?? "");
            }
        }
    }
    for (const name of names) {
        if (name.startsWith(`${prefix}-`) && (await isRunOf(sagemaker, template, prefix, name))) return name;
    }
    return undefined;
}

/** Names of another definition's runs may begin like these, as evaluations' and trials' do: a job's own variables decide. */
async function isRunOf(
    sagemaker: SageMakerClient,
    template: RunTemplate,
    prefix: string,
    name: string,
): Promise<boolean> {
    const job = await described(sagemaker, template, name);
    const { [variables.prefix]: own, [variables.evaluatedJob]: evaluated } = job?.environment ?? {};
    return own?.replace(/-$/, "") === prefix && evaluated === undefined && job?.isTrial !== true;
}

async function stateOf(
    sagemaker: SageMakerClient,
    template: RunTemplate,
    job: string,
): Promise<"running" | "ended" | "unknown"> {
    const found = await described(sagemaker, template, job);
    if (found === undefined) return "unknown";
    return found.status === "InProgress" || found.status === "Stopping" ? "running" : "ended";
}

interface DescribedJob {
    readonly status: string | undefined;
    readonly environment: Readonly<Record<string, string>> | undefined;
    /** Whether a search began it. */
    readonly isTrial: boolean;
}

/** A job of a template's kind; undefined where there is none of that name. */
async function described(
    sagemaker: SageMakerClient,
    template: RunTemplate,
    name: string,
): Promise<DescribedJob | undefined> {
    try {
        if (isTuning(template)) {
            const { HyperParameterTuningJobStatus: status, TrainingJobDefinition: definition } = await sagemaker.send(
                new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name }),
            );
            return { status, environment: definition?.Environment, isTrial: false };
        }
        const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
        return {
            status: job.TrainingJobStatus,
            environment: job.Environment,
            isTrial: job.TuningJobArn !== undefined,
        };
    } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
    }
}

/**
 * SageMaker says of a job that is not there that the request was not valid. Others say "not found" as well: who looks for
 * credentials, of those.
 */
export function isMissing(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    return (
        error.name === "ResourceNotFound" ||
        (error.name === "ValidationException" && /not f(ou|i)nd|does not exist/i.test(error.message))
    );
}
