import type { DescribeTrainingJobResponse, SecondaryStatus, TrainingJobStatus } from "@aws-sdk/client-sagemaker";

/** A training job as it is stored: what DescribeTrainingJob answers. */
export type TrainingJobDocument = Omit<DescribeTrainingJobResponse, "$metadata">;

/** A step of a job's life. */
export interface Transition {
    readonly status: TrainingJobStatus;
    readonly secondary: SecondaryStatus;
    readonly message: string;
    readonly failureReason?: string;
}

const finalStatuses: readonly (TrainingJobStatus | undefined)[] = ["Completed", "Failed", "Stopped"];

/** Whether nothing will happen to the job any more. */
export function hasEnded(job: TrainingJobDocument): boolean {
    return finalStatuses.includes(job.TrainingJobStatus);
}

/** Whether a job that fails because of the service itself, here of an instance or the twin, is tried again. */
export function canRetry({ RetryStrategy, SecondaryStatusTransitions: steps = [] }: TrainingJobDocument): boolean {
    const count = (status: SecondaryStatus) => steps.filter(({ Status }) => Status === status).length;
    // Each beginning but the first follows an interruption of spot capacity or is a retry.
    const retries = count("Starting") - 1 - count("Interrupted");
    return retries < (RetryStrategy?.MaximumRetryAttempts ?? 0);
}

/** The job after a transition at `now`. The original is left as it is. */
export function after(job: TrainingJobDocument, transition: Transition, now = new Date()): TrainingJobDocument {
    const { status, secondary, message, failureReason } = transition;
    const earlier = (job.SecondaryStatusTransitions ?? []).map((step) => ({ ...step, EndTime: step.EndTime ?? now }));
    const next: TrainingJobDocument = {
        ...job,
        TrainingJobStatus: status,
        SecondaryStatus: secondary,
        LastModifiedTime: now,
        SecondaryStatusTransitions: [...earlier, { Status: secondary, StartTime: now, StatusMessage: message }],
    };
    // A spot job trains more than once.
    if (secondary === "Training") next.TrainingStartTime ??= now;
    if (failureReason !== undefined) next.FailureReason = failureReason.slice(0, 1024);
    return hasEnded(next) ? ended(next, now) : next;
}

/** What of the time on spot capacity is billed. AWS counts by the price of the hour: up to 90 % are saved. */
const spotShare = 0.3;

function ended(job: TrainingJobDocument, now: Date): TrainingJobDocument {
    const steps = job.SecondaryStatusTransitions ?? [];
    const seconds =
        job.TrainingStartTime === undefined
            ? undefined
            : Math.max(1, Math.round((now.getTime() - job.TrainingStartTime.getTime()) / 1000));
    return {
        ...job,
        TrainingEndTime: now,
        TrainingTimeInSeconds: seconds,
        BillableTimeInSeconds: job.EnableManagedSpotTraining === true ? spotSeconds(steps, now) : seconds,
        SecondaryStatusTransitions: steps.map((step) => ({ ...step, EndTime: step.EndTime ?? now })),
    };
}

function spotSeconds(steps: NonNullable<TrainingJobDocument["SecondaryStatusTransitions"]>, now: Date): number {
    const trained = steps
        .filter(({ Status }) => Status === "Training")
        .map(({ StartTime = now, EndTime = now }) => EndTime.getTime() - StartTime.getTime());
    return Math.max(1, Math.round((trained.reduce((sum, each) => sum + each, 0) / 1000) * spotShare));
}
