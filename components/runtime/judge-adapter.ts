import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { environmentVariable } from "./environment";
import { type JudgeOptions, judge } from "./judge";

/** Known when the artefact is made. */
export type JudgeSettings = Pick<JudgeOptions, "jobPrefix" | "evaluation">;

/** The judge's function. It has no callback of the user's. */
export function adapt(_callback: unknown, { jobPrefix, evaluation }: JudgeSettings) {
    return judge({
        jobPrefix,
        evaluation,
        modelPackageGroupName: environmentVariable("SORTLINE_MODEL_PACKAGE_GROUP"),
        inferenceImage: environmentVariable("SORTLINE_INFERENCE_IMAGE"),
        sagemaker: new SageMakerClient({}),
        s3: new S3Client({}),
    });
}
