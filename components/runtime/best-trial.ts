import {
    type DescribeHyperParameterTuningJobResponse,
    paginateListTrainingJobsForHyperParameterTuningJob,
    type SageMakerClient,
} from "@aws-sdk/client-sagemaker";

/**
 * Name of the training job that made the best model of a search. SageMaker's own best one may have been stopped, with the
 * search or early, and then have left no model or half of one: the best of those that completed goes before it.
 * @returns undefined while no trial has reported its objective.
 */
export async function bestTrial(
    sagemaker: SageMakerClient,
    tuning: DescribeHyperParameterTuningJobResponse,
): Promise<string | undefined> {
    const { HyperParameterTuningJobName, HyperParameterTuningJobConfig: config, BestTrainingJob: best } = tuning;
    if (best?.TrainingJobStatus !== "Stopped") return best?.TrainingJobName;
    const lowest = config?.HyperParameterTuningJobObjective?.Type === "Minimize";
    const pages = paginateListTrainingJobsForHyperParameterTuningJob(
        { client: sagemaker },
        {
            HyperParameterTuningJobName,
            StatusEquals: "Completed",
            SortBy: "FinalObjectiveMetricValue",
            SortOrder: lowest ? "Ascending" : "Descending",
        },
    );
    for await (const { TrainingJobSummaries: [first] = [] } of pages) {
        if (first !== undefined) return first.TrainingJobName;
    }
    return best.TrainingJobName;
}
