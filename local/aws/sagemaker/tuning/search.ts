import type { HyperParameterTuningJobConfig } from "@aws-sdk/client-sagemaker";
import { objectiveOf, type TuningJob } from "./job";
import { searchRanges } from "./search-space";
import type { Search } from "./tuner";

/** From the static hyperparameter of one of these names Hyperband takes MaxResource where the request has none. */
const epochs = ["epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs"];

/** The largest MaxResource. */
export const mostResource = 20_000;

/** Hyperband's MinResource and MaxResource; `max` is undefined where neither the request nor its epochs say it. */
export function resourceOf(
    config: HyperParameterTuningJobConfig,
    statics: Readonly<Record<string, string>> | undefined,
): { readonly min: number; readonly max: number | undefined } {
    const given = config.StrategyConfig?.HyperbandStrategyConfig;
    const said = epochs.map((name) => statics?.[name]).find((value) => value !== undefined);
    // The SDK for Python writes numbers as JSON texts.
    const inferred = said === undefined ? Number.NaN : Number(said.replaceAll('"', ""));
    const max = given?.MaxResource ?? (Number.isInteger(inferred) && inferred > 0 ? inferred : undefined);
    return { min: given?.MinResource ?? 1, max };
}

/** What the tuner is to search for a job that was checked. */
export function searchOf(job: TuningJob): Search {
    const config = job.HyperParameterTuningJobConfig;
    const { min, max = min } = resourceOf(config, job.TrainingJobDefinition.StaticHyperParameters);
    const jobs = config.ResourceLimits?.MaxNumberOfTrainingJobs;
    return {
        name: job.HyperParameterTuningJobName,
        strategy: config.Strategy ?? "Bayesian",
        direction: objectiveOf(job).Type === "Minimize" ? "minimize" : "maximize",
        seed: job.seed,
        // Of a small search most would be drawn at random with Optuna's ten.
        startup: Math.min(10, Math.max(3, Math.ceil((jobs ?? 40) / 4))),
        ranges: searchRanges(config.ParameterRanges),
        ...(config.Strategy === "Hyperband" ? { resource: { min, max } } : {}),
    };
}
