import { randomBytes } from "node:crypto";
import type {
    CreateTrainingJobRequest,
    HyperParameterTrainingJobDefinition,
    HyperParameterTuningJobObjective,
    Tag,
} from "@aws-sdk/client-sagemaker";

/** The name of a tuning job's training job, as AWS makes them. @param number from 0 */
export function trialName(tuningJobName: string, number: number): string {
    return `${tuningJobName}-${String(number + 1).padStart(3, "0")}-${randomBytes(4).toString("hex")}`;
}

/** The request for one training job of a tuning job. */
export function trialRequest(
    name: string,
    definition: HyperParameterTrainingJobDefinition,
    objective: HyperParameterTuningJobObjective,
    parameters: Readonly<Record<string, string>>,
    tags: Tag[],
): CreateTrainingJobRequest {
    const { CheckpointConfig: checkpoints } = definition;
    return {
        TrainingJobName: name,
        RoleArn: definition.RoleArn,
        AlgorithmSpecification: definition.AlgorithmSpecification,
        HyperParameters: {
            ...definition.StaticHyperParameters,
            ...parameters,
            _tuning_objective_metric: objective.MetricName ?? "",
        },
        InputDataConfig: definition.InputDataConfig,
        OutputDataConfig: definition.OutputDataConfig,
        ResourceConfig: definition.ResourceConfig,
        StoppingCondition: definition.StoppingCondition,
        VpcConfig: definition.VpcConfig,
        EnableNetworkIsolation: definition.EnableNetworkIsolation,
        EnableInterContainerTrafficEncryption: definition.EnableInterContainerTrafficEncryption,
        EnableManagedSpotTraining: definition.EnableManagedSpotTraining,
        // Of its own for each: one training job must not begin with another's checkpoints.
        CheckpointConfig: checkpoints && {
            ...checkpoints,
            S3Uri: `${(checkpoints.S3Uri ?? "").replace(/\/$/, "")}/${name}`,
        },
        RetryStrategy: definition.RetryStrategy,
        Environment: definition.Environment,
        Tags: tags,
    };
}
