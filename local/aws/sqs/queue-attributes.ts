import { parsePolicy } from "../iam";
import { AwsError } from "../service";
import { allowPolicyProblem } from "./redrive-policy";

/** A queue's attributes as they are set: strings, by AWS's names. */
export type QueueAttributes = Readonly<Record<string, string>>;

interface NumberAttribute {
    readonly smallest: number;
    readonly largest: number;
    readonly standard: number;
}

/** Seconds, but for the message size: bytes. */
const numbers: Readonly<Record<string, NumberAttribute>> = {
    DelaySeconds: { smallest: 0, largest: 900, standard: 0 },
    MaximumMessageSize: { smallest: 1024, largest: 1_048_576, standard: 1_048_576 },
    MessageRetentionPeriod: { smallest: 60, largest: 1_209_600, standard: 345_600 },
    ReceiveMessageWaitTimeSeconds: { smallest: 0, largest: 20, standard: 0 },
    VisibilityTimeout: { smallest: 0, largest: 43_200, standard: 30 },
    KmsDataKeyReusePeriodSeconds: { smallest: 60, largest: 86_400, standard: 300 },
};

const choices: Readonly<Record<string, readonly string[]>> = {
    FifoQueue: ["true", "false"],
    ContentBasedDeduplication: ["true", "false"],
    SqsManagedSseEnabled: ["true", "false"],
    DeduplicationScope: ["queue", "messageGroup"],
    FifoThroughputLimit: ["perQueue", "perMessageGroupId"],
};

const fifoOnly = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
const documents = ["Policy", "RedrivePolicy", "RedriveAllowPolicy"];
const texts = ["KmsMasterKeyId"];

/** What a new queue has where nothing else is said. */
export function standardAttributes(fifo: boolean): Record<string, string> {
    const attributes: Record<string, string> = { SqsManagedSseEnabled: "true" };
    for (const name of Object.keys(numbers)) {
        if (name !== "KmsDataKeyReusePeriodSeconds") attributes[name] = String(numbers[name]?.standard);
    }
    if (fifo) {
        attributes.ContentBasedDeduplication = "false";
        attributes.DeduplicationScope = "queue";
        attributes.FifoThroughputLimit = "perQueue";
    }
    return attributes;
}

/** @throws AwsError `InvalidAttributeName`, `InvalidAttributeValue`, with everything that is wrong at once. */
export function checkAttributes(attributes: QueueAttributes, fifo: boolean): void {
    const unknown = Object.keys(attributes).filter(
        (name) => !(name in numbers || name in choices || documents.includes(name) || texts.includes(name)),
    );
    if (unknown.length > 0) throw unknownAttribute(unknown.join(", "));
    const misplaced = fifo ? [] : Object.keys(attributes).filter((name) => fifoOnly.includes(name));
    if (misplaced.length > 0) {
        throw new AwsError(
            "InvalidAttributeName",
            `You can specify the ${misplaced.join(", ")} only when FifoQueue is set to true.`,
        );
    }
    const problems = Object.entries(attributes).flatMap(([name, value]) => {
        const reason = problem(name, value);
        return reason === undefined ? [] : [{ name, reason }];
    });
    if (problems.length === 0) return;
    const names = problems.map(({ name }) => name).join(", ");
    const reasons = problems.map(({ reason }) => reason).join("; ");
    throw new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${names}. Reason: ${reasons}.`);
}

/**
 * @param attributes all that the queue is to have.
 * @throws AwsError `InvalidAttributeValue` where attributes do not go together.
 */
export function checkThroughput({ FifoThroughputLimit, DeduplicationScope }: QueueAttributes): void {
    if (FifoThroughputLimit !== "perMessageGroupId" || DeduplicationScope === "messageGroup") return;
    throw new AwsError(
        "InvalidAttributeValue",
        "Invalid value for the parameter FifoThroughputLimit. Reason: To set FifoThroughputLimit to perMessageGroupId, the DeduplicationScope must be messageGroup.",
    );
}

function unknownAttribute(name: string): AwsError {
    return new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
}

/** Those that a queue has by itself. */
const computed = [
    "All",
    "QueueArn",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
];

/** @throws AwsError `InvalidAttributeName` when one is asked for that no queue has. */
export function checkAttributeNames(names: readonly string[]): void {
    const known = [...Object.keys(numbers), ...Object.keys(choices), ...documents, ...texts, ...computed];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw unknownAttribute(unknown);
}

function problem(name: string, value: string): string | undefined {
    // An empty value takes the attribute away.
    if (value === "" && (documents.includes(name) || texts.includes(name))) return undefined;
    const range = numbers[name];
    if (range !== undefined) {
        const valid = /^\d+$/.test(value) && Number(value) >= range.smallest && Number(value) <= range.largest;
        return valid ? undefined : `${name} is '${value}'; valid is ${range.smallest} to ${range.largest}`;
    }
    const allowed = choices[name];
    if (allowed !== undefined) {
        return allowed.includes(value) ? undefined : `${name} is '${value}'; valid is ${allowed.join(" or ")}`;
    }
    if (name === "Policy") return policyProblem(value);
    if (name === "RedriveAllowPolicy") return allowPolicyProblem(value);
    return undefined;
}

function policyProblem(text: string): string | undefined {
    try {
        parsePolicy(text, "resource");
        return undefined;
    } catch (error) {
        if (!(error instanceof AwsError) || error.code !== "MalformedPolicyDocument") throw error;
        return `Policy is invalid: ${error.message.replace(/\.$/, "")}`;
    }
}
