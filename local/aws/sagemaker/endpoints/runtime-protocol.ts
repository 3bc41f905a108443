import { AwsError, type AwsRequest, type AwsResponse } from "../../service";
import type { RuntimeOperations } from "./invoke";

const invocations = /^\/endpoints\/([^/]+)\/invocations$/;

/** Whether a request is for the SageMaker runtime, which shares its signing name with SageMaker. */
export function isRuntimeRequest({ path }: AwsRequest): boolean {
    return path.startsWith("/endpoints/") || path.startsWith("/inference-components/");
}

/** The endpoint that an invocation is for; undefined for any other request. */
export function runtimeEndpoint({ method, path }: AwsRequest): string | undefined {
    const [, encoded] = method === "POST" ? (invocations.exec(path) ?? []) : [];
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
}

/** The runtime's REST protocol. */
export async function handleRuntimeRequest(operations: RuntimeOperations, request: AwsRequest): Promise<AwsResponse> {
    try {
        const endpoint = runtimeEndpoint(request);
        if (endpoint === undefined) {
            throw new AwsError(
                "NotImplemented",
                `The local twin does not implement ${request.method} ${request.path.replace(/^\/endpoints\/[^/]+/, "/endpoints/NAME")} of sagemaker-runtime.`,
                501,
            );
        }
        return await invoke(operations, endpoint, request);
    } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return {
            status: error.status,
            headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
            body: JSON.stringify({ message: error.message, Message: error.message, ...error.members }),
        };
    }
}

async function invoke(operations: RuntimeOperations, name: string, request: AwsRequest): Promise<AwsResponse> {
    const header = (header: string) => request.headers[header];
    for (const unsupported of [
        "x-amzn-sagemaker-target-model",
        "x-amzn-sagemaker-inference-component",
        "x-amzn-sagemaker-session-id",
    ]) {
        if (header(unsupported) !== undefined) {
            throw new AwsError("ValidationError", `The local twin does not support the header ${unsupported}.`);
        }
    }
    const output = await operations.InvokeEndpoint(
        {
            EndpointName: name,
            Body: request.body,
            ContentType: header("content-type"),
            Accept: header("accept"),
            CustomAttributes: header("x-amzn-sagemaker-custom-attributes"),
            TargetVariant: header("x-amzn-sagemaker-target-variant"),
            InferenceId: header("x-amzn-sagemaker-inference-id"),
        },
        request.caller,
    );
    const headers: Record<string, string> = {
        "content-type": output.ContentType ?? "application/octet-stream",
        "x-amzn-invoked-production-variant": output.InvokedProductionVariant ?? "",
    };
    if (output.CustomAttributes !== undefined) headers["x-amzn-sagemaker-custom-attributes"] = output.CustomAttributes;
    return { status: 200, headers, body: Buffer.from(output.Body) };
}
