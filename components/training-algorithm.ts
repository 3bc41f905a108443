/** How a text classifier is made: a linear one of n-grams on a CPU, or a fine-tuned BERT on GPUs. */
export type Algorithm = "linear" | "bert";

export const ALGORITHMS: readonly Algorithm[] = ["linear", "bert"];

/** What the package's own training code prints at its end, `name=value`. */
const FINAL = ["validation:accuracy", "validation:macro_f1", "validation:ece"];

/** The metrics of the package's own training code; BERT's are printed after each epoch, too. */
export const METRICS: Readonly<Record<Algorithm, readonly string[]>> = {
    linear: FINAL,
    bert: [...FINAL, "validation:threshold", "validation:coverage", "train:loss", "train:tokens_per_second"],
};

/** Metrics that BERT prints after each epoch, and that a search may stop trials by. */
export const EPOCH_METRICS: readonly string[] = ["validation:accuracy", "validation:macro_f1", "train:loss"];
