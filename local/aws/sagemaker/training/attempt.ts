import type { TwinContext } from "../../context";
import type { Image } from "../images";
import type { S3Files } from "../s3-files";
import { copyCheckpoints } from "./checkpoints";
import type { JobFolder } from "./folder";
import { meetingPoint, together } from "./hosts";
import { type Interrupted, interruptionOf } from "./interruption";
import type { TrainingJobDocument } from "./job";
import type { TrainingJobs } from "./jobs";
import type { Metrics } from "./metrics";
import { startScript } from "./script";

/** What came of an attempt. */
export interface AttemptOutcome {
    /** Why it ended before its time; undefined if it did not. */
    readonly interrupted: Interrupted | undefined;
    /** Why it failed; undefined if it succeeded. */
    readonly failure: string | undefined;
}

/** A job's training on all of its hosts: once, or as often as spot capacity is taken away or an instance fails. */
export interface Attempt {
    /** Once all hosts have ended. */
    readonly ended: Promise<AttemptOutcome>;
    /** SIGTERM to all hosts. */
    terminate(): void;
    /** SIGKILL to all hosts. */
    kill(): void;
    /** Keeps the checkpoints of all hosts, also of a job that failed: one with the same address begins with them. */
    finish(): Promise<void>;
    /** Keeps those alone that are in S3 already. */
    abandon(): Promise<undefined>;
}

export interface AttemptOptions {
    /** Of the hosts, with all that was downloaded. */
    readonly folders: readonly JobFolder[];
    readonly files: S3Files;
    readonly python: string;
    readonly image: Image;
    readonly metrics: Metrics;
    readonly checkpointInterval: number;
}

/** Starts the scripts of all hosts. */
export async function beginAttempt(
    context: TwinContext,
    jobs: TrainingJobs,
    job: TrainingJobDocument,
    { folders, files, python, image, metrics, checkpointInterval }: AttemptOptions,
): Promise<Attempt> {
    const environment = await meetingPoint(folders.map(({ host }) => host));
    let interrupted: Interrupted | undefined;
    const interruption = interruptionOf(context, job, (why) => {
        interrupted = why;
        scripts.kill();
    });
    const copies = await Promise.all(
        folders.map(({ checkpoints: folder }) =>
            copyCheckpoints({
                folder,
                uri: job.CheckpointConfig?.S3Uri,
                files,
                interval: checkpointInterval,
                onCopied: () => interruption.checkpointed(),
            }),
        ),
    );
    const scripts = together(
        folders.map((folder) => startScript(context, jobs, job, { folder, python, image, metrics, environment })),
    );
    interruption.start();
    return {
        ended: scripts.ended.then((failure) => {
            interruption.cancel();
            // It may have succeeded in the same moment.
            return { interrupted: failure === undefined ? undefined : interrupted, failure };
        }),
        terminate: scripts.terminate,
        kill: scripts.kill,
        async finish() {
            await clientErrors("Upload of checkpoints failed", () => Promise.all(copies.map((copy) => copy.finish())));
        },
        async abandon() {
            await Promise.all(copies.map((copy) => copy.abandon()));
            return undefined;
        },
    };
}

/** What fails in S3 is the customer's to mend: permissions, addresses. SageMaker calls it a ClientError. */
export async function clientErrors<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        throw new Error(`ClientError: ${what}: ${(error as Error).message}`, { cause: error });
    }
}
