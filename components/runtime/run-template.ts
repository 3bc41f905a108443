import { randomBytes } from "node:crypto";
import type {
    CreateHyperParameterTuningJobCommandInput,
    CreateTrainingJobCommandInput,
} from "@aws-sdk/client-sagemaker";
import { variables } from "./job-variables";

/** What all runs of a training or tuning job have in common, as the component keeps it in its own bucket. */
export type RunTemplate = TrainingTemplate | TuningTemplate;

interface AnyTemplate {
    /** Names of runs begin with this and a hyphen. */
    readonly namePrefix: string;
    /** S3 address below which each job puts what it makes. */
    readonly outputPath: string;
}

export interface TrainingTemplate extends AnyTemplate {
    readonly training: Omit<CreateTrainingJobCommandInput, "TrainingJobName" | "OutputDataConfig"> & {
        readonly OutputDataConfig?: { readonly KmsKeyId?: string };
    };
}

export interface TuningTemplate extends AnyTemplate {
    readonly tuning: Omit<CreateHyperParameterTuningJobCommandInput, "HyperParameterTuningJobName">;
}

/** What a run learns from and is judged by: S3 addresses of folders. */
export interface RunData {
    readonly train: string;
    readonly test: string;
}

/** What a run may change of its template. */
export interface RunLimits {
    /** Trials at most; of tuning jobs. */
    readonly jobs?: number;
    /** Trials at a time; of tuning jobs. */
    readonly parallel?: number;
    /** Seconds after which it is stopped. */
    readonly seconds?: number;
}

/** Reads a template. @throws Error when it is none. */
export function readTemplate(text: string, where: string): RunTemplate {
    const template = JSON.parse(text) as Partial<TrainingTemplate & TuningTemplate> | null;
    if (
        typeof template?.namePrefix !== "string" ||
        typeof template.outputPath !== "string" ||
        (template.training === undefined) === (template.tuning === undefined)
    ) {
        throw new Error(
            `${where} is no request template: it needs namePrefix, outputPath, and training or tuning. Deploy the program again.`,
        );
    }
    return template as RunTemplate;
}

/** Whether runs of a template are tuning jobs. */
export function isTuning(template: RunTemplate): template is TuningTemplate {
    return "tuning" in template;
}

/** S3 address of the folder where data sets and what jobs make go, with a slash at its end. */
export function artifactsOf({ outputPath }: RunTemplate): string {
    return outputPath.replace(/jobs\/?$/, "");
}

/** The KMS key that the runs of a template encrypt what they make with; undefined for AWS's. */
export function encryptionOf(template: RunTemplate): string | undefined {
    const definition = isTuning(template) ? template.tuning.TrainingJobDefinition : template.training;
    return definition?.OutputDataConfig?.KmsKeyId;
}

/** What the jobs of a run are made with, by names as SageMaker has them. Values are JSON. */
export function fixedHyperparameters(template: RunTemplate): Readonly<Record<string, string>> {
    return isTuning(template)
        ? (template.tuning.TrainingJobDefinition?.StaticHyperParameters ?? {})
        : (template.training.HyperParameters ?? {});
}

/** One of {@link fixedHyperparameters} as a text; undefined where it is not fixed. */
export function hyperparameterOf(template: RunTemplate, name: string): string | undefined {
    const value = fixedHyperparameters(template)[name];
    if (value === undefined) return undefined;
    try {
        return String(JSON.parse(value));
    } catch {
        return value;
    }
}

/** The request that starts a run of a training job. */
export function trainingRequest(
    { training, outputPath }: TrainingTemplate,
    name: string,
    data: RunData,
    { seconds }: RunLimits,
    artifacts = outputPath,
): CreateTrainingJobCommandInput {
    return {
        ...training,
        TrainingJobName: name,
        InputDataConfig: [...(training.InputDataConfig ?? []), channel("train", data.train)],
        OutputDataConfig: { ...training.OutputDataConfig, S3OutputPath: artifacts },
        ...checkpoints(training.CheckpointConfig, name),
        Environment: { ...training.Environment, [variables.testSet]: data.test },
        StoppingCondition: stoppingCondition(training.StoppingCondition, seconds),
    };
}

type StoppingCondition = CreateTrainingJobCommandInput["StoppingCondition"];

/** Spot capacity is waited for twice as long as the run may take, or as long as the program says. */
function stoppingCondition(given: StoppingCondition, seconds: number | undefined): StoppingCondition {
    if (seconds === undefined) return given;
    const { MaxRuntimeInSeconds: run = 0, MaxWaitTimeInSeconds: wait } = given ?? {};
    return {
        MaxRuntimeInSeconds: seconds,
        ...(wait === undefined ? {} : { MaxWaitTimeInSeconds: Math.max(wait === 2 * run ? 0 : wait, 2 * seconds) }),
    };
}

/** The request that starts a run of a tuning job. */
export function tuningRequest(
    { tuning, outputPath }: TuningTemplate,
    name: string,
    data: RunData,
    { jobs, parallel, seconds }: RunLimits,
    artifacts = outputPath,
): CreateHyperParameterTuningJobCommandInput {
    const { HyperParameterTuningJobConfig: config, TrainingJobDefinition: definition } = tuning;
    if (config === undefined || definition === undefined) {
        throw new Error("The request template of the tuning job lacks its configuration. Deploy the program again.");
    }
    const limits = config.ResourceLimits;
    const most = jobs ?? limits?.MaxNumberOfTrainingJobs;
    const together = parallel ?? limits?.MaxParallelTrainingJobs;
    return {
        ...tuning,
        HyperParameterTuningJobName: name,
        HyperParameterTuningJobConfig: {
            ...config,
            ResourceLimits: {
                ...limits,
                MaxNumberOfTrainingJobs: most,
                // SageMaker refuses more at a time than there are.
                MaxParallelTrainingJobs:
                    most === undefined || together === undefined ? together : Math.min(together, most),
                ...(seconds === undefined ? {} : { MaxRuntimeInSeconds: seconds }),
            },
        },
        TrainingJobDefinition: {
            ...definition,
            InputDataConfig: [...(definition.InputDataConfig ?? []), channel("train", data.train)],
            OutputDataConfig: { ...definition.OutputDataConfig, S3OutputPath: artifacts },
            ...checkpoints(definition.CheckpointConfig, name),
            Environment: { ...definition.Environment, [variables.testSet]: data.test },
        },
    };
}

/** Checkpoints of each run are in a folder of their own: one that began before must not be gone on with. */
function checkpoints(
    config: CreateTrainingJobCommandInput["CheckpointConfig"],
    name: string,
): Pick<CreateTrainingJobCommandInput, "CheckpointConfig"> {
    if (config?.S3Uri === undefined) return {};
    return { CheckpointConfig: { ...config, S3Uri: `${config.S3Uri.replace(/\/$/, "")}/${name}/` } };
}

function channel(name: string, uri: string): NonNullable<CreateTrainingJobCommandInput["InputDataConfig"]>[number] {
    return {
        ChannelName: name,
        ContentType: "text/csv",
        InputMode: "File",
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" } },
    };
}

/** Longest name of a tuning job. */
const LONGEST_TUNING_NAME = 32;

/**
 * A name for a run: it sorts by time, and two runs in the same second still differ. `TrainingJob` keeps its prefix short
 * enough for `-eval`; where a tuning job's leaves too little room, the time is in base 36.
 */
export function runName(template: RunTemplate, now = new Date()): string {
    const prefix = template.namePrefix.replace(/-$/, "");
    const random = randomBytes(2).toString("hex");
    const time = now
        .toISOString()
        .replaceAll(/[-:]|\.\d+Z/g, "")
        .replace("T", "-");
    const name = `${prefix}-${time}-${random}`;
    if (!isTuning(template) || name.length <= LONGEST_TUNING_NAME) return name;
    return `${prefix}-${Math.floor(now.getTime() / 1000).toString(36)}${random}`;
}
