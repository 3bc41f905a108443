import { rmSync } from "node:fs";
import type {
    CreateTrainingJobRequest,
    CreateTrainingJobResponse,
    DescribeTrainingJobRequest,
    DescribeTrainingJobResponse,
    ListTrainingJobsRequest,
    ListTrainingJobsResponse,
    StopTrainingJobRequest,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import { AwsError, type Operation } from "../../service";
import { authorize, passRole } from "../access";
import { page } from "../listing";
import type { Tags } from "../tags";
import { validationError } from "../validation";
import { canRetry, hasEnded, type TrainingJobDocument } from "./job";
import { createTrainingJobs, type TrainingJobs } from "./jobs";
import { checkTrainingRequest, newTrainingJob } from "./request";
import {
    jobsFolder,
    type RunningJob,
    runTrainingJob,
    checkpointInterval as usualCheckpointInterval,
    stopGrace as usualStopGrace,
} from "./run";

export interface TrainingOperations {
    CreateTrainingJob: Operation<CreateTrainingJobRequest, CreateTrainingJobResponse>;
    DescribeTrainingJob: Operation<DescribeTrainingJobRequest, DescribeTrainingJobResponse>;
    ListTrainingJobs: Operation<ListTrainingJobsRequest, ListTrainingJobsResponse>;
    StopTrainingJob: Operation<StopTrainingJobRequest, object>;
}

export interface TrainingOptions {
    /** Milliseconds between SIGTERM and SIGKILL when a job is stopped. @default 120000 */
    readonly stopGrace?: number;
    /** Milliseconds between two looks for checkpoints that are to be copied to S3. @default 500 */
    readonly checkpointInterval?: number;
}

export interface Training {
    readonly operations: TrainingOperations;
    readonly jobs: Pick<TrainingJobs, "get" | "watch">;
    /**
     * Starts a job on behalf of another part of SageMaker, which has checked the request and who asks for it.
     * @param more what the job has besides, for example the tuning job that it belongs to.
     */
    launch(request: CreateTrainingJobRequest, more: Partial<TrainingJobDocument>): void;
    /** Begins to stop a job, if it runs. */
    stop(name: string): void;
    /** Settles or retries the jobs that an earlier run of the twin left behind. To be called once all services are there. */
    start(): void;
    /** Ends the jobs' processes. */
    close(): Promise<void>;
}

export function createTraining(context: TwinContext, tags: Tags, options: TrainingOptions = {}): Training {
    const jobs = createTrainingJobs(context, tags);
    const running = new Map<string, RunningJob>();
    const { stopGrace = usualStopGrace, checkpointInterval = usualCheckpointInterval } = options;

    function existing(name: string | undefined): TrainingJobDocument {
        const job = name === undefined ? undefined : jobs.get(name);
        if (job === undefined) throw validationError("Requested resource not found.");
        return job;
    }

    function create(request: CreateTrainingJobRequest, more: Partial<TrainingJobDocument> = {}): TrainingJobDocument {
        const job = { ...newTrainingJob(request), ...more };
        const name = job.TrainingJobName ?? "";
        if (jobs.get(name) !== undefined) {
            throw new AwsError(
                "ResourceInUse",
                `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${job.TrainingJobArn})`,
            );
        }
        jobs.create(job, request.Tags);
        run(name);
        return job;
    }

    function run(name: string): void {
        const onEnd = () => void running.delete(name);
        running.set(name, runTrainingJob(context, jobs, name, { stopGrace, checkpointInterval, onEnd }));
    }

    return {
        jobs,
        launch: (request, more) => void create(request, more),
        stop: (name) => running.get(name)?.stop(),
        operations: {
            async CreateTrainingJob(request, caller) {
                checkTrainingRequest(request);
                authorize(context, caller, "CreateTrainingJob", ["training-job", request.TrainingJobName ?? ""]);
                passRole(context, caller, request.RoleArn ?? "");
                return { TrainingJobArn: create(request).TrainingJobArn };
            },
            async DescribeTrainingJob(request, caller) {
                authorize(context, caller, "DescribeTrainingJob", ["training-job", request.TrainingJobName ?? ""]);
                return existing(request.TrainingJobName);
            },
            async ListTrainingJobs(request, caller) {
                authorize(context, caller, "ListTrainingJobs", "*");
                const found = jobs
                    .list()
                    .filter(
                        (job) => request.StatusEquals === undefined || job.TrainingJobStatus === request.StatusEquals,
                    );
                const { items, NextToken } = page(request, found, (job) => ({
                    name: job.TrainingJobName ?? "",
                    created: job.CreationTime ?? new Date(0),
                    modified: job.LastModifiedTime ?? new Date(0),
                    status: job.TrainingJobStatus,
                }));
                return { TrainingJobSummaries: items.map(summary), NextToken };
            },
            async StopTrainingJob(request, caller) {
                authorize(context, caller, "StopTrainingJob", ["training-job", request.TrainingJobName ?? ""]);
                const job = existing(request.TrainingJobName);
                if (hasEnded(job)) {
                    throw validationError(
                        `The request was rejected because the training job is in status ${job.TrainingJobStatus}.`,
                    );
                }
                running.get(job.TrainingJobName ?? "")?.stop();
                return {};
            },
        },
        start() {
            // Folders of jobs that ran when the twin was killed.
            if (running.size === 0) rmSync(jobsFolder(context), { recursive: true, force: true });
            for (const job of jobs.list()) {
                const name = job.TrainingJobName ?? "";
                if (hasEnded(job) || running.has(name)) continue;
                if (job.TrainingJobStatus !== "Stopping" && canRetry(job)) {
                    jobs.advance(name, {
                        status: "InProgress",
                        secondary: "Starting",
                        message: "Starting the training job",
                    });
                    run(name);
                    continue;
                }
                jobs.advance(name, {
                    status: "Failed",
                    secondary: "Failed",
                    message: "Training job failed",
                    failureReason:
                        "InternalServerError: the local twin stopped while the job ran. Start the job again under another name.",
                });
            }
        },
        async close() {
            await Promise.all([...running.values()].map((job) => job.abandon()));
        },
    };
}

function summary(job: TrainingJobDocument) {
    return {
        TrainingJobName: job.TrainingJobName,
        TrainingJobArn: job.TrainingJobArn,
        CreationTime: job.CreationTime,
        TrainingEndTime: job.TrainingEndTime,
        LastModifiedTime: job.LastModifiedTime,
        TrainingJobStatus: job.TrainingJobStatus,
        SecondaryStatus: job.SecondaryStatus,
    };
}
