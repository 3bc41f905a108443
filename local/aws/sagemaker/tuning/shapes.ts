// What the operations of tuning jobs take, by AWS's model of the API.
import { oneOf, range, type Shape, type StringShape, type Structure, structure, text } from "../../protocol/shape";

const jobName = text(1, 32, "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}");
const metricName = text(1, 255, ".+");
const parameterKey = text(0, 256, ".*");
const parameterValue = text(0, 256, ".*");
const s3Uri = text(0, 1024, "(https|s3)://([^/]+)/?(.*)");
const kmsKey = text(0, 2048, "[a-zA-Z0-9:/_-]*");
const inputMode = oneOf("Pipe", "File", "FastFile");
const flag: Shape = { type: "boolean" };
const time: Shape = { type: "timestamp" };
const integer: Shape = { type: "integer" };
const any: StringShape = { type: "string" };
const unsupported: Shape = { type: "unsupported" };
const listOf = (member: Shape, min: number, max?: number): Shape =>
    max === undefined ? { type: "list", member, min } : { type: "list", member, min, max };
const mapOf = (key: StringShape, value: Shape, max: number): Shape => ({ type: "map", key, value, max });

const objective = structure({ Type: oneOf("Maximize", "Minimize"), MetricName: metricName }, "Type", "MetricName");
const numericRange = structure(
    {
        Name: parameterKey,
        MinValue: parameterValue,
        MaxValue: parameterValue,
        ScalingType: oneOf("Auto", "Linear", "Logarithmic", "ReverseLogarithmic"),
    },
    "Name",
    "MinValue",
    "MaxValue",
);
const parameterRanges = structure({
    IntegerParameterRanges: listOf(numericRange, 0, 30),
    ContinuousParameterRanges: listOf(numericRange, 0, 30),
    CategoricalParameterRanges: listOf(
        structure({ Name: parameterKey, Values: listOf(parameterValue, 1, 30) }, "Name", "Values"),
        0,
        30,
    ),
    AutoParameters: unsupported,
});

const config = structure(
    {
        Strategy: oneOf("Bayesian", "Random", "Hyperband", "Grid"),
        StrategyConfig: structure({
            HyperbandStrategyConfig: structure({ MinResource: range(1), MaxResource: range(1) }),
        }),
        HyperParameterTuningJobObjective: objective,
        ResourceLimits: structure(
            {
                MaxNumberOfTrainingJobs: range(1),
                MaxParallelTrainingJobs: range(1),
                MaxRuntimeInSeconds: range(120, 15_768_000),
            },
            "MaxParallelTrainingJobs",
        ),
        ParameterRanges: parameterRanges,
        TrainingJobEarlyStoppingType: oneOf("Off", "Auto"),
        TuningJobCompletionCriteria: structure({
            TargetObjectiveMetricValue: { type: "number" },
            BestObjectiveNotImproving: structure({ MaxNumberOfTrainingJobsNotImproving: range(3) }),
            ConvergenceDetected: structure({ CompleteOnConvergence: oneOf("Disabled", "Enabled") }),
        }),
        RandomSeed: range(0),
    },
    "Strategy",
    "ResourceLimits",
);

const channel = structure(
    {
        ChannelName: text(1, 64, "[A-Za-z0-9\\.\\-_]+"),
        DataSource: structure({
            S3DataSource: structure(
                {
                    S3DataType: oneOf("ManifestFile", "S3Prefix", "AugmentedManifestFile", "Converse"),
                    S3Uri: s3Uri,
                    S3DataDistributionType: oneOf("FullyReplicated", "ShardedByS3Key"),
                },
                "S3DataType",
                "S3Uri",
            ),
            FileSystemDataSource: unsupported,
            DatasetSource: unsupported,
        }),
        ContentType: text(0, 256, ".*"),
        CompressionType: oneOf("None", "Gzip"),
        RecordWrapperType: oneOf("None", "RecordIO"),
        InputMode: inputMode,
        ShuffleConfig: structure({ Seed: integer }, "Seed"),
    },
    "ChannelName",
    "DataSource",
);

const definition = structure(
    {
        DefinitionName: text(1, 64, "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,63}"),
        TuningObjective: objective,
        HyperParameterRanges: parameterRanges,
        StaticHyperParameters: mapOf(parameterKey, text(0, 2500, ".*"), 100),
        AlgorithmSpecification: structure(
            {
                TrainingImage: text(0, 255, ".*"),
                TrainingInputMode: inputMode,
                AlgorithmName: unsupported,
                MetricDefinitions: listOf(
                    structure({ Name: metricName, Regex: text(1, 500, ".+") }, "Name", "Regex"),
                    0,
                    40,
                ),
            },
            "TrainingInputMode",
        ),
        RoleArn: text(20, 2048, "arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"),
        InputDataConfig: listOf(channel, 1, 20),
        VpcConfig: structure(
            {
                SecurityGroupIds: listOf(text(0, 32, "[-0-9a-zA-Z]+"), 1, 5),
                Subnets: listOf(text(0, 32, "[-0-9a-zA-Z]+"), 1, 16),
            },
            "SecurityGroupIds",
            "Subnets",
        ),
        OutputDataConfig: structure(
            { KmsKeyId: kmsKey, S3OutputPath: s3Uri, CompressionType: oneOf("GZIP", "NONE") },
            "S3OutputPath",
        ),
        ResourceConfig: structure({
            InstanceType: any,
            InstanceCount: range(0),
            VolumeSizeInGB: range(0),
            VolumeKmsKeyId: kmsKey,
            KeepAlivePeriodInSeconds: range(0, 21_600),
            InstanceGroups: unsupported,
            InstancePreferences: unsupported,
        }),
        HyperParameterTuningResourceConfig: unsupported,
        StoppingCondition: structure({
            MaxRuntimeInSeconds: range(1),
            MaxWaitTimeInSeconds: range(1),
            MaxPendingTimeInSeconds: range(1800, 2_419_200),
        }),
        EnableNetworkIsolation: flag,
        EnableInterContainerTrafficEncryption: flag,
        EnableManagedSpotTraining: flag,
        CheckpointConfig: structure({ S3Uri: s3Uri, LocalPath: text(0, 4096, ".*") }, "S3Uri"),
        RetryStrategy: structure({ MaximumRetryAttempts: range(1, 30) }, "MaximumRetryAttempts"),
        Environment: mapOf(text(0, 512, "[a-zA-Z_][a-zA-Z0-9_]*"), text(0, 512, "[\\S\\s]*"), 48),
    },
    "AlgorithmSpecification",
    "RoleArn",
    "OutputDataConfig",
    "StoppingCondition",
);

const tagText = "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)";
const nextToken = text(0, 8192, ".*");
const page = range(1, 100);
const order = oneOf("Ascending", "Descending");

/** By operation. */
export const shapes = {
    CreateHyperParameterTuningJob: structure(
        {
            HyperParameterTuningJobName: jobName,
            HyperParameterTuningJobConfig: config,
            TrainingJobDefinition: definition,
            TrainingJobDefinitions: unsupported,
            WarmStartConfig: structure(
                {
                    ParentHyperParameterTuningJobs: listOf(structure({ HyperParameterTuningJobName: jobName }), 1, 5),
                    WarmStartType: oneOf("IdenticalDataAndAlgorithm", "TransferLearning"),
                },
                "ParentHyperParameterTuningJobs",
                "WarmStartType",
            ),
            Tags: listOf(
                structure({ Key: text(1, 128, tagText), Value: text(0, 256, tagText) }, "Key", "Value"),
                0,
                50,
            ),
            Autotune: unsupported,
        },
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobConfig",
    ),
    DescribeHyperParameterTuningJob: structure({ HyperParameterTuningJobName: jobName }, "HyperParameterTuningJobName"),
    DeleteHyperParameterTuningJob: structure({ HyperParameterTuningJobName: jobName }, "HyperParameterTuningJobName"),
    StopHyperParameterTuningJob: structure({ HyperParameterTuningJobName: jobName }, "HyperParameterTuningJobName"),
    ListHyperParameterTuningJobs: structure({
        NextToken: nextToken,
        MaxResults: page,
        SortBy: oneOf("Name", "Status", "CreationTime"),
        SortOrder: order,
        NameContains: text(0, 63, "[a-zA-Z0-9\\-]+"),
        CreationTimeAfter: time,
        CreationTimeBefore: time,
        LastModifiedTimeAfter: time,
        LastModifiedTimeBefore: time,
        StatusEquals: oneOf("Completed", "InProgress", "Failed", "Stopped", "Stopping", "Deleting", "DeleteFailed"),
    }),
    ListTrainingJobsForHyperParameterTuningJob: structure(
        {
            HyperParameterTuningJobName: jobName,
            NextToken: nextToken,
            MaxResults: page,
            StatusEquals: oneOf("InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting"),
            SortBy: oneOf("Name", "CreationTime", "Status", "FinalObjectiveMetricValue"),
            SortOrder: order,
        },
        "HyperParameterTuningJobName",
    ),
} as const satisfies Readonly<Record<string, Structure>>;
