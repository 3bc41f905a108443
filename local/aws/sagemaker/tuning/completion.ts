import type { HyperParameterTuningJobConfig, HyperParameterTuningJobObjective } from "@aws-sdk/client-sagemaker";
import { hasEnded } from "../training/job";
import type { Ending } from "./job";
import { finalValue, isBetter, isLost, objectiveStatus, type Trial } from "./trials";

/** What is better by no more than this share is no improvement: as AWS counts training jobs "not improving". */
const smallestImprovement = 0.01;

/** After so many training jobs without a result a tuning job gives up, as on AWS. */
const attempts = 5;

/** Results without improvement after which a search has converged, if they are half of all results, too. */
const leastConverged = 10;

/** The training jobs that have ended, in the order of their ends, and whether each improved on all before it. */
function improvements(objective: HyperParameterTuningJobObjective, trials: readonly Trial[]) {
    const ended = trials
        .filter(({ trainingJob }) => hasEnded(trainingJob))
        .sort((a, b) => Number(a.trainingJob.TrainingEndTime) - Number(b.trainingJob.TrainingEndTime));
    let best: number | undefined;
    return ended.map((trial) => {
        const value = finalValue(trial);
        const isNewBest = value !== undefined && (best === undefined || isBetter(objective, value, best));
        const improved =
            isNewBest && (best === undefined || Math.abs(value - best) > smallestImprovement * Math.abs(best));
        if (isNewBest) best = value;
        return { trial, improved };
    });
}

/** How many training jobs have ended since the last that improved on all before it, in the order of their ends. */
export function notImproving(objective: HyperParameterTuningJobObjective, trials: readonly Trial[]): number {
    const all = improvements(objective, trials);
    return all.length - 1 - all.findLastIndex(({ improved }) => improved);
}

/**
 * When a search converged, which AWS defines as no significant improvement (of 1 % or less) by a criterion that is not
 * public. Here: once the latest half of all results, and no fewer than ten, did not improve.
 */
export function convergedAt(objective: HyperParameterTuningJobObjective, trials: readonly Trial[]): Date | undefined {
    const results = improvements(
        objective,
        trials.filter((trial) => finalValue(trial) !== undefined),
    );
    let since = 0;
    for (const [index, { trial, improved }] of results.entries()) {
        since = improved ? 0 : since + 1;
        if (since >= Math.max(leastConverged, (index + 1) / 2)) return trial.trainingJob.TrainingEndTime;
    }
    return undefined;
}

/** How a tuning job is to end by what its training jobs have come to; undefined while it goes on. */
export function endingOf(
    { TuningJobCompletionCriteria: criteria }: HyperParameterTuningJobConfig,
    objective: HyperParameterTuningJobObjective,
    trials: readonly Trial[],
): Ending | undefined {
    const target = criteria?.TargetObjectiveMetricValue;
    const reached = (value: number | undefined) =>
        target !== undefined && value !== undefined && !isBetter(objective, target, value);
    if (trials.some((trial) => reached(finalValue(trial)))) return { status: "Completed" };
    const most = criteria?.BestObjectiveNotImproving?.MaxNumberOfTrainingJobsNotImproving;
    if (most !== undefined && notImproving(objective, trials) >= most) return { status: "Completed" };
    const stopsConverged = criteria?.ConvergenceDetected?.CompleteOnConvergence === "Enabled";
    if (stopsConverged && convergedAt(objective, trials) !== undefined) return { status: "Completed" };
    return failure(
        trials.filter((trial) => !isLost(trial, trials)),
        attempts,
    );
}

/**
 * As what a tuning job without any result ends.
 * @param least so many training jobs must have ended.
 */
export function failure(trials: readonly Trial[], least: number): Ending | undefined {
    const ended = trials.filter(({ trainingJob }) => hasEnded(trainingJob));
    if (ended.length < least || ended.some((trial) => objectiveStatus(trial) === "Succeeded")) return undefined;
    const tried = `${ended.length} ${ended.length === 1 ? "attempt" : "attempts"}`;
    const reason = ended.every(({ trainingJob }) => trainingJob.TrainingJobStatus === "Failed")
        ? `No training job succeeded after ${tried}. Please take a look at the training job failures to get more details.`
        : `No objective metrics found after ${tried}. Please ensure that the custom algorithm is emitting the objective metric as defined by the regular expression provided.`;
    return { status: "Failed", reason };
}
