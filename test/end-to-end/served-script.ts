import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import type { Connection } from "../../automation/connection";
import { pinKey } from "../../automation/registry/pin";
import type { Local } from "../../testing";
import { archive, image } from "../local/aws/sagemaker-under-test";

/**
 * Registers a model that is nothing but an inference script, and deploys the program with it.
 * @param local a program that exports `bucket`, and `models`, the name of its model package group.
 */
export async function serveScript(
    local: Pick<Local, "deployed" | "twin" | "up">,
    connection: Connection,
    name: string,
    script: string,
): Promise<void> {
    const { bucket, models } = local.deployed.outputs as Record<string, string>;
    const Key = `${name}/output/model.tar.gz`;
    const Body = await archive({ "code/inference.py": script });
    await connection.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    const ModelDataUrl = `s3://${bucket}/${Key}`;
    const { ModelPackageArn = "" } = await connection.clients.sagemaker.send(
        new CreateModelPackageCommand({
            ModelPackageGroupName: models,
            ModelApprovalStatus: "Approved",
            InferenceSpecification: {
                Containers: [
                    {
                        Image: image,
                        ModelDataUrl,
                        Environment: {
                            SAGEMAKER_PROGRAM: "inference.py",
                            SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
                        },
                    },
                ],
                SupportedContentTypes: ["application/json"],
                SupportedResponseMIMETypes: ["application/json"],
            },
        }),
    );
    local.twin.stack.setConfig(pinKey, { package: ModelPackageArn, artefact: ModelDataUrl });
    await local.up();
}
