import { account, partition, region } from "../../aws/service";

/** Composes an ARN of this machine's account and region. */
export function arn(service: string, resource: string): string {
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
