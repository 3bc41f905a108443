import type { HyperParameterTuningJobStatus, Tag } from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import { type Documents, documentsOf } from "../documents";
import { eventDetail } from "../event-detail";
import type { Tags } from "../tags";
import { type Ending, type TuningJob, withStatus } from "./job";
import { objectiveCounters, statusCounters, type Trials } from "./trials";

/** The tuning jobs in the store. Names differ by more than case. Each change of status goes out as an event. */
export interface TuningJobs extends Pick<Documents<TuningJob>, "get" | "list"> {
    create(job: TuningJob, tags: readonly Tag[] | undefined): void;
    advance(name: string, status: HyperParameterTuningJobStatus, reason?: string): void;
    /** Forgets a job that has ended, and its training jobs as its own; they stay as training jobs. */
    remove(name: string): void;
    /** Keeps how a job is to end once its training jobs have. */
    decide(name: string, ending: Ending): void;
}

export function createTuningJobs(context: TwinContext, tags: Tags, trials: Trials): TuningJobs {
    const documents = documentsOf<TuningJob>(context.store, "hyper-parameter-tuning-job");
    const keyOf = (name: string) => name.toLowerCase();

    function change(job: TuningJob): void {
        context.store.transaction(() => {
            documents.put(keyOf(job.HyperParameterTuningJobName), job);
            const own = trials.of(job.HyperParameterTuningJobName);
            const { Environment: _, ...definition } = job.TrainingJobDefinition ?? {};
            context.services().events.emit({
                source: "aws.sagemaker",
                detailType: "SageMaker HyperParameter Tuning Job State Change",
                resources: [job.HyperParameterTuningJobArn],
                detail: eventDetail(
                    {
                        HyperParameterTuningJobName: job.HyperParameterTuningJobName,
                        HyperParameterTuningJobArn: job.HyperParameterTuningJobArn,
                        TrainingJobDefinition: definition,
                        HyperParameterTuningJobStatus: job.HyperParameterTuningJobStatus,
                        CreationTime: job.CreationTime,
                        LastModifiedTime: job.LastModifiedTime,
                        TrainingJobStatusCounters: statusCounters(own),
                        ObjectiveStatusCounters: objectiveCounters(own),
                    },
                    tags.of(job.HyperParameterTuningJobArn),
                ),
            });
        });
    }

    const get = (name: string) => documents.get(keyOf(name));
    return {
        get,
        list: documents.list,
        create(job, jobTags) {
            context.store.transaction(() => {
                tags.set(job.HyperParameterTuningJobArn, jobTags);
                change(job);
            });
        },
        advance(name, status, reason) {
            const job = get(name);
            if (job !== undefined) change(withStatus(job, status, reason));
        },
        remove(name) {
            const job = get(name);
            if (job === undefined) return;
            context.store.transaction(() => {
                documents.remove(keyOf(name));
                tags.forget(job.HyperParameterTuningJobArn);
                trials.forget(job.HyperParameterTuningJobName);
            });
        },
        decide(name, ending) {
            const job = get(name);
            if (job !== undefined) documents.put(keyOf(name), { ...job, ending });
        },
    };
}
