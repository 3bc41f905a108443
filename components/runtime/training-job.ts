import {
    DescribeTrainingJobCommand,
    type DescribeTrainingJobResponse,
    type SageMakerClient,
} from "@aws-sdk/client-sagemaker";

/** A training job, as SageMaker describes it. */
export type DescribedJob = DescribeTrainingJobResponse;

export function describeTrainingJob(sagemaker: SageMakerClient, name: string): Promise<DescribedJob> {
    return sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
}

/** The address is SageMaker's own word, never composed. */
export function modelArtefact(job: DescribedJob): string {
    const address = job.ModelArtifacts?.S3ModelArtifacts;
    if (address === undefined) throw new Error(`The job ${job.TrainingJobName} completed without model artefacts.`);
    return address;
}

/** Hyperparameters are JSON within strings. Undefined where the job has none by that name. */
export function hyperparameter(job: DescribedJob, name: string): string | undefined {
    const value = job.HyperParameters?.[name];
    if (value === undefined) return undefined;
    try {
        return String(JSON.parse(value));
    } catch {
        return value;
    }
}

/** The S3 address of an input channel; undefined where the job has no such channel. */
export function channelAddress(job: DescribedJob, name: string): string | undefined {
    return job.InputDataConfig?.find((each) => each.ChannelName === name)?.DataSource?.S3DataSource?.S3Uri;
}
