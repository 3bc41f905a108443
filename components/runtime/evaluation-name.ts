/** How often a model is evaluated at most: the names of components' jobs have room for one digit. */
export const MOST_EVALUATIONS = 5;

/**
 * Name of the job that evaluates what a run has trained.
 * @param run the training job, or the search whose best model it is.
 * @param attempt 1, or up to {@link MOST_EVALUATIONS} where earlier ones have failed or were stopped.
 */
export function evaluationName(run: string, attempt: number): string {
    return attempt === 1 ? `${run}-eval` : `${run}-eval${attempt}`;
}
