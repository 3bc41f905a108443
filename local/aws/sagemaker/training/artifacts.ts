import type { ModelArtifacts } from "@aws-sdk/client-sagemaker";
import { filesIn, type S3Files } from "../s3-files";
import type { JobFolder } from "./folder";
import type { TrainingJobDocument } from "./job";

/**
 * Uploads what a job made: the model, packed or (CompressionType NONE) file by file, and further output.
 * @returns the model's address; undefined when there is none.
 */
export async function uploadArtifacts(
    job: TrainingJobDocument,
    folder: JobFolder,
    files: S3Files,
): Promise<ModelArtifacts | undefined> {
    const output = `${(job.OutputDataConfig?.S3OutputPath ?? "").replace(/\/$/, "")}/${job.TrainingJobName}/output`;
    let model: string | undefined;
    if ((await filesIn(folder.model)).length > 0) {
        if (job.OutputDataConfig?.CompressionType === "NONE") {
            model = `${output}/model/`;
            await files.uploadFolder(folder.model, model);
        } else {
            model = `${output}/model.tar.gz`;
            await files.uploadArchive(folder.model, model);
        }
    }
    // Always packed: CompressionType is about the model only.
    if ((await filesIn(folder.outputData)).length > 0) {
        await files.uploadArchive(folder.outputData, `${output}/output.tar.gz`);
    }
    return model === undefined ? undefined : { S3ModelArtifacts: model };
}

/** Keeps a job's checkpoints, also those of one that failed: the next job with the same address begins with them. */
export async function uploadCheckpoints(job: TrainingJobDocument, folder: JobFolder, files: S3Files): Promise<void> {
    const checkpoints = job.CheckpointConfig?.S3Uri;
    if (checkpoints !== undefined) await files.uploadFolder(folder.checkpoints, checkpoints);
}
