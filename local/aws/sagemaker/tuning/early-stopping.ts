import type { HyperParameterTuningJobObjective } from "@aws-sdk/client-sagemaker";
import { objectiveOf, type TuningJob } from "./job";
import { resourceOf } from "./search";
import { isBetter, type Trial } from "./trials";
import type { Tuner } from "./tuner";

/**
 * Whether a training job that has just printed its objective is to end early.
 * @param trial with the objective so far
 * @param trials all of the tuning job
 */
export async function isToEndEarly(
    job: TuningJob,
    trial: Pick<Trial, "number" | "values">,
    trials: () => readonly Trial[],
    tuner: Pick<Tuner, "report">,
): Promise<boolean> {
    const { number, values } = trial;
    const latest = values.at(-1);
    if (latest === undefined) return false;
    const config = job.HyperParameterTuningJobConfig;
    const isDropped = await tuner.report(number, values.length, latest);
    if (config.Strategy === "Hyperband") {
        const { max = Number.POSITIVE_INFINITY } = resourceOf(config, job.TrainingJobDefinition.StaticHyperParameters);
        // With its last epoch nothing is saved any more, and at their end scripts print the best value once more.
        return (isDropped && values.length < max) || values.length > max + 1;
    }
    return config.TrainingJobEarlyStoppingType === "Auto" && isWorseThanMedian(objectiveOf(job), values, trials());
}

/**
 * AWS's rule for `Auto`: a training job is to end when its objective is worse than the median of what the completed
 * ones had on average up to the same epoch. Each time that the objective is printed counts as an epoch.
 * @param values the objective of the training job so far.
 */
export function isWorseThanMedian(
    objective: HyperParameterTuningJobObjective,
    values: readonly number[],
    trials: readonly Trial[],
): boolean {
    const latest = values.at(-1);
    const averages = trials
        .filter(({ trainingJob, values: others }) => trainingJob.TrainingJobStatus === "Completed" && others.length > 0)
        .map(({ values: others }) => mean(others.slice(0, values.length)));
    const middle = median(averages);
    return latest !== undefined && middle !== undefined && isBetter(objective, middle, latest);
}

function mean(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number | undefined {
    const sorted = [...values].sort((a, b) => a - b);
    const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
    return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
