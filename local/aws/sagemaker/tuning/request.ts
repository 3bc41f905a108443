import type { CreateHyperParameterTuningJobRequest, HyperParameterTuningJobConfig } from "@aws-sdk/client-sagemaker";
import { imageOf } from "../images";
import { problemsOfTraining } from "../training/request";
import { Problems } from "../validation";
import type { TuningJobs } from "./jobs";
import { checkQuotas } from "./quotas";
import { mostResource, resourceOf } from "./search";
import { checkRanges, combinations, searchRanges } from "./search-space";
import { trialRequest } from "./trial-request";
import type { Trials } from "./trials";
import { checkWarmStart } from "./warm-start-rules";

/**
 * Checks what a request says, once it has the shape of AWS's model.
 * @throws AwsError ValidationException with all that is wrong with it, ResourceLimitExceeded.
 */
export function checkTuningRequest(
    request: CreateHyperParameterTuningJobRequest,
    stored: { readonly jobs: Pick<TuningJobs, "get">; readonly trials: Pick<Trials, "of"> },
): void {
    const problems = new Problems();
    problems.required(request.TrainingJobDefinition, "trainingJobDefinition");
    const { HyperParameterTuningJobConfig: config, TrainingJobDefinition: definition } = request;
    if (config !== undefined) {
        const statics = definition?.StaticHyperParameters;
        problems.required(
            config.HyperParameterTuningJobObjective,
            "hyperParameterTuningJobConfig.hyperParameterTuningJobObjective",
        );
        checkRanges(config.ParameterRanges, Object.keys(statics ?? {}), problems);
        checkStrategy(config, statics, problems);
        checkLimits(config, problems);
    }
    if (definition !== undefined) checkDefinition(request, problems);
    checkWarmStart(request, stored, problems);
    problems.throwIfAny();
    if (config !== undefined) {
        checkQuotas(config, {
            combinations: combinations(searchRanges(config.ParameterRanges)),
            metrics: definition?.AlgorithmSpecification?.MetricDefinitions?.length ?? 0,
        });
    }
    imageOf(definition?.AlgorithmSpecification?.TrainingImage ?? "");
}

function checkDefinition(request: CreateHyperParameterTuningJobRequest, problems: Problems): void {
    const { HyperParameterTuningJobConfig: config, TrainingJobDefinition: definition } = request;
    if (definition === undefined) return;
    problems.unsupported(
        definition.TuningObjective,
        "trainingJobDefinition.tuningObjective",
        "it is for several definitions",
    );
    problems.unsupported(
        definition.HyperParameterRanges,
        "trainingJobDefinition.hyperParameterRanges",
        "it is for several definitions",
    );
    problems.unsupported(
        definition.HyperParameterTuningResourceConfig,
        "trainingJobDefinition.hyperParameterTuningResourceConfig",
        "give a resourceConfig",
    );
    const objective = config?.HyperParameterTuningJobObjective;
    const metrics = definition.AlgorithmSpecification?.MetricDefinitions ?? [];
    if (objective?.MetricName !== undefined && !metrics.some(({ Name }) => Name === objective.MetricName)) {
        problems.add(
            `The objective metric '${objective.MetricName}' is not among the metric definitions: ${metrics.map(({ Name }) => Name).join(", ") || "there are none"}`,
        );
    }
    const parameters = Object.fromEntries(searchRanges(config?.ParameterRanges).map(({ name }) => [name, ""]));
    const { MetricName = "" } = objective ?? {};
    problems.include(
        "trainingJobDefinition",
        problemsOfTraining(trialRequest("any", definition, { Type: undefined, MetricName }, parameters, [])),
    );
}

function checkStrategy(
    config: HyperParameterTuningJobConfig,
    statics: Readonly<Record<string, string>> | undefined,
    problems: Problems,
): void {
    const ranges = searchRanges(config.ParameterRanges);
    const most = config.ResourceLimits?.MaxNumberOfTrainingJobs;
    if (config.Strategy !== "Hyperband" && config.StrategyConfig?.HyperbandStrategyConfig !== undefined) {
        problems.add(`HyperbandStrategyConfig is for the strategy Hyperband, not for ${config.Strategy}`);
    }
    if (config.Strategy === "Grid") {
        if (ranges.some(({ kind }) => kind !== "categorical")) {
            problems.add("The strategy Grid takes categorical ranges only");
            return;
        }
        const count = combinations(ranges);
        if (most !== undefined && most !== count) {
            problems.add(
                `MaxNumberOfTrainingJobs is ${most}: with the strategy Grid it must be the number of combinations, ${count}, or be left out`,
            );
        }
    }
    if (config.Strategy !== "Hyperband") return;
    if (config.TrainingJobEarlyStoppingType === "Auto") {
        problems.add(
            "TrainingJobEarlyStoppingType must be Off with the strategy Hyperband, which has a rule of its own",
        );
    }
    const { min, max } = resourceOf(config, statics);
    if (max === undefined) {
        problems.add(
            "HyperbandStrategyConfig needs a MaxResource, since no static hyperparameter such as 'epochs' says it",
        );
    } else if (max < min || max > mostResource) {
        problems.add(`MaxResource is ${max}: it must be from MinResource, ${min}, to ${mostResource}`);
    }
}

function checkLimits({ Strategy, ResourceLimits: limits }: HyperParameterTuningJobConfig, problems: Problems): void {
    const { MaxNumberOfTrainingJobs: most, MaxParallelTrainingJobs: parallel = 1, MaxRuntimeInSeconds } = limits ?? {};
    if (most === undefined && MaxRuntimeInSeconds === undefined && Strategy !== "Grid") {
        problems.add(
            "ResourceLimits needs a MaxNumberOfTrainingJobs or a MaxRuntimeInSeconds: the search would not end",
        );
    }
    if (most !== undefined && parallel > most) {
        problems.add(
            `MaxParallelTrainingJobs is ${parallel}: it must not be more than MaxNumberOfTrainingJobs, ${most}`,
        );
    }
}
