import type { Target } from "@aws-sdk/client-eventbridge";
import { isJson, notImplemented } from "../protocol/json";
import { AwsError, account, region } from "../service";
import { jsonPath } from "./json-path";

/** What the twin can hand events to. */
export type TargetKind = "function" | "queue" | "topic" | "stream" | "bus" | "log group" | "API destination";

const here = `${region}:${account}:`;
const kinds: readonly (readonly [start: string, kind: TargetKind])[] = [
    [`arn:aws:lambda:${here}function:`, "function"],
    [`arn:aws:sqs:${here}`, "queue"],
    [`arn:aws:sns:${here}`, "topic"],
    [`arn:aws:kinesis:${here}stream/`, "stream"],
    [`arn:aws:events:${here}event-bus/`, "bus"],
    [`arn:aws:events:${here}api-destination/`, "API destination"],
    [`arn:aws:logs:${here}log-group:`, "log group"],
];

/** Members of a target that the twin acts on, and the kind of target that some are for. */
const members: Readonly<Record<string, TargetKind | "any">> = {
    Id: "any",
    Arn: "any",
    RoleArn: "any",
    Input: "any",
    InputPath: "any",
    InputTransformer: "any",
    RetryPolicy: "any",
    DeadLetterConfig: "any",
    SqsParameters: "queue",
    KinesisParameters: "stream",
    HttpParameters: "API destination",
};

/** The last part of an ARN, which names the resource. */
export function resourceName(arn: string): string {
    return arn.slice(Math.max(arn.lastIndexOf(":"), arn.lastIndexOf("/")) + 1);
}

export function targetKind(arn: string): TargetKind | undefined {
    return kinds.find(([start]) => arn.startsWith(start))?.[1];
}

/** @throws AwsError ValidationException for what EventBridge refuses, NotImplemented for what the twin lacks. */
export function checkTarget(target: Target): void {
    const { Id, Arn = "" } = target;
    if (!Arn.startsWith("arn:")) {
        throw invalid(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
    }
    const kind = targetKind(Arn);
    if (kind === undefined) {
        throw notImplemented(
            "EventBridge",
            `targets other than functions, queues, topics, streams, event buses, log groups and API destinations of its own, such as ${Arn}`,
        );
    }
    for (const [name, value] of Object.entries(target)) {
        if (value === undefined) continue;
        const of = members[name];
        if (of === undefined) throw notImplemented("EventBridge", `targets with ${name}`);
        if (of !== "any" && of !== kind) throw invalid(`Parameter(s) ${name} is not supported for target: ${Id}.`);
    }
    const inputs = ["Input", "InputPath", "InputTransformer"].filter(
        (name) => target[name as keyof Target] !== undefined,
    );
    if (inputs.length > 1) {
        throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
    }
    if (target.Input !== undefined && !isJson(target.Input))
        throw invalid(`JSON syntax error in input for target ${Id}.`);
    if (kind === "queue" && Arn.endsWith(".fifo") && !target.SqsParameters?.MessageGroupId) {
        throw invalid(`Parameter(s) SqsParameters must be specified for target: ${Id}.`);
    }
    if ((kind === "stream" || kind === "API destination") && !target.RoleArn) {
        throw invalid(`Parameter(s) RoleArn must be specified for target: ${Id}.`);
    }
    const deadLetterArn = target.DeadLetterConfig?.Arn;
    if (deadLetterArn !== undefined && targetKind(deadLetterArn) !== "queue") {
        throw invalid(`Parameter(s) DeadLetterConfig.Arn must be the ARN of an SQS queue for target: ${Id}.`);
    }
    checkPaths(target);
}

function checkPaths({ Id, InputPath, InputTransformer, KinesisParameters }: Target): void {
    const paths = [
        InputPath,
        ...Object.values(InputTransformer?.InputPathsMap ?? {}),
        KinesisParameters?.PartitionKeyPath,
    ];
    for (const path of paths) {
        if (path === undefined) continue;
        if (!path.startsWith("$")) throw invalid(`Reason: Invalid InputPath ${path} for target ${Id}.`);
        if (jsonPath(path) === undefined) {
            throw notImplemented("EventBridge", `the path ${path}; it takes paths such as $.detail.items[0].name`);
        }
    }
    for (const name of Object.keys(InputTransformer?.InputPathsMap ?? {})) {
        if (!/^[\w-]+$/.test(name) || name.startsWith("AWS")) {
            throw invalid(
                `Parameter InputPathsMap of target ${Id} is not valid. Reason: '${name}' cannot be the name of a variable.`,
            );
        }
    }
}

export function invalid(message: string): AwsError {
    return new AwsError("ValidationException", message);
}
