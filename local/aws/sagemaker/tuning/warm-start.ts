import type { CreateHyperParameterTuningJobRequest } from "@aws-sdk/client-sagemaker";
import type { Problems } from "../validation";
import { hasEnded, objectiveOf, type TuningJob } from "./job";
import type { TuningJobs } from "./jobs";
import { searchRanges } from "./search-space";
import { bestOf, finalValue, type Trial, type Trials } from "./trials";
import type { Tuner } from "./tuner";

interface Stored {
    readonly jobs: Pick<TuningJobs, "get">;
    readonly trials: Trials;
}

/** The tuning jobs that a job begins with. */
function parentsOf(
    { WarmStartConfig }: Pick<TuningJob, "WarmStartConfig">,
    { jobs }: Pick<Stored, "jobs">,
): TuningJob[] {
    return (WarmStartConfig?.ParentHyperParameterTuningJobs ?? []).flatMap(
        ({ HyperParameterTuningJobName: name = "" }) => jobs.get(name) ?? [],
    );
}

/** Tells the tuner what came of the parents' training jobs, of those whose hyperparameters lie in this job's ranges. */
export async function learnFromParents(job: TuningJob, stored: Stored, tuner: Pick<Tuner, "learn">): Promise<void> {
    for (const parent of parentsOf(job, stored)) {
        // What is searched for here may have been fixed there.
        const { StaticHyperParameters: statics } = parent.TrainingJobDefinition;
        for (const trial of stored.trials.of(parent.HyperParameterTuningJobName)) {
            const value = finalValue(trial);
            if (value === undefined || trial.trainingJob.TrainingJobStatus !== "Completed") continue;
            await tuner.learn({ ...statics, ...trial.parameters }, value);
        }
    }
}

/** The best of a job's and its parents' training jobs, which are comparable if the data are the same; else undefined. */
export function overallBest(
    job: TuningJob,
    stored: Stored,
): { readonly trial: Trial; readonly of: TuningJob } | undefined {
    if (job.WarmStartConfig?.WarmStartType !== "IdenticalDataAndAlgorithm") return undefined;
    const owners = [job, ...parentsOf(job, stored)];
    const owned = owners.map((of) => ({ of, trials: stored.trials.of(of.HyperParameterTuningJobName) }));
    const best = bestOf(
        objectiveOf(job),
        owned.flatMap(({ trials }) => trials),
    );
    const owner = owned.find(({ trials }) =>
        trials.some(({ trainingJobName }) => trainingJobName === best?.trainingJobName),
    );
    return best === undefined || owner === undefined ? undefined : { trial: best, of: owner.of };
}

/** What is wrong with a request's parents. */
export function checkParents(
    request: CreateHyperParameterTuningJobRequest,
    jobs: Stored["jobs"],
    problems: Problems,
): void {
    const {
        WarmStartConfig: config,
        HyperParameterTuningJobConfig: tuning,
        TrainingJobDefinition: definition,
    } = request;
    for (const { HyperParameterTuningJobName: name = "" } of config?.ParentHyperParameterTuningJobs ?? []) {
        const parent = jobs.get(name);
        const at = `The parent tuning job '${name}'`;
        if (parent === undefined) {
            problems.add(`${at} does not exist`);
            continue;
        }
        if (!hasEnded(parent)) {
            problems.add(`${at} is ${parent.HyperParameterTuningJobStatus}: it must be Completed, Stopped or Failed`);
        }
        const [own, theirs] = [tuning?.HyperParameterTuningJobObjective, objectiveOf(parent)];
        if (own?.MetricName !== theirs.MetricName || own?.Type !== theirs.Type) {
            problems.add(`${at} has the objective ${theirs.Type} ${theirs.MetricName}: it must be the same`);
        }
        const [count, theirCount] = [
            hyperparameters(tuning?.ParameterRanges, definition?.StaticHyperParameters),
            hyperparameters(
                parent.HyperParameterTuningJobConfig.ParameterRanges,
                parent.TrainingJobDefinition.StaticHyperParameters,
            ),
        ];
        if (count !== theirCount) {
            problems.add(
                `${at} has ${theirCount} hyperparameters, static and searched for, and this one ${count}: they must be as many`,
            );
        }
        const [image, theirImage] = [definition, parent.TrainingJobDefinition].map(
            (each) => each?.AlgorithmSpecification?.TrainingImage,
        );
        if (config?.WarmStartType === "IdenticalDataAndAlgorithm" && image !== theirImage) {
            problems.add(`${at} has the image ${theirImage}: with IdenticalDataAndAlgorithm it must be the same`);
        }
    }
}

function hyperparameters(
    ranges: Parameters<typeof searchRanges>[0],
    statics: Readonly<Record<string, string>> | undefined,
): number {
    return searchRanges(ranges).length + Object.keys(statics ?? {}).length;
}
