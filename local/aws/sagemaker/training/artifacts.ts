import { cp } from "node:fs/promises";
import type { ModelArtifacts } from "@aws-sdk/client-sagemaker";
import { filesIn, type S3Files } from "../s3-files";
import type { JobFolder } from "./folder";
import type { TrainingJobDocument } from "./job";

/**
 * Puts what the other hosts made with what the first one did. Of files with one name the first host's is kept.
 * @param folders of the hosts, at least one.
 */
export async function gather([first, ...others]: readonly JobFolder[]): Promise<JobFolder> {
    if (first === undefined) throw new Error("A training job has no host.");
    for (const other of others) {
        await cp(other.model, first.model, { recursive: true, force: false });
        await cp(other.outputData, first.outputData, { recursive: true, force: false });
    }
    return first;
}

/**
 * Uploads what a job made: the model, packed or (CompressionType NONE) file by file, and further output.
 * @returns the model's address; undefined when there is none.
 */
export async function uploadArtifacts(
    job: TrainingJobDocument,
    folder: JobFolder,
    files: S3Files,
): Promise<ModelArtifacts | undefined> {
    const kmsKey = job.OutputDataConfig?.KmsKeyId;
    const output = `${(job.OutputDataConfig?.S3OutputPath ?? "").replace(/\/$/, "")}/${job.TrainingJobName}/output`;
    let model: string | undefined;
    if ((await filesIn(folder.model)).length > 0) {
        if (job.OutputDataConfig?.CompressionType === "NONE") {
            model = `${output}/model/`;
            await files.uploadFolder(folder.model, model, kmsKey);
        } else {
            model = `${output}/model.tar.gz`;
            await files.uploadArchive(folder.model, model, kmsKey);
        }
    }
    // Always packed: CompressionType is about the model only.
    if ((await filesIn(folder.outputData)).length > 0) {
        await files.uploadArchive(folder.outputData, `${output}/output.tar.gz`, kmsKey);
    }
    return model === undefined ? undefined : { S3ModelArtifacts: model };
}
