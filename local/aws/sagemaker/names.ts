import { account, partition, region } from "../service";

export type ResourceKind =
    | "training-job"
    | "model"
    | "endpoint-config"
    | "endpoint"
    | "model-package-group"
    | "model-package";

/** The ARN of a SageMaker resource. */
export function arnOf(kind: ResourceKind, name: string): string {
    return `arn:${partition}:sagemaker:${region}:${account}:${kind}/${name}`;
}

/** The name in an ARN of a kind, or the name itself where a plain name was given. */
export function nameOf(kind: ResourceKind, nameOrArn: string): string {
    const prefix = arnOf(kind, "");
    return nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length) : nameOrArn;
}
