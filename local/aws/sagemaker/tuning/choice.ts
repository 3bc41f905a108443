import { isLost, type StoredTrial, type Trial } from "./trials";
import type { Tuner } from "./tuner";

/** What a training job is to try. */
export type Chosen = Pick<StoredTrial, "number" | "parameters" | "replaces">;

/**
 * The next training job: one that was lost with an instance or the twin, tried again, else what the tuner chooses.
 * @param most so many training jobs, those that were lost left out.
 */
export async function choose(tuner: Tuner, trials: readonly Trial[], most: number): Promise<Chosen | undefined> {
    const number = trials.length;
    const replaced = new Set(trials.map(({ replaces }) => replaces));
    const lost = trials.find((trial) => isLost(trial, trials) && !replaced.has(trial.number));
    if (lost !== undefined) {
        await tuner.restore(number, { parameters: lost.parameters, values: [], state: null });
        return { number, parameters: lost.parameters, replaces: lost.number };
    }
    if (trials.filter((trial) => !isLost(trial, trials)).length >= most) return undefined;
    const parameters = await tuner.ask(number);
    return parameters === undefined ? undefined : { number, parameters };
}
