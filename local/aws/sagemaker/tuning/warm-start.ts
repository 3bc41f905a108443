import { objectiveOf, type TuningJob } from "./job";
import type { TuningJobs } from "./jobs";
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
