import type { ArgumentCheck } from "./argument-check";

/** Capacity that scales to zero and is billed by the request: CPU only. */
export interface ServerlessCapacity {
    readonly kind: "serverless";
    readonly memory: 1024 | 2048 | 3072 | 4096 | 5120 | 6144;
    readonly maxConcurrency: number;
}

/** Instances that run all the time. */
export interface InstanceCapacity {
    readonly kind: "instances";
    readonly type: string;
    readonly count: number;
    readonly autoscaling?: Autoscaling;
}

/** Adds and removes instances by the number of requests that each handles at a time. */
export interface Autoscaling {
    /** 1 or more. */
    readonly min: number;
    /** `min` or more. */
    readonly max: number;
    /** Requests at a time that one instance should have: 1 to 1000. */
    readonly concurrency: number;
}

/** What an endpoint runs on. */
export type EndpointCapacity = ServerlessCapacity | InstanceCapacity;

/** Capacity that scales to zero. */
export function serverless(options: {
    /** MiB. */
    readonly memory: ServerlessCapacity["memory"];
    /** Requests at a time: 1 to 200. @default 5 */
    readonly maxConcurrency?: number;
}): ServerlessCapacity {
    return { kind: "serverless", memory: options.memory, maxConcurrency: options.maxConcurrency ?? 5 };
}

/** Instances, one for a start or as many as are needed. */
export function instances(options: {
    /** For example "ml.m5.large" or "ml.g6.xlarge". */
    readonly type: string;
    /** With autoscaling, how many a first deployment starts with: 1 to 100. @default 1 */
    readonly count?: number;
    /** @default the count stays as it is */
    readonly autoscaling?: Autoscaling;
}): InstanceCapacity {
    const { type, count = 1, autoscaling } = options;
    return { kind: "instances", type, count, autoscaling };
}

/** What is wrong with a capacity. */
export function checkCapacity(check: ArgumentCheck, capacity: EndpointCapacity): void {
    if (capacity.kind === "serverless") {
        check.integer("capacity.maxConcurrency", capacity.maxConcurrency, { from: 1, to: 200, unit: "requests" });
        return;
    }
    checkInstanceType(check, "capacity.type", capacity.type);
    check.integer("capacity.count", capacity.count, { from: 1, to: 100, unit: "instances" });
    if (capacity.autoscaling === undefined) return;
    const { min, max, concurrency } = capacity.autoscaling;
    check.integer("capacity.autoscaling.min", min, { from: 1, to: max, unit: "instances" });
    check.integer("capacity.autoscaling.max", max, { from: 1, to: 1000, unit: "instances" });
    check.integer("capacity.autoscaling.concurrency", concurrency, { from: 1, to: 1000, unit: "requests" });
}

/** SageMaker's instance types begin with "ml."; EC2's do not. */
export function checkInstanceType(check: ArgumentCheck, option: string, type: string): void {
    if (!/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(type)) {
        check.add(`${option} is ${JSON.stringify(type)}; it must be a SageMaker instance type such as "ml.m5.large"`);
    }
}
