import type { TrainingOptions } from "./training-options";
import type { SearchRange } from "./tuning-range";

/** How a search chooses the hyperparameters of its trials. */
export type TuningStrategy = "Bayesian" | "Random" | "Hyperband" | "Grid";

/** What a search wants. */
export interface Objective {
    readonly direction: "Maximize" | "Minimize";
    /** As the training code prints it: `name=value`. */
    readonly metric: string;
}

/** The objective that a metric is as high as can be. */
export function maximize(metric: string): Objective {
    return { direction: "Maximize", metric };
}

/** The objective that a metric is as low as can be. */
export function minimize(metric: string): Objective {
    return { direction: "Minimize", metric };
}

export interface TuningJobArgs extends TrainingOptions {
    /**
     * `Bayesian` learns from earlier trials; `Random` does not, and can run all at a time; `Hyperband` stops bad trials
     * early and gives the good ones more epochs; `Grid` tries every combination. @default "Bayesian"
     */
    readonly strategy?: TuningStrategy;
    /**
     * 1 to 30 hyperparameters that are searched: made by `logUniform`, `uniform`, `range` or `oneOf`. Others are fixed by
     * `hyperparameters`.
     */
    readonly ranges: Readonly<Record<string, SearchRange>>;
    /** @default maximize("validation:macro_f1") */
    readonly objective?: Objective;
    /** Trials: 1 to 750, at random to 10000. @default of `Grid`, the number of combinations; otherwise it must be given */
    readonly jobs?: number;
    /** Trials at a time: 1 to 100, and no more than `jobs`. Bayesian learns less from trials that run together. @default 1 */
    readonly parallel?: number;
    /** Hours after which the whole search ends: 1 to 720. @default no limit but that of each trial */
    readonly hours?: number;
    /** Stops a trial that is worse than half of the earlier ones were after as many epochs. @default false */
    readonly earlyStopping?: boolean;
    /** Of `Hyperband`: epochs of a trial that is stopped first, and of one that is never stopped: 1 to 1000. */
    readonly resource?: { readonly min: number; readonly max: number };
    /** Ends the search when one of these is met. @default none: it runs all trials */
    readonly until?: {
        /** The objective has reached this value. */
        readonly objective?: number;
        /** So many trials in a row, 3 or more, were not better by a hundredth. */
        readonly notImproving?: number;
        /** SageMaker has found that further trials will not be better. */
        readonly converged?: boolean;
    };
    /**
     * Goes on from what earlier searches have found: with `Bayesian` and `Random`, for which AWS documents it. Their trials
     * count as this search's. @default begins with nothing
     */
    readonly warmStart?: {
        /** Names of 1 to 5 tuning jobs that have ended. */
        readonly parents: readonly string[];
        /** `TransferLearning` where data or code have changed since. */
        readonly kind: "IdenticalDataAndAlgorithm" | "TransferLearning";
    };
    /** The same seed makes the same search, as far as trials end in the same order: 0 or more. @default SageMaker's */
    readonly seed?: number;
}

export const DEFAULT_OBJECTIVE = maximize("validation:macro_f1");
