import { packageFile } from "../../package-file";
import { pythonEnvironment } from "../../python/environment";
import type { TwinContext } from "../context";
import { validationError } from "./validation";

/** What stands for a container image on the twin: a Python environment with the packages that matter of it. */
export interface Image {
    readonly repository: string;
    /** Requirements file with hashes. */
    readonly requirements: string;
    /** Whether its toolkit starts training scripts by a shell. @default false */
    readonly startsByShell?: boolean;
    /** What its installation costs, for who waits for it the first time. @default seconds and some megabytes */
    readonly cost?: string;
}

const torch = {
    requirements: packageFile("local/aws/sagemaker/images/huggingface-pytorch.txt"),
    cost: "Installing torch, once: minutes and, on Linux, some 3 GB to download and 7 GB on disk",
};

/** By repository name. The tag is not looked at: the twin has one version of each. */
const images: Readonly<Record<string, Image>> = {
    "sagemaker-scikit-learn": {
        repository: "sagemaker-scikit-learn",
        requirements: packageFile("local/aws/sagemaker/images/scikit-learn.txt"),
    },
    "huggingface-pytorch-training": { repository: "huggingface-pytorch-training", startsByShell: true, ...torch },
    "huggingface-pytorch-inference": { repository: "huggingface-pytorch-inference", ...torch },
};

/**
 * The twin's environment for an image reference such as
 * `492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3`.
 * @throws AwsError ValidationException, naming the images that the twin has.
 */
export function imageOf(reference: string): Image {
    const repository = reference.slice(reference.lastIndexOf("/") + 1).replace(/[:@].*$/, "");
    const image = images[repository];
    if (image !== undefined) return image;
    throw validationError(
        `The local twin has no image '${reference}'. It runs containers as Python environments of its own, and has those for: ${Object.keys(images).join(", ")}.`,
    );
}

/**
 * The Python of an image's environment, made the first time.
 * @throws PythonError when it cannot be made.
 */
export async function pythonOf(context: TwinContext, image: Image, signal: AbortSignal): Promise<string> {
    const onProgress = (message: string) => context.report({ level: "info", source: "sagemaker", message });
    return (await pythonEnvironment(image.requirements, { onProgress, signal, cost: image.cost })).python;
}

/**
 * Makes the environments of the images that cost little ahead of their first use, which a person would otherwise wait
 * for later.
 * @throws PythonError when one cannot be made.
 */
export async function prepareImages(onProgress: (line: string) => void): Promise<void> {
    for (const { requirements, cost } of Object.values(images))
        if (cost === undefined) await pythonEnvironment(requirements, { onProgress });
}
