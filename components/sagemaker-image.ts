import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { PolicyStatement } from "./inline";
import { type Registry, registryHost } from "./sagemaker-registry";
import type { Algorithm } from "./training-algorithm";

/** An image of AWS's that runs training code or serves models. */
export interface SageMakerImage {
    readonly registry: Registry;
    readonly repository: string;
    readonly tag: string;
}

/** What serves a model: a processor alone, or with a GPU. */
export type InferenceProcessor = "cpu" | "gpu";

const scikitLearn: SageMakerImage = {
    registry: "scikit-learn",
    repository: "sagemaker-scikit-learn",
    tag: "1.4-2-cpu-py3",
};

function huggingFace(repository: string, tag: string): SageMakerImage {
    return { registry: "deep-learning", repository, tag };
}

/** The images that train and evaluate, by algorithm. */
export const TRAINING_IMAGES: Readonly<Record<Algorithm, SageMakerImage>> = {
    linear: scikitLearn,
    bert: huggingFace("huggingface-pytorch-training", "2.9.0-transformers5.3.0-gpu-py312-cu130-ubuntu22.04"),
};

/** The images that serve, by algorithm and processor. */
const INFERENCE_IMAGES: Readonly<Record<Algorithm, Readonly<Partial<Record<InferenceProcessor, SageMakerImage>>>>> = {
    linear: { cpu: scikitLearn },
    bert: {
        cpu: huggingFace("huggingface-pytorch-inference", "2.6.0-transformers5.5.3-cpu-py312-ubuntu22.04"),
        gpu: huggingFace("huggingface-pytorch-inference", "2.6.0-transformers5.5.3-gpu-py312-cu124-ubuntu22.04"),
    },
};

/** The image that serves models of an algorithm; undefined where none does on this processor. */
export function inferenceImage(algorithm: Algorithm, processor: InferenceProcessor): SageMakerImage | undefined {
    return INFERENCE_IMAGES[algorithm][processor];
}

/** Whatever may serve a model. */
const servingRepositories = [
    ...new Set(
        Object.values(INFERENCE_IMAGES)
            .flatMap((byProcessor) => Object.values(byProcessor))
            .map(({ repository }) => repository),
    ),
];

/**
 * The image's address in this region. Fails at deployment, a preview too, in a region whose registry is not known.
 * @param parent whose provider's region it is.
 */
export function imageAddress(
    { registry, repository, tag }: SageMakerImage,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    return aws
        .getRegionOutput({}, { parent })
        .region.apply((region) => `${registryHost(registry, region)}/${repository}:${tag}`);
}

/** AWS keeps its images in accounts of its own. */
function repositoryArn(
    partition: pulumi.Input<string>,
    region: pulumi.Input<string>,
    repository: string,
): pulumi.Output<string> {
    return pulumi.interpolate`arn:${partition}:ecr:${region}:*:repository/${repository}`;
}

/** What whoever registers a model with the image needs: the registry looks up the image's digest on their behalf. */
export function looksUpImage(
    partition: pulumi.Input<string>,
    region: pulumi.Input<string>,
    { repository }: SageMakerImage,
): PolicyStatement {
    return {
        actions: ["ecr:BatchGetImage", "ecr:DescribeImages"],
        resources: [repositoryArn(partition, region, repository)],
        because: "finds the image",
    };
}

/**
 * What a container's role needs to get its image.
 * @param repositories that it may be in. @default those of the images that serve
 */
export function pullsImages(
    partition: pulumi.Input<string>,
    region: pulumi.Input<string>,
    repositories: readonly string[] = servingRepositories,
): PolicyStatement[] {
    return [
        // Gives a token for the registry and names no resource.
        { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
        {
            actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources: repositories.map((each) => repositoryArn(partition, region, each)),
        },
    ];
}
