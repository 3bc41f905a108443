import { account, partition, region } from "../service";

export type ResourceKind =
    | "training-job"
    | "hyper-parameter-tuning-job"
    | "model"
    | "endpoint-config"
    | "endpoint"
    | "model-package-group"
    | "model-package";

/** SageMaker writes the names of its older kinds of resource in lower case in ARNs, whatever they are. */
const inLowerCase: readonly ResourceKind[] = [
    "training-job",
    "hyper-parameter-tuning-job",
    "model",
    "endpoint-config",
    "endpoint",
];

/** The ARN of a SageMaker resource. */
export function arnOf(kind: ResourceKind, name: string): string {
    const written = inLowerCase.includes(kind) ? name.toLowerCase() : name;
    return `arn:${partition}:sagemaker:${region}:${account}:${kind}/${written}`;
}

/** The name in an ARN of a kind that keeps it, or the name itself where a plain name was given. */
export function nameOf(kind: "model-package-group" | "model-package", nameOrArn: string): string {
    const prefix = arnOf(kind, "");
    return nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length) : nameOrArn;
}
