import type {
    CreateHyperParameterTuningJobRequest,
    DescribeHyperParameterTuningJobResponse,
    HyperParameterTrainingJobDefinition,
    HyperParameterTuningJobConfig,
    HyperParameterTuningJobObjective,
    HyperParameterTuningJobStatus,
} from "@aws-sdk/client-sagemaker";
import { arnOf } from "../names";
import { validationError } from "../validation";

/** What DescribeHyperParameterTuningJob answers. */
export type TuningJobDescription = Omit<DescribeHyperParameterTuningJobResponse, "$metadata">;

/** What of a description follows from the training jobs, and is not stored. */
type Derived =
    | "TrainingJobStatusCounters"
    | "ObjectiveStatusCounters"
    | "BestTrainingJob"
    | "OverallBestTrainingJob"
    | "TuningJobCompletionDetails"
    | "ConsumedResources";

/** A tuning job as it is stored. */
export interface TuningJob extends Omit<TuningJobDescription, Derived> {
    readonly HyperParameterTuningJobName: string;
    readonly HyperParameterTuningJobArn: string;
    readonly HyperParameterTuningJobConfig: HyperParameterTuningJobConfig;
    readonly TrainingJobDefinition: HyperParameterTrainingJobDefinition;
    readonly CreationTime: Date;
    /** What the tuner draws by: the request's RandomSeed, or one of the twin's own. */
    readonly seed: number;
    /** What the job is to end as, decided while training jobs still run. Not in what AWS describes. */
    readonly ending?: Ending;
}

/** How a tuning job ends once its training jobs have. */
export interface Ending {
    readonly status: "Completed" | "Stopped" | "Failed";
    readonly reason?: string;
}

const finalStatuses: readonly (HyperParameterTuningJobStatus | undefined)[] = ["Completed", "Failed", "Stopped"];

/** Whether nothing will happen to the job any more. */
export function hasEnded(job: TuningJob): boolean {
    return finalStatuses.includes(job.HyperParameterTuningJobStatus);
}

/** Optuna's seeds go up to this. */
const seeds = 2 ** 32;

/** The job that a checked request makes, as it is at its start. */
export function newTuningJob(
    { Tags: _tags, Autotune: _autotune, ...described }: CreateHyperParameterTuningJobRequest,
    now = new Date(),
): TuningJob {
    const { HyperParameterTuningJobName: name, HyperParameterTuningJobConfig, TrainingJobDefinition } = described;
    if (name === undefined || HyperParameterTuningJobConfig === undefined || TrainingJobDefinition === undefined) {
        throw validationError("HyperParameterTuningJobName, its Config or TrainingJobDefinition is missing.");
    }
    return {
        ...described,
        HyperParameterTuningJobConfig,
        TrainingJobDefinition,
        HyperParameterTuningJobName: name,
        HyperParameterTuningJobArn: arnOf("hyper-parameter-tuning-job", name),
        HyperParameterTuningJobStatus: "InProgress",
        CreationTime: now,
        LastModifiedTime: now,
        seed: HyperParameterTuningJobConfig.RandomSeed ?? Math.floor(Math.random() * seeds),
    };
}

/** The job with another status. The original is left as it is. */
export function withStatus(
    job: TuningJob,
    status: HyperParameterTuningJobStatus,
    reason?: string,
    now = new Date(),
): TuningJob {
    const next: TuningJob = { ...job, HyperParameterTuningJobStatus: status, LastModifiedTime: now };
    const described = reason === undefined ? next : { ...next, FailureReason: reason.slice(0, 1024) };
    return hasEnded(described) ? { ...described, HyperParameterTuningEndTime: now } : described;
}

export function objectiveOf({ HyperParameterTuningJobConfig: config }: TuningJob): HyperParameterTuningJobObjective {
    return config.HyperParameterTuningJobObjective ?? { Type: undefined, MetricName: undefined };
}
