import type { TwinContext } from "../../context";
import type { TrainingJobDocument } from "./job";

/** Why an attempt ended before its time: spot capacity was taken away, or an instance failed. */
export type Interrupted = "interrupt" | "error";

/** The end of spot capacity or of an instance, where a fault on demand says so. */
export interface Interruption {
    /** Training has begun. */
    start(): void;
    /** New checkpoints are in S3. */
    checkpointed(): void;
    /** Training has ended. */
    cancel(): void;
}

/**
 * When one attempt of a job is interrupted, by the faults on demand.
 * @param interrupt called once, if at all.
 */
export function interruptionOf(
    { faults }: Pick<TwinContext, "faults">,
    job: TrainingJobDocument,
    interrupt: (why: Interrupted) => void,
): Interruption {
    const injection = faults.ofTrainingJob(job.TrainingJobName ?? "", job.EnableManagedSpotTraining === true);
    const rule = injection?.rule;
    let timer: NodeJS.Timeout | undefined;
    let checkpoints = 0;
    return {
        start() {
            if (injection === undefined || rule?.seconds === undefined) return;
            const { seconds, fault } = rule;
            const [from, to] = typeof seconds === "number" ? [seconds, seconds] : seconds;
            timer = setTimeout(() => interrupt(fault), (from + injection.chance(0) * (to - from)) * 1000);
        },
        checkpointed() {
            checkpoints++;
            if (rule !== undefined && checkpoints === rule.checkpoint) interrupt(rule.fault);
        },
        cancel: () => clearTimeout(timer),
    };
}
