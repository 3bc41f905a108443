import type { HyperParameterTuningJobConfig, HyperParameterTuningJobStrategyType } from "@aws-sdk/client-sagemaker";
import { AwsError } from "../../service";

// The most that an account can have, once its quotas are raised
// (https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html).
const mostAtRandom = 10_000;
const mostOtherwise = 750;
const mostParallel = 100;
const mostSeconds = 30 * 86_400;
const mostMetrics = 20;

/** How many training jobs a tuning job can have. */
export function mostTrainingJobs(strategy: HyperParameterTuningJobStrategyType | undefined): number {
    return strategy === "Random" ? mostAtRandom : mostOtherwise;
}

/**
 * @param combinations of a grid, which are its training jobs
 * @throws AwsError ResourceLimitExceeded where no account may have so much.
 */
export function checkQuotas(
    { Strategy, ResourceLimits: limits }: HyperParameterTuningJobConfig,
    { combinations, metrics }: { readonly combinations: number; readonly metrics: number },
): void {
    const jobs = Strategy === "Grid" ? combinations : limits?.MaxNumberOfTrainingJobs;
    for (const [what, given, most, unit] of [
        ["Number of training jobs per hyperparameter tuning job", jobs, mostTrainingJobs(Strategy), "Training Jobs"],
        [
            "Number of concurrent training jobs per hyperparameter tuning job",
            limits?.MaxParallelTrainingJobs,
            mostParallel,
            "Training Jobs",
        ],
        ["Maximum run time of a hyperparameter tuning job", limits?.MaxRuntimeInSeconds, mostSeconds, "Seconds"],
        ["Number of metrics per hyperparameter tuning job", metrics, mostMetrics, "Metrics"],
    ] as const) {
        if (given === undefined || given <= most) continue;
        throw new AwsError(
            "ResourceLimitExceeded",
            `The account-level service limit '${what}' is ${most} ${unit}, with current utilization of 0 ${unit} and a request delta of ${given} ${unit}. This is the most that AWS allows.`,
        );
    }
}
