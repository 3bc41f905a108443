import * as pulumi from "@pulumi/pulumi";
import {
    algorithmSpecification,
    commonRequest,
    fixedHyperparameters,
    jobTags,
    outputPath,
    type RequestParts,
} from "./training-request";
import { combinations } from "./tuning-fit";
import { DEFAULT_OBJECTIVE, type TuningJobArgs } from "./tuning-options";
import type { NumberRange, SearchRange } from "./tuning-range";

/**
 * The request template of a tuning job: what every search has in common. A search adds a name, the channels, the output
 * path and the address of the test set, and calls CreateHyperParameterTuningJob.
 */
export function tuningTemplate(args: TuningJobArgs, parts: RequestParts): pulumi.Output<string> {
    const { metric } = args.objective ?? DEFAULT_OBJECTIVE;
    const { warmStart, resource, source } = args;
    // A trial that is never stopped has to come to the highest number of epochs.
    const epochs: Readonly<Record<string, number>> =
        resource === undefined || source !== undefined ? {} : { epochs: resource.max };
    return pulumi.jsonStringify({
        namePrefix: parts.jobPrefix,
        outputPath: outputPath(parts),
        tuning: {
            HyperParameterTuningJobConfig: tuningConfig(args),
            TrainingJobDefinition: {
                AlgorithmSpecification: algorithmSpecification(args, parts, [metric]),
                StaticHyperParameters: fixedHyperparameters(args, parts, epochs),
                ...commonRequest(args, parts),
            },
            ...(warmStart === undefined
                ? {}
                : {
                      WarmStartConfig: {
                          ParentHyperParameterTuningJobs: warmStart.parents.map((name) => ({
                              HyperParameterTuningJobName: name,
                          })),
                          WarmStartType: warmStart.kind,
                      },
                  }),
            ...jobTags(args),
        },
    });
}

function tuningConfig(args: TuningJobArgs) {
    const { strategy = "Bayesian", resource, ranges, jobs, parallel = 1, hours, earlyStopping = false, seed } = args;
    const { direction, metric } = args.objective ?? DEFAULT_OBJECTIVE;
    const criteria = completionCriteria(args.until);
    return {
        Strategy: strategy,
        ...(resource === undefined
            ? {}
            : {
                  StrategyConfig: {
                      HyperbandStrategyConfig: { MinResource: resource.min, MaxResource: resource.max },
                  },
              }),
        HyperParameterTuningJobObjective: { Type: direction, MetricName: metric },
        ResourceLimits: {
            MaxNumberOfTrainingJobs: jobs ?? combinations(ranges),
            MaxParallelTrainingJobs: parallel,
            ...(hours === undefined ? {} : { MaxRuntimeInSeconds: hours * 3600 }),
        },
        ParameterRanges: parameterRanges(ranges),
        TrainingJobEarlyStoppingType: earlyStopping ? "Auto" : "Off",
        ...(criteria === undefined ? {} : { TuningJobCompletionCriteria: criteria }),
        ...(seed === undefined ? {} : { RandomSeed: seed }),
    };
}

function completionCriteria(until: TuningJobArgs["until"]) {
    const { objective, notImproving, converged = false } = until ?? {};
    if (objective === undefined && notImproving === undefined && !converged) return undefined;
    return {
        ...(objective === undefined ? {} : { TargetObjectiveMetricValue: objective }),
        ...(notImproving === undefined
            ? {}
            : { BestObjectiveNotImproving: { MaxNumberOfTrainingJobsNotImproving: notImproving } }),
        ...(converged ? { ConvergenceDetected: { CompleteOnConvergence: "Enabled" } } : {}),
    };
}

/** Ranges by their kinds, numbers as texts, and choices as the container's toolkit reads them: JSON. */
function parameterRanges(ranges: Readonly<Record<string, SearchRange>>) {
    const all = Object.entries(ranges).filter(([, each]) => each !== undefined);
    const numbers = (kind: NumberRange["kind"]) =>
        all.flatMap(([name, each]) =>
            each.kind === kind
                ? [
                      {
                          Name: name,
                          MinValue: String(each.low),
                          MaxValue: String(each.high),
                          ScalingType: each.scale,
                      },
                  ]
                : [],
        );
    return {
        ContinuousParameterRanges: numbers("continuous"),
        IntegerParameterRanges: numbers("integer"),
        CategoricalParameterRanges: all.flatMap(([name, each]) =>
            each.kind === "choice" ? [{ Name: name, Values: each.values.map((value) => JSON.stringify(value)) }] : [],
        ),
    };
}
