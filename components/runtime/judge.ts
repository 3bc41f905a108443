import { DescribeHyperParameterTuningJobCommand } from "@aws-sdk/client-sagemaker";
import { bestTrial } from "./best-trial";
import type { InvocationTime } from "./deadline";
import { type EvaluationOptions, failsByChampion, startEvaluation } from "./evaluation-job";
import { variables } from "./job-variables";
import { log } from "./log";
import { type RegistrationOptions, registerModel } from "./register-model";
import { type DescribedJob, describeTrainingJob } from "./training-job";

/** A change of the state of a training job or a tuning job, as far as it is read. Several events may come for one. */
export interface JobEvent {
    readonly detail: { readonly TrainingJobName?: string; readonly HyperParameterTuningJobName?: string };
}

export interface JudgeOptions extends EvaluationOptions, RegistrationOptions {
    /** Marks the jobs of one component; other jobs are left alone. */
    readonly jobPrefix: string;
    /** Whose models are judged: those of training jobs, or the best ones of tuning jobs. */
    readonly follows: "training" | "tuning";
}

/**
 * Called when a training job has completed, or a tuning job has ended: has the model evaluated on the test set, of a tuning
 * job the best one. Called when that evaluation has completed: registers the model. Called when it has failed because of
 * the model in service: has it evaluated without that one. Safe to call again for the same job, which also takes up what
 * has failed since.
 */
export function judge(options: JudgeOptions) {
    return async ({ detail }: JobEvent, time: InvocationTime): Promise<void> => {
        const { TrainingJobName: training, HyperParameterTuningJobName: tuning } = detail;
        if (tuning !== undefined) await followTuningJob(options, tuning, time);
        else if (training !== undefined) await followTrainingJob(options, training, time);
    };
}

async function followTrainingJob(options: JudgeOptions, name: string, time: InvocationTime): Promise<void> {
    const job = await describeTrainingJob(options.sagemaker, name);
    const environment = job.Environment ?? {};
    if (environment[variables.prefix] !== options.jobPrefix) return;
    const evaluated = environment[variables.evaluatedJob];
    // A trial is judged by its search, on validation data.
    if (evaluated === undefined && options.follows === "tuning") return;
    // The event may be ahead of what is described: without an error nobody would look again.
    if (UNDER_WAY.includes(job.TrainingJobStatus)) throw new Error(`${name} has not ended yet.`);
    const isCompleted = job.TrainingJobStatus === "Completed";
    if (evaluated === undefined) {
        if (isCompleted) await evaluate(options, job, undefined, time);
        return;
    }
    if (!isCompleted) log.error("evaluation-failed", { evaluation: name, status: job.TrainingJobStatus });
    if (!isCompleted && !failsByChampion(job)) return;
    const trained = await describeTrainingJob(options.sagemaker, evaluated);
    if (isCompleted) await registerModel(options, trained, job, time.getRemainingTimeInMillis());
    else await evaluate(options, trained, environment[variables.tuningJob], time);
}

/** Has a model evaluated, or registers it where that has been done. */
async function evaluate(
    options: JudgeOptions,
    job: DescribedJob,
    tuningJob: string | undefined,
    time: InvocationTime,
): Promise<void> {
    const completed = await startEvaluation(options, job, tuningJob);
    if (completed !== undefined) await registerModel(options, job, completed, time.getRemainingTimeInMillis());
}

/** A search that was stopped has a best model as well. */
const ENDED: readonly (string | undefined)[] = ["Completed", "Stopped"];
const UNDER_WAY: readonly (string | undefined)[] = ["InProgress", "Stopping"];

async function followTuningJob(options: JudgeOptions, name: string, time: InvocationTime): Promise<void> {
    if (options.follows !== "tuning") return;
    const tuning = await options.sagemaker.send(
        new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name }),
    );
    if (tuning.TrainingJobDefinition?.Environment?.[variables.prefix] !== options.jobPrefix) return;
    if (UNDER_WAY.includes(tuning.HyperParameterTuningJobStatus)) throw new Error(`${name} has not ended yet.`);
    if (!ENDED.includes(tuning.HyperParameterTuningJobStatus)) return;
    const best = await bestTrial(options.sagemaker, tuning);
    if (best === undefined) {
        log.error("no-best-model", { tuningJob: name });
        return;
    }
    await evaluate(options, await describeTrainingJob(options.sagemaker, best), name, time);
}
