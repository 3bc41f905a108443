import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { environmentVariable } from "./environment";
import { type JudgeOptions, judge } from "./judge";
import type { ModelPolicy } from "./verdict";

/** Known when the artefact is made. */
export interface JudgeSettings extends Pick<JudgeOptions, "jobPrefix" | "follows" | "evaluation"> {
    /** Whether the callback is a policy; otherwise it is nothing. */
    readonly hasPolicy: boolean;
}

/** The judge's function, around the policy of the registry. */
export function adapt(policy: ModelPolicy, { hasPolicy, ...settings }: JudgeSettings) {
    // What is in service is the program's to say, at each deployment.
    const champion = process.env.SORTLINE_CHAMPION_PACKAGE;
    return judge({
        ...settings,
        policy: hasPolicy ? policy : undefined,
        champion:
            champion === undefined || champion === ""
                ? undefined
                : { package: champion, artefact: environmentVariable("SORTLINE_CHAMPION_ARTEFACT") },
        modelPackageGroupName: environmentVariable("SORTLINE_MODEL_PACKAGE_GROUP"),
        inferenceImage: environmentVariable("SORTLINE_INFERENCE_IMAGE"),
        sagemaker: new SageMakerClient({}),
        s3: new S3Client({}),
    });
}
