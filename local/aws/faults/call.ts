import { lambdaCall } from "../lambda/rest";
import { s3Address } from "../s3/protocol/address";
import { findOperation } from "../s3/protocol/model";
import { runtimeEndpoint } from "../sagemaker/endpoints/runtime-protocol";
import type { AwsRequest } from "../service";
import type { Services } from "../services";
import { type Members, resourcesOf } from "./resources";

/** What a request asks for, as far as faults are concerned. */
export interface RequestedCall {
    readonly operation: string;
    /** Names of the streams, buckets, queues … that it is about; none where it names none. */
    resources(services: Pick<Services, "kinesis">): string[];
}

/** Reads a request of any protocol. Undefined for what is no operation of the service: that it says itself. */
export function requestedCall(service: string, request: AwsRequest): RequestedCall | undefined {
    try {
        if (service === "s3") {
            const address = s3Address(request.headers.host ?? request.headers[":authority"], request.path);
            const { name } = findOperation({ ...address, ...request });
            return { operation: name, resources: () => (address.bucket ? [address.bucket] : []) };
        }
        if (service === "lambda") {
            const { operation, members } = lambdaCall(request);
            return about(service, operation, members);
        }
        const endpoint = runtimeEndpoint(request);
        if (service === "sagemaker" && endpoint !== undefined) {
            return { operation: "InvokeEndpoint", resources: () => [endpoint] };
        }
    } catch {
        return undefined;
    }
    const target = request.headers["x-amz-target"];
    if (target !== undefined) {
        const operation = target.slice(target.lastIndexOf(".") + 1);
        return about(service, operation, () => jsonMembers(request.body));
    }
    const form = new URLSearchParams(request.body.toString("utf8"));
    const operation = form.get("Action");
    return operation === null ? undefined : about(service, operation, () => Object.fromEntries(form));
}

function about(service: string, operation: string, members: () => Members): RequestedCall {
    return { operation, resources: (services) => resourcesOf(service, operation, members(), services) };
}

function jsonMembers(body: Buffer): Members {
    try {
        const parsed: unknown = JSON.parse(body.toString("utf8"));
        return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
    } catch {
        return {};
    }
}
