import type { TwinContext } from "../../context";
import type { TrainingJobDocument } from "./job";

/** The end of spot capacity, where a fault on demand says so. */
export interface Interruption {
    /** Training has begun. */
    start(): void;
    /** New checkpoints are in S3. */
    checkpointed(): void;
    /** Training has ended. */
    cancel(): void;
}

/**
 * When one attempt of a spot job is interrupted, by the faults on demand; never for other jobs.
 * @param interrupt called once, if at all.
 */
export function interruptionOf(
    { faults }: Pick<TwinContext, "faults">,
    job: TrainingJobDocument,
    interrupt: () => void,
): Interruption {
    const isSpot = job.EnableManagedSpotTraining === true;
    const injection = isSpot ? faults.ofTrainingJob(job.TrainingJobName ?? "") : undefined;
    let timer: NodeJS.Timeout | undefined;
    let checkpoints = 0;
    return {
        start() {
            const seconds = injection?.rule?.seconds;
            if (seconds === undefined || injection === undefined) return;
            const [from, to] = typeof seconds === "number" ? [seconds, seconds] : seconds;
            timer = setTimeout(interrupt, (from + injection.chance(0) * (to - from)) * 1000);
        },
        checkpointed() {
            checkpoints++;
            if (checkpoints === injection?.rule?.checkpoint) interrupt();
        },
        cancel: () => clearTimeout(timer),
    };
}
