import type { CreateHyperParameterTuningJobRequest } from "@aws-sdk/client-sagemaker";
import type { Problems } from "../validation";
import { hasEnded, objectiveOf, type TuningJob } from "./job";
import type { TuningJobs } from "./jobs";
import { mostTrainingJobs } from "./quotas";
import { type SearchRange, searchRanges } from "./search-space";
import type { Trials } from "./trials";

type Request = Pick<
    CreateHyperParameterTuningJobRequest,
    "HyperParameterTuningJobConfig" | "TrainingJobDefinition" | "WarmStartConfig"
>;

/** What values of a tuning job's hyperparameters may be: texts where they are static, ranges where they are searched. */
type Hyperparameters = ReadonlyMap<string, string | SearchRange>;

/** So many changes of static hyperparameters are the most. */
const mostChanges = 10;

/**
 * What is wrong with a request's parents: AWS's restrictions
 * (https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html).
 */
export function checkWarmStart(
    request: Request,
    stored: { readonly jobs: Pick<TuningJobs, "get">; readonly trials: Pick<Trials, "of"> },
    problems: Problems,
): void {
    const { WarmStartConfig: warmStart, HyperParameterTuningJobConfig: config } = request;
    if (warmStart === undefined) return;
    const { Strategy: strategy } = config ?? {};
    if (strategy === "Hyperband" || strategy === "Grid") {
        problems.add(`WarmStartConfig is for the strategies Bayesian and Random, not for ${strategy}`);
    }
    let earlier = 0;
    for (const { HyperParameterTuningJobName: name = "" } of warmStart.ParentHyperParameterTuningJobs ?? []) {
        const parent = stored.jobs.get(name);
        if (parent === undefined) {
            problems.add(`The parent tuning job '${name}' does not exist`);
            continue;
        }
        earlier += stored.trials.of(name).length;
        checkParent(request, parent, `The parent tuning job '${name}'`, problems);
    }
    const own = config?.ResourceLimits?.MaxNumberOfTrainingJobs ?? 0;
    const most = mostTrainingJobs(strategy);
    if (own + earlier > most && earlier > 0) {
        problems.add(
            `MaxNumberOfTrainingJobs is ${own}, and the parent tuning jobs had ${earlier} training jobs, which count too: ${most} are the most`,
        );
    }
}

function checkParent(
    { WarmStartConfig, HyperParameterTuningJobConfig: config, TrainingJobDefinition: definition }: Request,
    parent: TuningJob,
    at: string,
    problems: Problems,
): void {
    if (!hasEnded(parent)) {
        problems.add(`${at} is ${parent.HyperParameterTuningJobStatus}: it must be Completed, Stopped or Failed`);
    }
    const [own, theirs] = [config?.HyperParameterTuningJobObjective, objectiveOf(parent)];
    if (own?.MetricName !== theirs.MetricName || own?.Type !== theirs.Type) {
        problems.add(`${at} has the objective ${theirs.Type} ${theirs.MetricName}: it must be the same`);
    }
    checkHyperparameters(
        hyperparameters(config?.ParameterRanges, definition?.StaticHyperParameters),
        hyperparameters(
            parent.HyperParameterTuningJobConfig.ParameterRanges,
            parent.TrainingJobDefinition.StaticHyperParameters,
        ),
        at,
        problems,
    );
    const [image, theirImage] = [definition, parent.TrainingJobDefinition].map(
        (each) => each?.AlgorithmSpecification?.TrainingImage,
    );
    if (WarmStartConfig?.WarmStartType === "IdenticalDataAndAlgorithm" && image !== theirImage) {
        problems.add(`${at} has the image ${theirImage}: with IdenticalDataAndAlgorithm it must be the same`);
    }
}

function checkHyperparameters(own: Hyperparameters, theirs: Hyperparameters, at: string, problems: Problems): void {
    const names = [...new Set([...own.keys(), ...theirs.keys()])].filter(
        (name) => !(own.has(name) && theirs.has(name)),
    );
    if (names.length > 0) {
        problems.add(
            `The set of tunable plus static hyperparameter names is not the same: ${at} and this one differ in ${names.map((name) => `'${name}'`).join(", ")}`,
        );
    }
    let changes = 0;
    for (const [name, theirValue] of theirs) {
        const value = own.get(name);
        if (value === undefined) continue;
        if (typeof value === "string") changes += changesOf(theirValue, value);
        else if (typeof theirValue !== "string" && theirValue.kind !== value.kind) {
            problems.add(`${at} has a range of the type ${theirValue.kind} for '${name}': it must be the same type`);
        }
    }
    if (changes > mostChanges) {
        problems.add(
            `${at} differs in ${changes} values of static hyperparameters, each value of a categorical one counted: ${mostChanges} are the most`,
        );
    }
}

/** How much a hyperparameter that is static now counts as a change: numbers once, other values with each that there is. */
function changesOf(before: string | SearchRange, now: string): number {
    if (typeof before !== "string") return before.kind === "categorical" ? before.values.length : 1;
    if (before === now) return 0;
    return [before, now].some((value) => value === "" || Number.isNaN(Number(value))) ? 2 : 1;
}

function hyperparameters(
    ranges: Parameters<typeof searchRanges>[0],
    statics: Readonly<Record<string, string>> | undefined,
): Hyperparameters {
    return new Map<string, string | SearchRange>([
        ...searchRanges(ranges).map((range) => [range.name, range] as const),
        ...Object.entries(statics ?? {}),
    ]);
}
