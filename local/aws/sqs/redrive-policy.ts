import { invalidParameter } from "./errors";
import type { Queue, Queues } from "./queues";

/** Where messages go that were received too often. */
export interface RedrivePolicy {
    readonly deadLetterTargetArn: string;
    readonly maxReceiveCount: number;
}

export function redrivePolicy({ RedrivePolicy }: Queue["attributes"]): RedrivePolicy | undefined {
    if (RedrivePolicy === undefined) return undefined;
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(RedrivePolicy) as RedrivePolicy;
    return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
}

/** The queue with an ARN, of this account and region. */
export function queueByArn(queues: Pick<Queues, "find">, arn: string): Queue | undefined {
    const queue = queues.find(arn.slice(arn.lastIndexOf(":") + 1));
    return queue?.arn === arn ? queue : undefined;
}

/** @throws AwsError in SQS's words when a queue cannot have this as its attribute `RedrivePolicy`. */
export function checkRedrivePolicy(
    text: string | undefined,
    { name, fifo }: Pick<Queue, "name" | "fifo">,
    queues: Pick<Queues, "find">,
): void {
    if (text === undefined || text === "") return;
    const refuse = (reason: string) => invalidParameter("RedrivePolicy", text, reason);
    const policy = jsonMap(text);
    if (policy === undefined) throw refuse("Redrive policy is not a valid JSON map.");
    for (const attribute of ["deadLetterTargetArn", "maxReceiveCount"]) {
        if (policy[attribute] === undefined) {
            throw refuse(`Redrive policy does not contain mandatory attribute: ${attribute}.`);
        }
    }
    const count = Number(policy.maxReceiveCount);
    if (!Number.isInteger(count) || count < 1 || count > 1000) {
        throw refuse(
            `Invalid value for maxReceiveCount: ${policy.maxReceiveCount}, valid values are from 1 to 1000 both inclusive.`,
        );
    }
    const target = queueByArn(queues, String(policy.deadLetterTargetArn));
    if (target === undefined) throw refuse("Dead letter target does not exist.");
    if (target.name === name) throw refuse("A queue cannot be its own dead letter queue.");
    if (target.fifo !== fifo) throw refuse("Dead letter queue must be same type of queue as the source.");
    if (!allows(target, name)) {
        throw refuse("The dead letter queue's RedriveAllowPolicy does not allow this source queue.");
    }
}

/** What is wrong with a queue's attribute `RedriveAllowPolicy`. */
export function allowPolicyProblem(text: string): string | undefined {
    const policy = jsonMap(text);
    if (policy === undefined) return "RedriveAllowPolicy is not a JSON map";
    const { redrivePermission, sourceQueueArns = [] } = policy;
    if (!["allowAll", "denyAll", "byQueue"].includes(String(redrivePermission))) {
        return `RedriveAllowPolicy has redrivePermission '${redrivePermission}'; valid is allowAll, denyAll or byQueue`;
    }
    const count = Array.isArray(sourceQueueArns) ? sourceQueueArns.length : -1;
    if (redrivePermission === "byQueue" ? count < 1 || count > 10 : count !== 0) {
        return "RedriveAllowPolicy has sourceQueueArns, 1 to 10, with byQueue and not otherwise";
    }
    return undefined;
}

function allows({ arn, attributes }: Queue, source: string): boolean {
    const policy = jsonMap(attributes.RedriveAllowPolicy ?? "{}");
    if (policy?.redrivePermission === "denyAll") return false;
    if (policy?.redrivePermission !== "byQueue") return true;
    const sourceArn = arn.replace(/[^:]+$/, source);
    return Array.isArray(policy.sourceQueueArns) && policy.sourceQueueArns.includes(sourceArn);
}

function jsonMap(text: string): Readonly<Record<string, unknown>> | undefined {
    try {
        const value: unknown = JSON.parse(text);
        const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
        return isMap ? (value as Record<string, unknown>) : undefined;
    } catch {
        return undefined;
    }
}
