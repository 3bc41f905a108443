import type {
    CreateHyperParameterTuningJobRequest,
    CreateHyperParameterTuningJobResponse,
    DeleteHyperParameterTuningJobRequest,
    DescribeHyperParameterTuningJobRequest,
    DescribeHyperParameterTuningJobResponse,
    ListHyperParameterTuningJobsRequest,
    ListHyperParameterTuningJobsResponse,
    ListTrainingJobsForHyperParameterTuningJobRequest,
    ListTrainingJobsForHyperParameterTuningJobResponse,
    StopHyperParameterTuningJobRequest,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import { checkMembers } from "../../protocol/constraints";
import { AwsError, type Operation } from "../../service";
import { authorize, passRole } from "../access";
import type { Tags } from "../tags";
import type { Training } from "../training";
import { hasEnded as hasTrained } from "../training/job";
import { validationError } from "../validation";
import { describeTuningJob } from "./description";
import { hasEnded, newTuningJob, type TuningJob } from "./job";
import { createTuningJobs } from "./jobs";
import { listTrials, listTuningJobs } from "./listings";
import { checkTuningRequest } from "./request";
import { type RunningTuningJob, runTuningJob } from "./run";
import { shapes } from "./shapes";
import { createTrials } from "./trials";

export { shapes as tuningShapes } from "./shapes";

export interface TuningOperations {
    CreateHyperParameterTuningJob: Operation<
        CreateHyperParameterTuningJobRequest,
        CreateHyperParameterTuningJobResponse
    >;
    DescribeHyperParameterTuningJob: Operation<
        DescribeHyperParameterTuningJobRequest,
        DescribeHyperParameterTuningJobResponse
    >;
    ListHyperParameterTuningJobs: Operation<ListHyperParameterTuningJobsRequest, ListHyperParameterTuningJobsResponse>;
    ListTrainingJobsForHyperParameterTuningJob: Operation<
        ListTrainingJobsForHyperParameterTuningJobRequest,
        ListTrainingJobsForHyperParameterTuningJobResponse
    >;
    StopHyperParameterTuningJob: Operation<StopHyperParameterTuningJobRequest, object>;
    DeleteHyperParameterTuningJob: Operation<DeleteHyperParameterTuningJobRequest, object>;
}

export interface Tuning {
    readonly operations: TuningOperations;
    /** Goes on with the jobs that an earlier run of the twin left behind, once their training jobs are settled. */
    start(): void;
    /** Ends the tuners. */
    close(): Promise<void>;
}

export function createTuning(context: TwinContext, tags: Tags, training: Training): Tuning {
    const trials = createTrials(context.store, training.jobs);
    const jobs = createTuningJobs(context, tags, trials);
    const running = new Map<string, RunningTuningJob>();

    training.jobs.watch({
        changed(job) {
            if (hasTrained(job)) running.get(job.TuningJobArn ?? "")?.ended(job.TrainingJobName ?? "");
        },
        printed(job, metrics) {
            const owner = running.get(job.TuningJobArn ?? "");
            if (owner === undefined) return;
            const { _tuning_objective_metric: objective } = job.HyperParameters ?? {};
            const values = metrics.flatMap(({ MetricName, Value }) => (MetricName === objective ? (Value ?? []) : []));
            if (values.length > 0) owner.printed(job.TrainingJobName ?? "", values);
        },
    });

    function run(job: TuningJob): void {
        const { HyperParameterTuningJobName: name, HyperParameterTuningJobArn: arn } = job;
        const onEnd = () => void running.delete(arn);
        running.set(arn, runTuningJob(context, { jobs, trials, training }, name, { tags: tags.of(arn), onEnd }));
    }

    function existing(name: string | undefined): TuningJob {
        const job = jobs.get(name ?? "");
        if (job !== undefined) return job;
        throw new AwsError("ResourceNotFound", `Amazon SageMaker can't find a tuning job with the name '${name}'.`);
    }

    return {
        operations: {
            async CreateHyperParameterTuningJob(request, caller) {
                const name = request.HyperParameterTuningJobName ?? "";
                check("CreateHyperParameterTuningJob", request);
                checkTuningRequest(request, { jobs, trials });
                authorize(context, caller, "CreateHyperParameterTuningJob", ["hyper-parameter-tuning-job", name]);
                passRole(context, caller, request.TrainingJobDefinition?.RoleArn ?? "");
                const taken = jobs.get(name);
                if (taken !== undefined) {
                    throw new AwsError(
                        "ResourceInUse",
                        `Hyperparameter tuning job names must be unique within an AWS account and region, and a tuning job with this name already exists (${taken.HyperParameterTuningJobArn})`,
                    );
                }
                const job = newTuningJob(request);
                jobs.create(job, request.Tags);
                run(job);
                return { HyperParameterTuningJobArn: job.HyperParameterTuningJobArn };
            },
            async DescribeHyperParameterTuningJob(request, caller) {
                check("DescribeHyperParameterTuningJob", request);
                const name = request.HyperParameterTuningJobName ?? "";
                authorize(context, caller, "DescribeHyperParameterTuningJob", ["hyper-parameter-tuning-job", name]);
                return describeTuningJob(existing(name), { jobs, trials });
            },
            async ListHyperParameterTuningJobs(request, caller) {
                check("ListHyperParameterTuningJobs", request);
                authorize(context, caller, "ListHyperParameterTuningJobs", "*");
                return listTuningJobs(request, jobs.list(), trials);
            },
            async ListTrainingJobsForHyperParameterTuningJob(request, caller) {
                check("ListTrainingJobsForHyperParameterTuningJob", request);
                const { HyperParameterTuningJobName: name = "" } = request;
                const resource = ["hyper-parameter-tuning-job", name] as const;
                authorize(context, caller, "ListTrainingJobsForHyperParameterTuningJob", resource);
                return listTrials(request, existing(name), trials);
            },
            async StopHyperParameterTuningJob(request, caller) {
                check("StopHyperParameterTuningJob", request);
                const name = request.HyperParameterTuningJobName ?? "";
                authorize(context, caller, "StopHyperParameterTuningJob", ["hyper-parameter-tuning-job", name]);
                const job = existing(name);
                if (hasEnded(job)) {
                    throw validationError(
                        `The request was rejected because the hyperparameter tuning job is in status ${job.HyperParameterTuningJobStatus}.`,
                    );
                }
                if (job.HyperParameterTuningJobStatus !== "Stopping")
                    running.get(job.HyperParameterTuningJobArn)?.stop();
                return {};
            },
            async DeleteHyperParameterTuningJob(request, caller) {
                check("DeleteHyperParameterTuningJob", request);
                const name = request.HyperParameterTuningJobName ?? "";
                authorize(context, caller, "DeleteHyperParameterTuningJob", ["hyper-parameter-tuning-job", name]);
                const job = existing(name);
                if (!hasEnded(job)) {
                    throw validationError(
                        `The request was rejected because the hyperparameter tuning job is in status ${job.HyperParameterTuningJobStatus}. Stop it first.`,
                    );
                }
                jobs.remove(name);
                return {};
            },
        },
        start() {
            for (const job of jobs.list()) {
                if (!hasEnded(job) && !running.has(job.HyperParameterTuningJobArn)) run(job);
            }
        },
        async close() {
            await Promise.all([...running.values()].map((job) => job.abandon()));
        },
    };
}

function check(operation: keyof typeof shapes, request: object): void {
    checkMembers("sagemaker", operation, shapes[operation], request);
}
