import { lambdaCall } from "../lambda/rest";
import { s3Address } from "../s3/protocol/address";
import { findOperation } from "../s3/protocol/model";
import { runtimeEndpoint } from "../sagemaker/endpoints/runtime-protocol";
import type { AwsRequest } from "../service";

/** What a request asks for, as far as faults are concerned. */
export interface RequestedCall {
    readonly operation: string;
    /** Name of the stream, bucket, queue … that it is about; empty where it names none. */
    resource(): string;
}

/** Members of requests that name a resource, by its name, address or ARN. */
const naming = [
    "StreamName",
    "StreamARN",
    "QueueUrl",
    "QueueName",
    "TableName",
    "logGroupName",
    "logGroupIdentifier",
    "EventBusName",
    "TopicArn",
    "EndpointName",
    "TrainingJobName",
    "ModelName",
    "ModelPackageGroupName",
    "Name",
    "Rule",
];

/** Reads a request of any protocol. Undefined for what is no operation of the service: that it says itself. */
export function requestedCall(service: string, request: AwsRequest): RequestedCall | undefined {
    try {
        if (service === "s3") {
            const address = s3Address(request.headers.host ?? request.headers[":authority"], request.path);
            return { operation: findOperation({ ...address, ...request }).name, resource: () => address.bucket ?? "" };
        }
        if (service === "lambda") return lambdaCall(request);
        const endpoint = runtimeEndpoint(request);
        if (service === "sagemaker" && endpoint !== undefined) {
            return { operation: "InvokeEndpoint", resource: () => endpoint };
        }
    } catch {
        return undefined;
    }
    const target = request.headers["x-amz-target"];
    if (target !== undefined) {
        const operation = target.slice(target.lastIndexOf(".") + 1);
        return { operation, resource: () => resourceIn(jsonMembers(request.body)) };
    }
    const form = new URLSearchParams(request.body.toString("utf8"));
    const operation = form.get("Action");
    return operation === null ? undefined : { operation, resource: () => resourceIn(Object.fromEntries(form)) };
}

function resourceIn(members: Readonly<Record<string, unknown>>): string {
    const found = naming.map((name) => members[name]).find((value) => typeof value === "string");
    return String(found ?? "").replace(/^.*[:/]/, "");
}

function jsonMembers(body: Buffer): Readonly<Record<string, unknown>> {
    try {
        const parsed: unknown = JSON.parse(body.toString("utf8"));
        return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
    } catch {
        return {};
    }
}
