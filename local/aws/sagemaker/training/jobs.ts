import type { MetricData, Tag } from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import { type Documents, documentsOf } from "../documents";
import type { Tags } from "../tags";
import { after, type TrainingJobDocument, type Transition } from "./job";

/** The training jobs in the store. Each change of status goes out as an event, in the same transaction. */
export interface TrainingJobs extends Pick<Documents<TrainingJobDocument>, "get" | "list"> {
    create(job: TrainingJobDocument, tags: readonly Tag[] | undefined): void;
    advance(name: string, transition: Transition, changes?: Partial<TrainingJobDocument>): void;
    recordMetrics(name: string, metrics: MetricData[]): void;
}

export function createTrainingJobs(context: TwinContext, tags: Tags): TrainingJobs {
    const documents = documentsOf<TrainingJobDocument>(context.store, "training-job");

    function change(job: TrainingJobDocument): void {
        context.store.transaction(() => {
            documents.put(job.TrainingJobName ?? "", job);
            context.services().events.emit({
                source: "aws.sagemaker",
                detailType: "SageMaker Training Job State Change",
                resources: [job.TrainingJobArn ?? ""],
                detail: eventDetail(job, tags.of(job.TrainingJobArn ?? "")),
            });
        });
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
        recordMetrics(name, metrics) {
            const job = documents.get(name);
            if (job !== undefined) documents.put(name, { ...job, FinalMetricDataList: metrics });
        },
    };
}

/** As SageMaker's event has it: like DescribeTrainingJob, times in milliseconds, without the environment. */
function eventDetail(job: TrainingJobDocument, tags: readonly Tag[]): Record<string, unknown> {
    const { Environment: _, ...rest } = job;
    const detail = JSON.parse(
        JSON.stringify(rest, function (this: Record<string, unknown>, key, value) {
            const own = this[key];
            return own instanceof Date ? own.getTime() : value;
        }),
    );
    return { ...detail, Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
}
