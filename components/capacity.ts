import { integer, isWhole, mismatch, oneOf, options, type Rule, required, text } from "./argument-rules";
import { isOptions, shown } from "./shown-value";

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

/** Capacity that scales to zero. The endpoint that gets it tells what is wrong with it. */
export function serverless(options: {
    /** MiB. */
    readonly memory: ServerlessCapacity["memory"];
    /** Requests at a time: 1 to 200. @default 5 */
    readonly maxConcurrency?: number;
}): ServerlessCapacity {
    return { maxConcurrency: 5, ...given(options), kind: "serverless" };
}

/** Instances, one for a start or as many as are needed. The endpoint that gets them tells what is wrong with them. */
export function instances(options: {
    /** For example "ml.m5.large" or "ml.g6.xlarge". */
    readonly type: string;
    /** With autoscaling, how many a first deployment starts with: 1 to 100. @default 1 */
    readonly count?: number;
    /** @default the count stays as it is */
    readonly autoscaling?: Autoscaling;
}): InstanceCapacity {
    return { count: 1, ...given(options), kind: "instances" };
}

/** The options that are there: one that is undefined must not hide a default. */
function given<Options extends object>(options: Options): Options {
    const entries = isOptions(options) ? Object.entries(options) : [];
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Options;
}

const serverlessRule = options<ServerlessCapacity>({
    kind: required(oneOf(["serverless"])),
    memory: required(oneOf([1024, 2048, 3072, 4096, 5120, 6144])),
    maxConcurrency: integer({ from: 1, to: 200, unit: "requests" }),
});

/** SageMaker's instance types begin with "ml."; EC2's do not. */
export const instanceTypeRule = text('a SageMaker instance type such as "ml.m5.large"', /^ml\.[a-z0-9-]+\.[a-z0-9]+$/);

function instancesRule(most: number): Rule {
    return options<InstanceCapacity>({
        kind: required(oneOf(["instances"])),
        type: required(instanceTypeRule),
        count: integer({ from: 1, to: 100, unit: "instances" }),
        autoscaling: options<Autoscaling>({
            min: required(integer({ from: 1, to: most, unit: "instances" })),
            max: required(integer({ from: 1, to: MOST_INSTANCES, unit: "instances" })),
            concurrency: required(integer({ from: 1, to: 1000, unit: "requests" })),
        }),
    });
}

const MOST_INSTANCES = 1000;

/** What an endpoint's capacity may be. */
export const capacityRule: Rule = {
    what: "serverless({ … }) or instances({ … })",
    problems: (option, capacity) => {
        if (!isOptions(capacity)) return [mismatch(option, capacity, capacityRule.what)];
        if (capacity.kind === "serverless") return serverlessRule.problems(option, capacity);
        if (capacity.kind !== "instances")
            return [`${option}.kind is ${shown(capacity.kind)}; use ${capacityRule.what}`];
        const { max } = isOptions(capacity.autoscaling) ? capacity.autoscaling : {};
        const most = isWhole(max) && max >= 1 ? Math.min(max, MOST_INSTANCES) : MOST_INSTANCES;
        return instancesRule(most).problems(option, capacity);
    },
};
