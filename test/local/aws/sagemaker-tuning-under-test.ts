import {
    CreateHyperParameterTuningJobCommand,
    type CreateHyperParameterTuningJobCommandInput,
    DescribeHyperParameterTuningJobCommand,
    type DescribeHyperParameterTuningJobCommandOutput,
    type HyperParameterTrainingJobSummary,
    type HyperParameterTuningJobConfig,
    ListTrainingJobsForHyperParameterTuningJobCommand,
} from "@aws-sdk/client-sagemaker";
import { archive, bucket, fixture, image, type SageMakerUnderTest, startSageMaker } from "./sagemaker-under-test";

/** SageMaker with the training script of the fixtures as its source archive. */
export async function startTuningTwin(): Promise<SageMakerUnderTest> {
    const twin = await startSageMaker({ stopGrace: 300 });
    await twin.put("source.tar.gz", await archive({ "tune.py": fixture("tune.py") }));
    return twin;
}

export interface TuningUnderTest {
    readonly strategy?: HyperParameterTuningJobConfig["Strategy"];
    readonly jobs?: number;
    readonly parallel?: number;
    readonly ranges?: HyperParameterTuningJobConfig["ParameterRanges"];
    readonly statics?: Readonly<Record<string, string>>;
    readonly config?: Partial<HyperParameterTuningJobConfig>;
    readonly definition?: Partial<CreateHyperParameterTuningJobCommandInput["TrainingJobDefinition"]>;
    readonly more?: Partial<CreateHyperParameterTuningJobCommandInput>;
}

/** A request for a tuning job that maximizes what the fixture prints as its objective. */
export function tuningRequest(
    { roleArn }: Pick<SageMakerUnderTest, "roleArn">,
    name: string,
    { strategy = "Random", jobs = 3, parallel = 2, ranges, statics, config, definition, more }: TuningUnderTest = {},
): CreateHyperParameterTuningJobCommandInput {
    return {
        HyperParameterTuningJobName: name,
        HyperParameterTuningJobConfig: {
            Strategy: strategy,
            HyperParameterTuningJobObjective: { Type: "Maximize", MetricName: "objective" },
            ResourceLimits: { MaxNumberOfTrainingJobs: jobs, MaxParallelTrainingJobs: parallel },
            ParameterRanges: ranges ?? {
                ContinuousParameterRanges: [{ Name: "quality", MinValue: "0", MaxValue: "1" }],
            },
            RandomSeed: 1,
            ...config,
        },
        TrainingJobDefinition: {
            StaticHyperParameters: {
                sagemaker_program: '"tune.py"',
                sagemaker_submit_directory: `"s3://${bucket}/source.tar.gz"`,
                ...statics,
            },
            AlgorithmSpecification: {
                TrainingImage: image,
                TrainingInputMode: "File",
                MetricDefinitions: [{ Name: "objective", Regex: "objective=([0-9.]+);" }],
            },
            RoleArn: roleArn,
            OutputDataConfig: { S3OutputPath: `s3://${bucket}/trials` },
            ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 5 },
            StoppingCondition: { MaxRuntimeInSeconds: 3600 },
            ...definition,
        },
        ...more,
    };
}

export async function startTuning(twin: SageMakerUnderTest, name: string, tuning: TuningUnderTest = {}): Promise<void> {
    await twin.sagemaker.send(new CreateHyperParameterTuningJobCommand(tuningRequest(twin, name, tuning)));
}

/** Waits until a tuning job satisfies a condition. */
export async function tuningWhere(
    { sagemaker }: Pick<SageMakerUnderTest, "sagemaker">,
    HyperParameterTuningJobName: string,
    condition: (job: DescribeHyperParameterTuningJobCommandOutput) => boolean,
): Promise<DescribeHyperParameterTuningJobCommandOutput> {
    for (;;) {
        const job = await sagemaker.send(new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName }));
        if (condition(job)) return job;
        await new Promise((resolve) => setTimeout(resolve, 30));
    }
}

/** Waits for the end of a tuning job. */
export function tuned(under: Pick<SageMakerUnderTest, "sagemaker">, name: string) {
    return tuningWhere(under, name, ({ HyperParameterTuningJobStatus = "" }) =>
        ["Completed", "Failed", "Stopped"].includes(HyperParameterTuningJobStatus),
    );
}

/** The training jobs of a tuning job, by name. */
export async function trialsOf(
    { sagemaker }: Pick<SageMakerUnderTest, "sagemaker">,
    HyperParameterTuningJobName: string,
): Promise<HyperParameterTrainingJobSummary[]> {
    const { TrainingJobSummaries } = await sagemaker.send(
        new ListTrainingJobsForHyperParameterTuningJobCommand({ HyperParameterTuningJobName, MaxResults: 100 }),
    );
    return TrainingJobSummaries ?? [];
}
