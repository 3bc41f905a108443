import {
    DescribeHyperParameterTuningJobCommand,
    DescribeTrainingJobCommand,
    type DescribeTrainingJobCommandOutput,
    paginateListTrainingJobsForHyperParameterTuningJob,
    type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { bestTrial } from "../../components/runtime/best-trial";
import { variables } from "../../components/runtime/job-variables";
import { isMissing, MOST_OF_A_PAGE } from "../../components/runtime/start-run";
import type { UsedInstances } from "./instance-prices";

/** One training job of a run; a run without a search has one. */
export interface Trial {
    readonly job: string;
    /** As SageMaker says it, such as "Training" or "Completed". */
    readonly status: string;
    /** How often its spot instances were taken away. */
    readonly interruptions: number;
    /** What was searched for it. */
    readonly parameters: Readonly<Record<string, string>>;
    /** Of a search, when it has ended. */
    readonly objective?: number;
    /** Why it failed. */
    readonly reason?: string;
    readonly used: UsedInstances;
}

/** A training or tuning job as it is now. */
export interface RunState {
    readonly job: string;
    readonly kind: "training" | "tuning";
    /** `done`: it has a model. */
    readonly state: "running" | "done" | "failed" | "stopped";
    /** Why it failed or was stopped. */
    readonly reason?: string;
    /** Oldest first. */
    readonly trials: readonly Trial[];
    /** Training job of the best model so far. */
    readonly best?: string;
    /** The run that it belongs to: of an evaluation the one whose model it judges, of a trial its search. */
    readonly partOf?: string;
    /** Name of the objective of a search. */
    readonly objective?: string;
    readonly createdAt: Date;
}

/** What SageMaker takes as the name of a job. */
const JOB_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** Reads a run again and again; what has ended is not asked for again. */
export interface RunReader {
    /** Undefined where there is no such job. */
    read(job: string): Promise<RunState | undefined>;
}

export function runReader(sagemaker: SageMakerClient, now: () => number = Date.now): RunReader {
    const ended = new Map<string, DescribeTrainingJobCommandOutput>();

    async function describe(job: string): Promise<DescribeTrainingJobCommandOutput | undefined> {
        const known = ended.get(job);
        if (known !== undefined) return known;
        const found = await orMissing(sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: job })));
        if (found !== undefined && isFinal(found.TrainingJobStatus)) ended.set(job, found);
        return found;
    }

    async function search(job: string): Promise<RunState | undefined> {
        const tuning = await orMissing(
            sagemaker.send(new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: job })),
        );
        if (tuning === undefined) return undefined;
        const trials: Trial[] = [];
        const pages = paginateListTrainingJobsForHyperParameterTuningJob(
            { client: sagemaker, pageSize: MOST_OF_A_PAGE },
            { HyperParameterTuningJobName: job, SortBy: "CreationTime", SortOrder: "Ascending" },
        );
        for await (const page of pages) {
            for (const summary of page.TrainingJobSummaries ?? []) {
                const described = await describe(summary.TrainingJobName ?? "");
                if (described === undefined) continue;
                trials.push({
                    ...trialOf(described, now()),
                    parameters: summary.TunedHyperParameters ?? {},
                    objective: summary.FinalHyperParameterTuningJobObjectiveMetric?.Value,
                });
            }
        }
        const best = await bestTrial(sagemaker, tuning);
        const config = tuning.HyperParameterTuningJobConfig?.HyperParameterTuningJobObjective;
        const status = tuning.HyperParameterTuningJobStatus;
        return {
            job,
            kind: "tuning",
            // A search that was stopped has the best model that it found, and a completed one may have found none.
            state: stateOf(status),
            reason: tuning.FailureReason,
            trials,
            best,
            objective: config?.MetricName,
            createdAt: tuning.CreationTime ?? new Date(now()),
        };
    }

    return {
        async read(job) {
            if (!JOB_NAME.test(job)) return undefined;
            const training = await describe(job);
            if (training === undefined) return job.length <= 32 ? search(job) : undefined;
            return {
                job,
                kind: "training",
                state: stateOf(training.TrainingJobStatus),
                reason: training.FailureReason ?? training.SecondaryStatus,
                trials: [trialOf(training, now())],
                best: training.TrainingJobStatus === "Completed" ? job : undefined,
                partOf: runOf(training),
                createdAt: training.CreationTime ?? new Date(now()),
            };
        },
    };
}

function runOf({ Environment, TuningJobArn }: DescribeTrainingJobCommandOutput): string | undefined {
    const { [variables.evaluatedJob]: evaluated, [variables.tuningJob]: search } = Environment ?? {};
    return search ?? evaluated ?? TuningJobArn?.replace(/^.*\//, "");
}

function stateOf(status: string | undefined): RunState["state"] {
    if (status === "Completed") return "done";
    if (status === "Failed") return "failed";
    return status === "Stopped" ? "stopped" : "running";
}

/** Whether a job of this status has ended, however that is. */
export function isFinal(status: string | undefined): boolean {
    return stateOf(status) !== "running";
}

function trialOf(job: DescribeTrainingJobCommandOutput, now: number): Trial {
    const steps = job.SecondaryStatusTransitions ?? [];
    const began = job.TrainingStartTime?.getTime();
    const elapsed = began === undefined ? 0 : ((job.TrainingEndTime?.getTime() ?? now) - began) / 1000;
    return {
        job: job.TrainingJobName ?? "",
        status: isFinal(job.TrainingJobStatus) ? (job.TrainingJobStatus ?? "") : (job.SecondaryStatus ?? "Starting"),
        interruptions: steps.filter(({ Status }) => Status === "Interrupted").length,
        parameters: {},
        ...(job.FailureReason === undefined ? {} : { reason: job.FailureReason }),
        used: {
            type: job.ResourceConfig?.InstanceType ?? "",
            count: job.ResourceConfig?.InstanceCount ?? 1,
            seconds: job.BillableTimeInSeconds ?? Math.max(0, elapsed),
        },
    };
}

async function orMissing<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
    try {
        return await asked;
    } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
    }
}
