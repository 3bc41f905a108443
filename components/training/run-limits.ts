/** Hours of a training job at most. */
export const LONGEST_TRAINING_HOURS = 120;
/** Hours of a search at most. */
export const LONGEST_SEARCH_HOURS = 720;
/** Trials at a time at most. */
export const MOST_PARALLEL_TRIALS = 100;
/** Trials of a search at most, whatever its strategy. */
export const MOST_TRIALS = 10_000;

const MOST_TRIALS_WITH_A_PLAN = 750;

/** Trials of a search at most: a strategy that learns from them, or lists them all, takes fewer. */
export function mostTrials(strategy: unknown): number {
    return strategy === "Random" ? MOST_TRIALS : MOST_TRIALS_WITH_A_PLAN;
}
