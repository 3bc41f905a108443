import type { CreateTrainingJobRequest } from "@aws-sdk/client-sagemaker";
import { imageOf } from "../images";
import { arnOf } from "../names";
import { parseS3Uri } from "../s3-files";
import { Problems, validationError } from "../validation";
import type { TrainingJobDocument } from "./job";

/** Seconds that a job may train where its request does not say. */
export const defaultRuntime = 86_400;

/** Each is processes on this machine. AWS's own limits are quotas of an account. */
const mostInstances = 20;

/** @throws AwsError ValidationException with all that is wrong with the request. */
export function checkTrainingRequest(request: CreateTrainingJobRequest): void {
    problemsOfTraining(request).throwIfAny();
    imageOf(request.AlgorithmSpecification?.TrainingImage ?? "");
}

/** What is wrong with a request, apart from an image that the twin lacks. */
export function problemsOfTraining(request: CreateTrainingJobRequest): Problems {
    const problems = new Problems();
    problems.name(request.TrainingJobName, "trainingJobName");
    problems.required(request.RoleArn, "roleArn");
    problems.required(request.OutputDataConfig?.S3OutputPath, "outputDataConfig.s3OutputPath");
    problems.required(request.AlgorithmSpecification?.TrainingImage, "algorithmSpecification.trainingImage");
    problems.required(request.ResourceConfig, "resourceConfig");
    problems.required(request.StoppingCondition, "stoppingCondition");
    checkHyperparameters(request, problems);
    checkChannels(request, problems);
    checkAlgorithm(request, problems);
    problems.within(
        request.StoppingCondition?.MaxRuntimeInSeconds,
        [1, 2_419_200],
        "stoppingCondition.maxRuntimeInSeconds",
    );
    problems.oneOf(request.OutputDataConfig?.CompressionType, ["GZIP", "NONE"], "outputDataConfig.compressionType");
    for (const [member, uri] of [
        ["outputDataConfig.s3OutputPath", request.OutputDataConfig?.S3OutputPath],
        ["checkpointConfig.s3Uri", request.CheckpointConfig?.S3Uri],
    ] as const) {
        if (uri !== undefined && uri !== "" && parseS3Uri(uri) === undefined) notS3(problems, uri, member);
    }
    problems.within(request.ResourceConfig?.InstanceCount, [1, mostInstances], "resourceConfig.instanceCount");
    problems.within(request.RetryStrategy?.MaximumRetryAttempts, [1, 30], "retryStrategy.maximumRetryAttempts");
    checkSpot(request, problems);
    problems.unsupported(request.ResourceConfig?.InstanceGroups, "resourceConfig.instanceGroups");
    return problems;
}

function checkSpot(
    { EnableManagedSpotTraining, StoppingCondition }: CreateTrainingJobRequest,
    problems: Problems,
): void {
    const { MaxWaitTimeInSeconds: wait, MaxRuntimeInSeconds: runtime = defaultRuntime } = StoppingCondition ?? {};
    if (EnableManagedSpotTraining !== true || (wait !== undefined && wait >= runtime)) return;
    problems.add(
        `Invalid MaxWaitTimeInSeconds ${wait ?? "null"}: with EnableManagedSpotTraining it must be present and be greater than or equal to MaxRuntimeInSeconds, ${runtime}`,
    );
}

function checkHyperparameters(request: CreateTrainingJobRequest, problems: Problems): void {
    const hyperparameters = Object.entries(request.HyperParameters ?? {});
    problems.atMost(hyperparameters.length, 100, "hyperParameters");
    for (const [name, value] of hyperparameters) {
        problems.atMost(name.length, 256, `hyperParameters.${name.slice(0, 40)} (name)`);
        if (typeof value !== "string") problems.add(`Value at 'hyperParameters.${name}' must be a string`);
        else problems.atMost(value.length, 2500, `hyperParameters.${name}`);
    }
    const environment = Object.entries(request.Environment ?? {});
    problems.atMost(environment.length, 100, "environment");
    for (const [name, value] of environment) {
        if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.length > 512) {
            problems.add(
                `Value '${name.slice(0, 40)}' at 'environment' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z_][a-zA-Z0-9_]*]`,
            );
        }
        problems.atMost(value.length, 512, `environment.${name}`);
    }
}

function checkChannels(request: CreateTrainingJobRequest, problems: Problems): void {
    const channels = request.InputDataConfig ?? [];
    problems.atMost(channels.length, 20, "inputDataConfig");
    const seen = new Set<string>();
    for (const [index, channel] of channels.entries()) {
        const member = `inputDataConfig.${index + 1}.member`;
        const name = channel.ChannelName ?? "";
        // Dots alone would be the folder of the data itself, or the one above it.
        if (!/^[A-Za-z0-9.\-_]{1,64}$/.test(name) || /^\.+$/.test(name)) {
            problems.add(
                `Value '${name}' at '${member}.channelName' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9\\.\\-_]+`,
            );
        }
        if (seen.has(name)) problems.add(`Duplicate channel name '${name}' at '${member}.channelName'`);
        seen.add(name);
        const source = channel.DataSource?.S3DataSource;
        problems.required(source?.S3Uri, `${member}.dataSource.s3DataSource.s3Uri`);
        if (source?.S3Uri !== undefined && parseS3Uri(source.S3Uri) === undefined) {
            notS3(problems, source.S3Uri, `${member}.dataSource.s3DataSource.s3Uri`);
        }
        if (source?.S3DataType !== undefined && source.S3DataType !== "S3Prefix") {
            problems.unsupported(
                true,
                `${member}.dataSource.s3DataSource.s3DataType`,
                `'${source.S3DataType}'; use S3Prefix`,
            );
        }
        if (channel.CompressionType === "Gzip") problems.unsupported(true, `${member}.compressionType`, "'Gzip'");
        if (channel.InputMode === "Pipe")
            problems.unsupported(true, `${member}.inputMode`, "'Pipe'; use File or FastFile");
    }
}

function checkAlgorithm(request: CreateTrainingJobRequest, problems: Problems): void {
    const algorithm = request.AlgorithmSpecification;
    problems.unsupported(algorithm?.AlgorithmName, "algorithmSpecification.algorithmName");
    const scripts =
        "use the image's script mode, with the hyperparameters sagemaker_program and sagemaker_submit_directory";
    problems.unsupported(algorithm?.ContainerEntrypoint, "algorithmSpecification.containerEntrypoint", scripts);
    problems.unsupported(algorithm?.ContainerArguments, "algorithmSpecification.containerArguments", scripts);
    if (algorithm?.TrainingInputMode === "Pipe") {
        problems.unsupported(true, "algorithmSpecification.trainingInputMode", "'Pipe'; use File or FastFile");
    }
    const metrics = algorithm?.MetricDefinitions ?? [];
    problems.atMost(metrics.length, 40, "algorithmSpecification.metricDefinitions");
    for (const { Name: name = "", Regex: regex = "" } of metrics) {
        problems.atMost(regex.length, 500, `metricDefinitions.${name}.regex`);
        try {
            new RegExp(regex);
        } catch (error) {
            problems.add(
                `Value '${regex}' at 'metricDefinitions.${name}.regex' is not a regular expression: ${(error as Error).message}`,
            );
        }
    }
}

function notS3(problems: Problems, uri: string, member: string): void {
    problems.add(
        `Value '${uri}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)`,
    );
}

/** The job that a checked request makes, as it is at its start. */
export function newTrainingJob(request: CreateTrainingJobRequest, now = new Date()): TrainingJobDocument {
    if (request.TrainingJobName === undefined) throw validationError("TrainingJobName is missing.");
    const { Tags: _, ...described } = request;
    return {
        ...described,
        TrainingJobName: request.TrainingJobName,
        TrainingJobArn: arnOf("training-job", request.TrainingJobName),
        ModelArtifacts: undefined,
        TrainingJobStatus: "InProgress",
        SecondaryStatus: "Starting",
        StoppingCondition: request.StoppingCondition ?? {},
        CreationTime: now,
        LastModifiedTime: now,
        SecondaryStatusTransitions: [
            { Status: "Starting", StartTime: now, StatusMessage: "Starting the training job" },
        ],
        EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
        EnableInterContainerTrafficEncryption: request.EnableInterContainerTrafficEncryption ?? false,
        EnableManagedSpotTraining: request.EnableManagedSpotTraining ?? false,
        OutputDataConfig: {
            CompressionType: "GZIP",
            ...request.OutputDataConfig,
            S3OutputPath: request.OutputDataConfig?.S3OutputPath,
        },
    } as TrainingJobDocument;
}
