import { join } from "node:path";
import type { TwinContext } from "../../context";
import { asRole } from "../access";
import { imageOf, pythonOf } from "../images";
import { s3FilesOf } from "../s3-files";
import { uploadArtifacts, uploadCheckpoints } from "./artifacts";
import { JobFolder } from "./folder";
import type { Transition } from "./job";
import type { TrainingJobs } from "./jobs";
import { type RunningScript, startScript } from "./script";

/** Why a job is to end before its script does. */
type StopCause = "requested" | "maximum run time" | "twin";

/** A job that this process runs. */
export interface RunningJob {
    /** StopTrainingJob: SIGTERM, and SIGKILL after a while. */
    stop(): void;
    /** Ends everything at once; the stored state stays as it is. */
    abandon(): Promise<void>;
}

/** Milliseconds between SIGTERM and SIGKILL. */
export const stopGrace = 120_000;

/** Where the folders of running jobs are. */
export function jobsFolder(context: TwinContext): string {
    return join(context.store.folder, "sagemaker", "training");
}

/** Runs a job that is stored as starting, to its end. */
export function runTrainingJob(
    context: TwinContext,
    jobs: TrainingJobs,
    name: string,
    options: { readonly stopGrace: number; onEnd(): void },
): RunningJob {
    const folder = new JobFolder(join(jobsFolder(context), name));
    let script: RunningScript | undefined;
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
        if (cause === "twin") script?.kill();
        else script?.terminate();
        timers.push(setTimeout(() => script?.kill(), options.stopGrace));
    }

    function advance(transition: Transition, changes?: Parameters<TrainingJobs["advance"]>[2]): void {
        if (cause !== "twin") jobs.advance(name, transition, changes);
    }

    async function run(): Promise<void> {
        const job = jobs.get(name);
        if (job === undefined) return;
        const files = s3FilesOf(context, asRole(job.RoleArn ?? ""));
        advance({
            status: "InProgress",
            secondary: "Downloading",
            message: "Preparing the environment and downloading input data",
        });
        const image = imageOf(job.AlgorithmSpecification?.TrainingImage ?? "");
        const python = await pythonOf(context, image, abandoned.signal);
        await folder.create(job);
        await clientErrors("Data download failed", () => folder.download(job, files));
        if (stopped() !== undefined) return finishStopped();

        advance({
            status: "InProgress",
            secondary: "Training",
            message: "Training image download completed. Training in progress.",
        });
        script = startScript(context, jobs, job, folder, python);
        const limit = job.StoppingCondition?.MaxRuntimeInSeconds ?? 86_400;
        // A timer takes at most 2^31 - 1 milliseconds, 24 days: less than the longest limit of 28.
        timers.push(setTimeout(() => stop("maximum run time"), Math.min(limit * 1000, 2 ** 31 - 1)));
        const exitCode = await script.exited;
        for (const timer of timers) clearTimeout(timer);
        const early = stopped();
        if (early === "twin") return;
        await clientErrors("Upload of checkpoints failed", () => uploadCheckpoints(job, folder, files));
        if (early === undefined && exitCode !== 0) return fail(script.failureReason(exitCode));

        const status = early === undefined ? "InProgress" : "Stopping";
        advance({ status, secondary: "Uploading", message: "Uploading generated training model" });
        const artifacts = await clientErrors("Upload of the model failed", () => uploadArtifacts(job, folder, files));
        if (stopped() !== undefined) return finishStopped({ ModelArtifacts: artifacts });
        advance(
            { status: "Completed", secondary: "Completed", message: "Training job completed" },
            { ModelArtifacts: artifacts },
        );
    }

    function finishStopped(changes?: Parameters<TrainingJobs["advance"]>[2]): void {
        advance(
            cause === "maximum run time"
                ? {
                      status: "Stopped",
                      secondary: "MaxRuntimeExceeded",
                      message: "Training job runtime exceeded MaxRuntimeInSeconds provided",
                  }
                : { status: "Stopped", secondary: "Stopped", message: "Training job stopped" },
            changes,
        );
    }

    function fail(reason: string): void {
        advance({ status: "Failed", secondary: "Failed", message: "Training job failed", failureReason: reason });
    }

    const finished = run()
        .catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)))
        .then(() => folder.remove())
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

/** What fails in S3 is the customer's to mend: permissions, addresses. SageMaker calls it a ClientError. */
async function clientErrors<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        throw new Error(`ClientError: ${what}: ${(error as Error).message}`, { cause: error });
    }
}
