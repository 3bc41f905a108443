import { flag, integer, oneOf, options, type Rules, required, someOf, text, value } from "../argument-rules";
import { hyperparameterProblems } from "./hyperparameter";
import { LONGEST_SEARCH_HOURS, MOST_PARALLEL_TRIALS, MOST_TRIALS } from "./run-limits";
import { knownHyperparameters, trainingRules } from "./training-rules";
import type { Objective, TuningJobArgs } from "./tuning-options";
import { rangeRule } from "./tuning-range";

/** A SageMaker tuning job's name, at most 32 characters. */
const JOB_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}$/;

/** What the options of a tuning job may be, each by itself. */
export function tuningRules(args: unknown): Rules<TuningJobArgs> {
    return {
        ...trainingRules(args),
        strategy: oneOf(["Bayesian", "Random", "Hyperband", "Grid"]),
        ranges: required({
            what: "an object: name, range",
            problems: (option, given) => hyperparameterProblems(option, given, knownHyperparameters(args), rangeRule),
        }),
        objective: options<Objective>({
            direction: required(oneOf(["Maximize", "Minimize"])),
            metric: required(text("the name of a metric", /^\S{1,255}$/)),
        }),
        jobs: integer({ from: 1, to: MOST_TRIALS, unit: "trials" }),
        parallel: integer({ from: 1, to: MOST_PARALLEL_TRIALS, unit: "trials" }),
        hours: integer({ from: 1, to: LONGEST_SEARCH_HOURS, unit: "hours" }),
        earlyStopping: flag,
        resource: options<NonNullable<TuningJobArgs["resource"]>>({
            min: required(integer({ from: 1, to: 1000, unit: "epochs" })),
            max: required(integer({ from: 1, to: 1000, unit: "epochs" })),
        }),
        until: options<NonNullable<TuningJobArgs["until"]>>({
            objective: value("a number", (given) => Number.isFinite(given)),
            notImproving: integer({ from: 3, unit: "trials" }),
            converged: flag,
        }),
        warmStart: options<NonNullable<TuningJobArgs["warmStart"]>>({
            parents: required(
                someOf(
                    text("the name of a tuning job, of at most 32 characters", JOB_NAME),
                    "a list of 1 to 5 names of tuning jobs",
                    5,
                ),
            ),
            kind: required(oneOf(["IdenticalDataAndAlgorithm", "TransferLearning"])),
        }),
        seed: integer({ from: 0, to: 2 ** 31 - 1 }),
    };
}
