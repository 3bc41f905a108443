import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { LATEST_DATA_SET, type LatestDataSet } from "./latest-data-set";
import { artifactsOf, hyperparameterOf, readTemplate } from "./run-template";
import { type StartedRun, startRun } from "./start-run";

interface RunOutputs {
    readonly templateBucket: string;
    readonly templateKey: string;
}

/** The run-time side of TrainingJob.start. */
export function start({ templateBucket, templateKey }: RunOutputs) {
    const s3 = new S3Client({});
    const sagemaker = new SageMakerClient({});
    return async (): Promise<StartedRun> => {
        const template = readTemplate(await textOf(s3, templateBucket, templateKey), "The template");
        const latest = JSON.parse(await textOf(s3, templateBucket, LATEST_DATA_SET)) as LatestDataSet;
        const cleaning = hyperparameterOf(template, "cleaning");
        if (latest.cleaning !== cleaning) {
            throw new Error(
                `The latest data set has texts of the cleaning ${latest.cleaning}, and the training takes ${cleaning ?? "none"}: make another one with npx sortline train.`,
            );
        }
        const places = [`s3://${templateBucket}/`, artifactsOf(template)];
        if (!places.some((place) => latest.train.startsWith(place))) {
            throw new Error(
                `The latest data set is ${latest.train}, which the jobs may no longer read: make another one with npx sortline train.`,
            );
        }
        return startRun(
            { s3, sagemaker },
            { template, bucket: templateBucket, templateKey, data: { train: latest.train, test: latest.test } },
        );
    };
}

async function textOf(s3: S3Client, bucket: string, key: string): Promise<string> {
    try {
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await object.Body?.transformToString("utf8")) ?? "";
    } catch (error) {
        if ((error as Error).name !== "NoSuchKey" || key !== LATEST_DATA_SET) throw error;
        throw new Error("There is no data set to train with yet: npx sortline train --data FILE makes one.");
    }
}
