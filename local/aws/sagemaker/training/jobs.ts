import type { MetricData, Tag } from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import { type Documents, documentsOf } from "../documents";
import { eventDetail } from "../event-detail";
import type { Tags } from "../tags";
import { after, type TrainingJobDocument, type Transition } from "./job";

/** Hears of what becomes of training jobs, once it is stored. */
export interface TrainingWatcher {
    /** A job was created, or its status has changed. */
    changed(job: TrainingJobDocument): void;
    /** A job has printed metrics. */
    printed(job: TrainingJobDocument, metrics: readonly MetricData[]): void;
}

/** The training jobs in the store. Each change of status goes out as an event, in the same transaction. */
export interface TrainingJobs extends Pick<Documents<TrainingJobDocument>, "get" | "list"> {
    create(job: TrainingJobDocument, tags: readonly Tag[] | undefined): void;
    advance(name: string, transition: Transition, changes?: Partial<TrainingJobDocument>): void;
    /** @param final the last value of each metric @param printed those that are new, in order */
    recordMetrics(name: string, final: MetricData[], printed: readonly MetricData[]): void;
    watch(watcher: TrainingWatcher): void;
}

export function createTrainingJobs(context: TwinContext, tags: Tags): TrainingJobs {
    const documents = documentsOf<TrainingJobDocument>(context.store, "training-job");
    const watchers: TrainingWatcher[] = [];

    function change(job: TrainingJobDocument): void {
        // The environment is not in SageMaker's events.
        const { Environment: _, ...rest } = job;
        context.store.transaction(() => {
            documents.put(job.TrainingJobName ?? "", job);
            context.services().events.emit({
                source: "aws.sagemaker",
                detailType: "SageMaker Training Job State Change",
                resources: [job.TrainingJobArn ?? ""],
                detail: eventDetail(rest, tags.of(job.TrainingJobArn ?? "")),
            });
        });
        for (const watcher of watchers) watcher.changed(job);
    }

    return {
        get: documents.get,
        list: documents.list,
        create(job, jobTags) {
            context.store.transaction(() => {
                tags.set(job.TrainingJobArn ?? "", jobTags);
                change(job);
            });
        },
        advance(name, transition, changes) {
            const job = documents.get(name);
            if (job !== undefined) change({ ...after(job, transition), ...changes });
        },
        recordMetrics(name, final, printed) {
            const found = documents.get(name);
            if (found === undefined) return;
            const job = { ...found, FinalMetricDataList: final };
            documents.put(name, job);
            for (const watcher of watchers) watcher.printed(job, printed);
        },
        watch: (watcher) => void watchers.push(watcher),
    };
}
