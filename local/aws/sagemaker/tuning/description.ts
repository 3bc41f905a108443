import type { HyperParameterTuningJobSummary } from "@aws-sdk/client-sagemaker";
import { convergedAt, notImproving } from "./completion";
import { objectiveOf, type TuningJob, type TuningJobDescription } from "./job";
import type { TuningJobs } from "./jobs";
import { bestOf, objectiveCounters, statusCounters, summaryOf, type Trials } from "./trials";
import { overallBest } from "./warm-start";

/** What DescribeHyperParameterTuningJob answers of a job. */
export function describeTuningJob(
    job: TuningJob,
    stored: { readonly jobs: Pick<TuningJobs, "get">; readonly trials: Trials },
): TuningJobDescription {
    const { seed: _seed, ending: _ending, ...described } = job;
    const own = stored.trials.of(job.HyperParameterTuningJobName);
    const objective = objectiveOf(job);
    const best = bestOf(objective, own);
    const overall = overallBest(job, stored);
    const end = job.HyperParameterTuningEndTime ?? new Date();
    return {
        ...described,
        TrainingJobStatusCounters: statusCounters(own),
        ObjectiveStatusCounters: objectiveCounters(own),
        BestTrainingJob: best && summaryOf(best, objective),
        OverallBestTrainingJob: overall && {
            ...summaryOf(overall.trial, objective),
            TuningJobName: overall.of.HyperParameterTuningJobName,
        },
        TuningJobCompletionDetails: {
            NumberOfTrainingJobsObjectiveNotImproving: notImproving(objective, own),
            ConvergenceDetectedTime: convergedAt(objective, own),
        },
        ConsumedResources: { RuntimeInSeconds: Math.round((end.getTime() - job.CreationTime.getTime()) / 1000) },
    };
}

/** A job as ListHyperParameterTuningJobs lists it. */
export function summarize(job: TuningJob, trials: Trials): HyperParameterTuningJobSummary {
    const own = trials.of(job.HyperParameterTuningJobName);
    return {
        HyperParameterTuningJobName: job.HyperParameterTuningJobName,
        HyperParameterTuningJobArn: job.HyperParameterTuningJobArn,
        HyperParameterTuningJobStatus: job.HyperParameterTuningJobStatus,
        Strategy: job.HyperParameterTuningJobConfig.Strategy,
        CreationTime: job.CreationTime,
        HyperParameterTuningEndTime: job.HyperParameterTuningEndTime,
        LastModifiedTime: job.LastModifiedTime,
        TrainingJobStatusCounters: statusCounters(own),
        ObjectiveStatusCounters: objectiveCounters(own),
        ResourceLimits: job.HyperParameterTuningJobConfig.ResourceLimits,
    };
}
