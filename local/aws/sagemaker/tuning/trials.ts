import type {
    HyperParameterTrainingJobSummary,
    HyperParameterTuningJobObjective,
    ObjectiveStatus,
    ObjectiveStatusCounters,
    TrainingJobStatusCounters,
} from "@aws-sdk/client-sagemaker";
import type { Store } from "../../store";
import { type Documents, documentsOf } from "../documents";
import { hasEnded, type TrainingJobDocument } from "../training/job";
import type { TrainingJobs } from "../training/jobs";
import type { TrialState } from "./tuner";

/** What a tuning job keeps of one of its training jobs, beside the training job itself. */
export interface StoredTrial {
    /** From 0. */
    readonly number: number;
    readonly trainingJobName: string;
    readonly parameters: Readonly<Record<string, string>>;
    /** The objective, as often as it was printed. */
    readonly values: readonly number[];
    /** The number of the training job, lost with an instance or the twin, whose hyperparameters it tries again. */
    readonly replaces?: number;
}

/** One of a tuning job's training jobs. */
export interface Trial extends StoredTrial {
    readonly trainingJob: TrainingJobDocument;
}

/** The training jobs of tuning jobs, in the store. */
export interface Trials {
    /** In the order in which they were started. */
    of(tuningJobName: string): Trial[];
    put(tuningJobName: string, trial: StoredTrial): void;
    /** Forgets that training jobs belong to a tuning job. */
    forget(tuningJobName: string): void;
}

export function createTrials(store: Store, trainingJobs: Pick<TrainingJobs, "get">): Trials {
    const kinds = new Map<string, Documents<StoredTrial>>();
    const documents = (tuningJobName: string): Documents<StoredTrial> => {
        const kind = `tuning-trial/${tuningJobName}`;
        const known = kinds.get(kind) ?? documentsOf<StoredTrial>(store, kind);
        kinds.set(kind, known);
        return known;
    };
    return {
        of: (tuningJobName) =>
            documents(tuningJobName)
                .list()
                .flatMap((trial) => {
                    const trainingJob = trainingJobs.get(trial.trainingJobName);
                    return trainingJob === undefined ? [] : [{ ...trial, trainingJob }];
                }),
        put: (tuningJobName, trial) => documents(tuningJobName).put(trial.trainingJobName, trial),
        forget(tuningJobName) {
            const own = documents(tuningJobName);
            for (const { trainingJobName } of own.list()) own.remove(trainingJobName);
        },
    };
}

export function isRunning({ trainingJob }: Trial): boolean {
    return !hasEnded(trainingJob);
}

/** So often the same hyperparameters are tried where training jobs are lost. */
const mostAttempts = 5;

/**
 * Whether it failed because of the service itself, here an instance or an end of the twin, and is worth another attempt.
 * @param trials of the tuning job, in the order of their numbers.
 */
export function isLost({ trainingJob, ...trial }: Trial, trials: readonly Trial[]): boolean {
    if (trainingJob.TrainingJobStatus !== "Failed" || !isRetryable(trainingJob)) return false;
    let attempts = 1;
    for (let at = trial.replaces; at !== undefined; at = trials[at]?.replaces) attempts++;
    return attempts < mostAttempts;
}

function isRetryable({ FailureReason }: TrainingJobDocument): boolean {
    return FailureReason?.startsWith("InternalServerError") === true;
}

export function statusCounters(trials: readonly Trial[]): TrainingJobStatusCounters {
    const count = (which: (job: TrainingJobDocument) => boolean) =>
        trials.filter(({ trainingJob }) => which(trainingJob)).length;
    return {
        Completed: count((job) => job.TrainingJobStatus === "Completed"),
        InProgress: count((job) => !hasEnded(job)),
        RetryableError: count((job) => job.TrainingJobStatus === "Failed" && isRetryable(job)),
        NonRetryableError: count((job) => job.TrainingJobStatus === "Failed" && !isRetryable(job)),
        Stopped: count((job) => job.TrainingJobStatus === "Stopped"),
    };
}

/** What is known of a training job's objective. One that failed has none, whatever it printed. */
export function objectiveStatus({ trainingJob, values }: Trial): ObjectiveStatus {
    if (!hasEnded(trainingJob)) return "Pending";
    return trainingJob.TrainingJobStatus !== "Failed" && values.length > 0 ? "Succeeded" : "Failed";
}

export function objectiveCounters(trials: readonly Trial[]): ObjectiveStatusCounters {
    const count = (status: ObjectiveStatus) => trials.filter((trial) => objectiveStatus(trial) === status).length;
    return { Succeeded: count("Succeeded"), Pending: count("Pending"), Failed: count("Failed") };
}

/** What the tuner is told of a training job; null while it runs. */
export function stateOf(trial: Trial): TrialState | null {
    const status = objectiveStatus(trial);
    if (status === "Pending") return null;
    if (status === "Failed") return "fail";
    return trial.trainingJob.TrainingJobStatus === "Completed" ? "complete" : "pruned";
}

/** What a training job's objective has come to. */
export function finalValue(trial: Trial): number | undefined {
    return objectiveStatus(trial) === "Succeeded" ? trial.values.at(-1) : undefined;
}

export function isBetter(objective: Pick<HyperParameterTuningJobObjective, "Type">, a: number, b: number): boolean {
    return objective.Type === "Minimize" ? a < b : a > b;
}

/** Of those that left a model, the one with the best objective: one that was stopped early may have left none. */
export function bestOf(objective: HyperParameterTuningJobObjective, trials: readonly Trial[]): Trial | undefined {
    let best: { readonly trial: Trial; readonly value: number } | undefined;
    for (const trial of trials) {
        const { TrainingJobStatus, ModelArtifacts } = trial.trainingJob;
        const value = finalValue(trial);
        if (value === undefined || (TrainingJobStatus !== "Completed" && ModelArtifacts === undefined)) continue;
        if (best === undefined || isBetter(objective, value, best.value)) best = { trial, value };
    }
    return best?.trial;
}

/** A training job as the operations of tuning jobs describe it. */
export function summaryOf(trial: Trial, objective: HyperParameterTuningJobObjective): HyperParameterTrainingJobSummary {
    const { trainingJob: job } = trial;
    const value = finalValue(trial);
    return {
        TrainingJobName: job.TrainingJobName,
        TrainingJobArn: job.TrainingJobArn,
        CreationTime: job.CreationTime,
        TrainingStartTime: job.TrainingStartTime,
        TrainingEndTime: job.TrainingEndTime,
        TrainingJobStatus: job.TrainingJobStatus,
        TunedHyperParameters: trial.parameters,
        FailureReason: job.FailureReason,
        FinalHyperParameterTuningJobObjectiveMetric:
            value === undefined ? undefined : { Type: objective.Type, MetricName: objective.MetricName, Value: value },
        ObjectiveStatus: objectiveStatus(trial),
    };
}
