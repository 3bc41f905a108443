import * as pulumi from "@pulumi/pulumi";

export interface TemplateOptions {
    readonly jobPrefix: string;
    readonly bucketName: pulumi.Input<string>;
    readonly roleArn: pulumi.Input<string>;
    readonly image: pulumi.Input<string>;
    /** S3 address of the packed code. */
    readonly sourceUri: pulumi.Input<string>;
    readonly region: pulumi.Input<string>;
    readonly instances: { readonly type: string; readonly count?: number; readonly spot?: boolean };
    readonly maxRunHours: number;
    readonly hyperparameters: Readonly<Record<string, string | number | boolean>>;
}

const VOLUME_GIGABYTES = 30;

/** What SageMaker reads from the log as metrics: a script prints `name=value`, and the last value counts. */
const METRICS = ["validation:accuracy", "validation:macro_f1", "validation:ece"].map((name) => ({
    Name: name,
    Regex: `${name}=([0-9.eE+-]+)`,
}));

/**
 * The request template: what every run of a training job has in common. A run adds a name, its channels, the output path
 * and the address of its test set, and calls CreateTrainingJob.
 */
export function requestTemplate(options: TemplateOptions): pulumi.Output<string> {
    const { jobPrefix, instances } = options;
    const seconds = options.maxRunHours * 3600;
    // The container's toolkit reads hyperparameters as JSON within strings.
    const hyperparameters: Record<string, pulumi.Input<string>> = {};
    for (const [name, value] of Object.entries(options.hyperparameters)) hyperparameters[name] = JSON.stringify(value);
    hyperparameters.sagemaker_program = JSON.stringify("train.py");
    hyperparameters.sagemaker_submit_directory = pulumi.jsonStringify(options.sourceUri);
    hyperparameters.sagemaker_region = pulumi.jsonStringify(options.region);
    return pulumi.jsonStringify({
        namePrefix: jobPrefix,
        outputPath: pulumi.interpolate`s3://${options.bucketName}/jobs`,
        training: {
            AlgorithmSpecification: {
                TrainingImage: options.image,
                TrainingInputMode: "File",
                MetricDefinitions: METRICS,
            },
            RoleArn: options.roleArn,
            HyperParameters: hyperparameters,
            ResourceConfig: {
                InstanceType: instances.type,
                InstanceCount: instances.count ?? 1,
                VolumeSizeInGB: VOLUME_GIGABYTES,
            },
            StoppingCondition: {
                MaxRuntimeInSeconds: seconds,
                // With spot capacity, waiting for it counts too.
                ...(instances.spot === true ? { MaxWaitTimeInSeconds: 2 * seconds } : {}),
            },
            ...(instances.spot === true ? { EnableManagedSpotTraining: true } : {}),
            // By this the judge knows the runs of this training job.
            Environment: { SORTLINE_JOB_PREFIX: jobPrefix },
        },
    });
}
