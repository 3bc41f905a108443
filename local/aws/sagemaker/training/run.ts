import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { TwinContext } from "../../context";
import { asRole } from "../access";
import { imageOf, pythonOf } from "../images";
import { s3FilesOf } from "../s3-files";
import { gather, uploadArtifacts } from "./artifacts";
import { type Attempt, type AttemptOptions, beginAttempt, clientErrors } from "./attempt";
import { JobFolder } from "./folder";
import { hostsOf } from "./hosts";
import type { Interrupted } from "./interruption";
import { canRetry, type TrainingJobDocument, type Transition } from "./job";
import type { TrainingJobs } from "./jobs";
import { Metrics } from "./metrics";
import { defaultRuntime } from "./request";
import { type StopCause, stoppedBy } from "./stop-cause";

/** A job that this process runs. */
export interface RunningJob {
    /** StopTrainingJob: SIGTERM, and SIGKILL after a while. */
    stop(): void;
    /** Ends everything at once; the stored state stays as it is. */
    abandon(): Promise<void>;
}

/** Milliseconds between SIGTERM and SIGKILL. */
export const stopGrace = 120_000;

/** Milliseconds between two looks for new checkpoints. */
export const checkpointInterval = 500;

export interface RunOptions {
    readonly stopGrace: number;
    readonly checkpointInterval: number;
    onEnd(): void;
}

/** Where the folders of running jobs are. */
export function jobsFolder(context: TwinContext): string {
    return join(context.store.folder, "sagemaker", "training");
}

/** What a timer takes at most, in milliseconds: 24 days, less than the longest limit of 28. */
const longestTimer = 2 ** 31 - 1;

/** Runs a job that is stored as starting, to its end. */
export function runTrainingJob(
    context: TwinContext,
    jobs: TrainingJobs,
    name: string,
    options: RunOptions,
): RunningJob {
    const path = join(jobsFolder(context), name);
    let attempt: Attempt | undefined;
    let cause: StopCause | undefined;
    const stopped = () => cause;
    const abandoned = new AbortController();
    const timers: NodeJS.Timeout[] = [];

    function stop(why: StopCause): void {
        if (cause !== undefined) return;
        cause = why;
        if (why !== "twin") {
            advance({ status: "Stopping", secondary: "Stopping", message: "Stopping the training job" });
        }
        end();
    }

    function end(): void {
        if (cause === "twin") attempt?.kill();
        else attempt?.terminate();
        timers.push(setTimeout(() => attempt?.kill(), options.stopGrace));
    }

    function advance(transition: Transition, changes?: Parameters<TrainingJobs["advance"]>[2]): void {
        if (cause !== "twin") jobs.advance(name, transition, changes);
    }

    function limit(seconds: number | undefined, why: StopCause): NodeJS.Timeout | undefined {
        if (seconds === undefined) return undefined;
        const timer = setTimeout(() => stop(why), Math.min(Math.max(0, seconds * 1000), longestTimer));
        timers.push(timer);
        return timer;
    }

    async function run(): Promise<void> {
        const job = jobs.get(name);
        if (job === undefined) return;
        if (job.EnableManagedSpotTraining === true) {
            limit(job.StoppingCondition?.MaxWaitTimeInSeconds, "maximum wait time");
        }
        advance({
            status: "InProgress",
            secondary: "Downloading",
            message: "Preparing the environment and downloading input data",
        });
        const image = imageOf(job.AlgorithmSpecification?.TrainingImage ?? "");
        const python = await pythonOf(context, image, abandoned.signal);
        const metrics = new Metrics(job.AlgorithmSpecification?.MetricDefinitions);
        let left = job.StoppingCondition?.MaxRuntimeInSeconds ?? defaultRuntime;
        for (;;) {
            const interrupted = await train(job, { python, image, metrics, seconds: left });
            if (interrupted === undefined) return;
            if (stopped() !== undefined) return finishStopped();
            left -= (Date.now() - interrupted.began) / 1000;
            if (interrupted.why === "interrupt") {
                advance({
                    status: "InProgress",
                    secondary: "Interrupted",
                    message: "The spot capacity was taken away: the job goes on from its last checkpoints",
                });
            } else if (!canRetry(jobs.get(name) ?? job)) {
                return fail("InternalServerError: We encountered an internal error. Please try again.");
            }
            advance({ status: "InProgress", secondary: "Starting", message: "Starting the training job" });
            advance({ status: "InProgress", secondary: "Downloading", message: "Downloading input data" });
        }
    }

    /**
     * Trains to the job's end, or until spot capacity is taken away or an instance fails.
     * @returns when training began and why it was interrupted; undefined once the job has ended.
     */
    async function train(
        job: TrainingJobDocument,
        { seconds, ...container }: Pick<AttemptOptions, "python" | "image" | "metrics"> & { seconds: number },
    ): Promise<{ readonly began: number; readonly why: Interrupted } | undefined> {
        const files = s3FilesOf(context, asRole(job.RoleArn ?? ""));
        const hosts = hostsOf(job);
        const folders = hosts.map((host) => new JobFolder(join(path, host), host, hosts));
        for (const folder of folders) {
            await folder.create(job);
            await clientErrors("Data download failed", () => folder.download(job, files));
            if (stopped() !== undefined) return finishStopped();
        }

        advance({
            status: "InProgress",
            secondary: "Training",
            message: "Training image download completed. Training in progress.",
        });
        const began = Date.now();
        attempt = await beginAttempt(context, jobs, job, { ...options, ...container, folders, files });
        // It may have been stopped meanwhile.
        if (stopped() !== undefined) end();
        const timer = limit(seconds, "maximum run time");
        const outcome = await attempt.ended;
        clearTimeout(timer);
        const early = stopped();
        if (early === "twin") return attempt.abandon();
        if (outcome.interrupted !== undefined && early === undefined) {
            await attempt.abandon();
            return { began, why: outcome.interrupted };
        }
        for (const each of timers) clearTimeout(each);
        await attempt.finish();
        if (early === undefined && outcome.failure !== undefined) return fail(outcome.failure);

        const status = early === undefined ? "InProgress" : "Stopping";
        advance({ status, secondary: "Uploading", message: "Uploading generated training model" });
        const artifacts = await clientErrors("Upload of the model failed", async () =>
            uploadArtifacts(job, await gather(folders), files),
        );
        if (stopped() !== undefined) return finishStopped({ ModelArtifacts: artifacts });
        advance(
            { status: "Completed", secondary: "Completed", message: "Training job completed" },
            { ModelArtifacts: artifacts },
        );
        return undefined;
    }

    function finishStopped(changes?: Parameters<TrainingJobs["advance"]>[2]): undefined {
        advance(stoppedBy(cause), changes);
    }

    function fail(reason: string): undefined {
        advance({ status: "Failed", secondary: "Failed", message: "Training job failed", failureReason: reason });
    }

    const finished = run()
        .catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
        .then(() => rm(path, { recursive: true, force: true }))
        .catch((error: unknown) => {
            if (cause === "twin") return;
            context.report({ level: "error", source: "sagemaker", message: `Training job ${name}: ${error}` });
        })
        .finally(() => {
            for (const timer of timers) clearTimeout(timer);
            options.onEnd();
        });

    return {
        stop: () => stop("requested"),
        async abandon() {
            cause = "twin";
            abandoned.abort();
            end();
            await finished;
        },
    };
}
