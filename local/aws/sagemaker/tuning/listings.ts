import type {
    ListHyperParameterTuningJobsRequest,
    ListHyperParameterTuningJobsResponse,
    ListTrainingJobsForHyperParameterTuningJobRequest,
    ListTrainingJobsForHyperParameterTuningJobResponse,
} from "@aws-sdk/client-sagemaker";
import { page } from "../listing";
import { summarize } from "./description";
import { objectiveOf, type TuningJob } from "./job";
import { finalValue, summaryOf, type Trials } from "./trials";

/** Items of a page where the request does not say: fewer than other lists of SageMaker's have. */
const usualPage = 10;

/** @param jobs all, in the order of their creation. */
export function listTuningJobs(
    request: ListHyperParameterTuningJobsRequest,
    jobs: readonly TuningJob[],
    trials: Trials,
): ListHyperParameterTuningJobsResponse {
    const { StatusEquals, SortBy = "Name", MaxResults = usualPage } = request;
    const found = jobs.filter(
        ({ HyperParameterTuningJobStatus: status }) => StatusEquals === undefined || status === StatusEquals,
    );
    const { items, NextToken } = page(
        { ...request, SortBy, MaxResults },
        found,
        (job) => ({
            name: job.HyperParameterTuningJobName,
            created: job.CreationTime,
            modified: job.LastModifiedTime ?? job.CreationTime,
            status: job.HyperParameterTuningJobStatus,
        }),
        "Ascending",
    );
    return { HyperParameterTuningJobSummaries: items.map((job) => summarize(job, trials)), NextToken };
}

/** The training jobs of a tuning job. */
export function listTrials(
    request: ListTrainingJobsForHyperParameterTuningJobRequest,
    job: TuningJob,
    trials: Trials,
): ListTrainingJobsForHyperParameterTuningJobResponse {
    const { StatusEquals, SortBy = "Name", MaxResults = usualPage } = request;
    const found = trials
        .of(job.HyperParameterTuningJobName)
        .filter(({ trainingJob }) => StatusEquals === undefined || trainingJob.TrainingJobStatus === StatusEquals)
        // As on AWS, those without an objective are left out where it is what is sorted by.
        .filter((trial) => SortBy !== "FinalObjectiveMetricValue" || finalValue(trial) !== undefined);
    const { items, NextToken } = page(
        { ...request, SortBy, MaxResults },
        found,
        (trial) => ({
            name: trial.trainingJobName,
            created: trial.trainingJob.CreationTime ?? job.CreationTime,
            modified: trial.trainingJob.LastModifiedTime ?? job.CreationTime,
            status: trial.trainingJob.TrainingJobStatus,
            objective: finalValue(trial),
        }),
        "Ascending",
    );
    return { TrainingJobSummaries: items.map((trial) => summaryOf(trial, objectiveOf(job))), NextToken };
}
