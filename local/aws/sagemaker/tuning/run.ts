import type { Tag } from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import type { Training } from "../training";
import { type Chosen, choose } from "./choice";
import { endingOf, failure } from "./completion";
import { isToEndEarly } from "./early-stopping";
import { type Ending, objectiveOf, type TuningJob } from "./job";
import type { TuningJobs } from "./jobs";
import { searchOf } from "./search";
import { trialName, trialRequest } from "./trial-request";
import { isRunning, type StoredTrial, stateOf, type Trials } from "./trials";
import { startTuner, type Tuner } from "./tuner";
import { tunerPython } from "./tuner-python";
import { learnFromParents } from "./warm-start";

export interface TuningParts {
    readonly jobs: TuningJobs;
    readonly trials: Trials;
    readonly training: Pick<Training, "launch" | "stop">;
}

/** A tuning job that this process runs. */
export interface RunningTuningJob {
    /** StopHyperParameterTuningJob: its training jobs are stopped, then it is. */
    stop(): void;
    /** One of its training jobs has ended. */
    ended(trainingJobName: string): void;
    /** One of its training jobs has printed its objective, once or more often. */
    printed(trainingJobName: string, values: readonly number[]): void;
    /** Ends the tuner at once; the stored state stays as it is. */
    abandon(): Promise<void>;
}

/**
 * Runs a tuning job that is stored as in progress or stopping, on from what is stored of its training jobs.
 * @param tags of the tuning job: its training jobs get them too.
 */
export function runTuningJob(
    context: TwinContext,
    { jobs, trials, training }: TuningParts,
    name: string,
    { tags, onEnd }: { readonly tags: Tag[]; onEnd(): void },
): RunningTuningJob {
    const abandoned = new AbortController();
    let tuner: Tuner | undefined;
    let over = false;
    let timer: NodeJS.Timeout | undefined;

    const gone = () => over || abandoned.signal.aborted;
    const trialOf = (trainingJobName: string) =>
        trials.of(name).find((trial) => trial.trainingJobName === trainingJobName);

    function report(error: unknown): void {
        const message = `Tuning job ${name}: ${error instanceof Error ? error.message : error}`;
        context.report({ level: "error", source: "sagemaker", message });
    }

    /** One thing at a time: each sees in the store what came of the one before. */
    let queue = Promise.resolve();
    function enqueue(work: (job: TuningJob) => Promise<void>): void {
        queue = queue
            .then(async () => {
                const job = jobs.get(name);
                if (!gone() && job !== undefined) await work(job);
            })
            .catch((error: Error) => {
                if (gone()) return;
                report(error);
                end({ status: "Failed", reason: `InternalServerError: ${error.message}` });
            })
            // Its end cannot be stored either, as on a full disk: the next start of the twin goes on with it.
            .catch(report);
    }

    async function begin(job: TuningJob): Promise<void> {
        const onProgress = (message: string) => context.report({ level: "info", source: "sagemaker", message });
        const python = await tunerPython({ onProgress, signal: abandoned.signal });
        if (gone()) return;
        tuner = startTuner(python, searchOf(job));
        await learnFromParents(job, { jobs, trials }, tuner);
        for (const trial of trials.of(name)) {
            const { number, parameters, values } = trial;
            await tuner.restore(number, { parameters, values, state: stateOf(trial) });
        }
        await goOn(job, tuner);
    }

    /** Starts training jobs while there may be more, and ends the tuning job when nothing is left to do. */
    async function goOn(job: TuningJob, asked: Tuner): Promise<void> {
        const { HyperParameterTuningJobConfig: config } = job;
        const parallel = config.ResourceLimits?.MaxParallelTrainingJobs ?? 1;
        const most = config.ResourceLimits?.MaxNumberOfTrainingJobs ?? Number.POSITIVE_INFINITY;
        for (;;) {
            const own = trials.of(name);
            const ending = jobs.get(name)?.ending ?? endingOf(config, objectiveOf(job), own);
            if (ending !== undefined) return end(ending);
            if (own.filter(isRunning).length >= parallel) return;
            const next = await choose(asked, own, most);
            if (next === undefined) break;
            if (gone()) return;
            // It may have been stopped meanwhile.
            if (jobs.get(name)?.ending === undefined) launch(job, next);
        }
        const own = trials.of(name);
        if (!own.some(isRunning)) end(failure(own, 1) ?? { status: "Completed" });
    }

    function launch(job: TuningJob, chosen: Chosen): void {
        const trainingJobName = trialName(job.HyperParameterTuningJobName, chosen.number);
        const request = trialRequest(
            trainingJobName,
            job.TrainingJobDefinition,
            objectiveOf(job),
            chosen.parameters,
            tags,
        );
        context.store.transaction(() => {
            trials.put(name, { ...chosen, trainingJobName, values: [] });
            training.launch(request, { TuningJobArn: job.HyperParameterTuningJobArn });
        });
    }

    /** Decides as what the job ends, if that is not decided, and ends it once its training jobs have. */
    function end(ending: Ending): void {
        if (jobs.get(name)?.ending === undefined) jobs.decide(name, ending);
        const { status, reason } = jobs.get(name)?.ending ?? ending;
        const running = trials.of(name).filter(isRunning);
        for (const { trainingJobName } of running) training.stop(trainingJobName);
        if (over || running.length > 0) return;
        over = true;
        clearTimeout(timer);
        jobs.advance(name, status, reason);
        tuner?.close();
        onEnd();
    }

    async function hearEnd(job: TuningJob, trainingJobName: string): Promise<void> {
        const trial = trialOf(trainingJobName);
        if (trial === undefined || tuner === undefined) return;
        const state = stateOf(trial);
        if (state !== null) await tuner.tell(trial.number, state, trial.values.at(-1));
        await goOn(job, tuner);
    }

    /** @param heard so many of the training job's values are known already. */
    async function hearValues(job: TuningJob, trial: StoredTrial, heard: number): Promise<void> {
        for (let count = heard + 1; count <= trial.values.length; count++) {
            if (tuner === undefined || gone()) return;
            const soFar = { number: trial.number, values: trial.values.slice(0, count) };
            const isToEnd = await isToEndEarly(job, soFar, () => trials.of(name), tuner);
            if (isToEnd && !gone()) training.stop(trial.trainingJobName);
        }
    }

    const { CreationTime = new Date(), HyperParameterTuningJobConfig: config } = jobs.get(name) ?? {};
    const seconds = config?.ResourceLimits?.MaxRuntimeInSeconds;
    if (seconds !== undefined) {
        const left = CreationTime.getTime() + seconds * 1000 - Date.now();
        const finish = () => enqueue(async () => end({ status: "Completed" }));
        // Before anything else, if the time passed while the twin was away.
        if (left <= 0) finish();
        else timer = setTimeout(finish, Math.min(left, longestTimer));
    }
    enqueue(begin);

    return {
        stop() {
            jobs.advance(name, "Stopping");
            end({ status: "Stopped" });
        },
        ended: (trainingJobName) => enqueue((job) => hearEnd(job, trainingJobName)),
        printed(trainingJobName, values) {
            const found = trialOf(trainingJobName);
            if (found === undefined) return;
            const { trainingJob: _, ...stored } = found;
            const trial = { ...stored, values: [...stored.values, ...values] };
            trials.put(name, trial);
            enqueue((job) => hearValues(job, trial, stored.values.length));
        },
        async abandon() {
            abandoned.abort();
            clearTimeout(timer);
            tuner?.close();
            await queue;
        },
    };
}

/** What a timer of Node can wait for at most, in milliseconds. */
const longestTimer = 2 ** 31 - 1;
