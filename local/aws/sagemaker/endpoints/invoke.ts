import { setTimeout as wait } from "node:timers/promises";
import type { InvokeEndpointInput, InvokeEndpointOutput } from "@aws-sdk/client-sagemaker-runtime";
import type { TwinContext } from "../../context";
import { AwsError, account, type Operation, region } from "../../service";
import { authorize } from "../access";
import type { DeployedVariant, Deployment } from "./deployment";
import { FleetStopped } from "./fleet";
import type { LiveEndpoints } from "./live-endpoints";
import { measureInvocation } from "./metrics";
import { endpointLogGroup, InvocationTimeout, type ModelResponse } from "./model-server";

/** Bodies in one piece, as they are in-process. */
export type InvokeInput = Omit<InvokeEndpointInput, "Body"> & { Body?: Uint8Array };
export type InvokeOutput = Omit<InvokeEndpointOutput, "Body"> & { Body: Uint8Array };

export interface RuntimeOperations {
    InvokeEndpoint: Operation<InvokeInput, InvokeOutput>;
}

export interface InvokeOptions {
    /** Milliseconds for an answer. @default 60000 */
    readonly invocationTimeout?: number;
}

const timedOut =
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.";

const largestBody = 6_291_456;
const largestServerlessBody = 4 * 1_048_576;

export function runtimeOperations(
    context: TwinContext,
    live: LiveEndpoints,
    { invocationTimeout = 60_000 }: InvokeOptions,
): RuntimeOperations {
    async function inService(name: string): Promise<Deployment> {
        const endpoint = live.get(name)?.described;
        if (endpoint === undefined) {
            throw new AwsError("ValidationError", `Endpoint ${name} of account ${account} not found.`);
        }
        let deployment: Deployment | undefined;
        try {
            if (endpoint.EndpointStatus !== "Creating") deployment = await live.deployment(name);
        } catch (error) {
            throw new AwsError("ServiceUnavailable", (error as Error).message, 503);
        }
        if (deployment !== undefined) return deployment;
        throw new AwsError(
            "ValidationError",
            `Endpoint ${name} is not in service: its status is ${endpoint.EndpointStatus}.`,
        );
    }

    function chosenVariant(name: string, deployment: Deployment, target: string | undefined): DeployedVariant {
        const { variants } = deployment;
        if (target !== undefined) {
            const found = variants.find((variant) => variant.name === target);
            if (found !== undefined) return found;
            throw new AwsError("ValidationError", `Variant ${target} of endpoint ${name} not found.`);
        }
        const summaries = live.get(name)?.described.ProductionVariants ?? [];
        const weights = variants.map(
            (variant) => summaries.find((each) => each.VariantName === variant.name)?.CurrentWeight ?? 1,
        );
        let rest = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
        const chosen = variants.find((_, index) => {
            rest -= weights[index] ?? 0;
            return rest < 0;
        });
        const variant = chosen ?? variants[0];
        if (variant === undefined) throw new AwsError("ServiceUnavailable", `Endpoint ${name} has no variant.`, 503);
        return variant;
    }

    function modelError(name: string, status: number, original: string): AwsError {
        const group = endpointLogGroup(name);
        const kind = status >= 400 && status < 500 ? "client" : "server";
        const message =
            status === 0
                ? original
                : `Received ${kind} error (${status}) from primary with message "${original}". See ${group} in CloudWatch Logs for more information.`;
        return new AwsError("ModelError", message, 424, {
            Message: message,
            OriginalStatusCode: status,
            OriginalMessage: original,
            LogStreamArn: `arn:aws:logs:${region}:${account}:log-group:${group}`,
        });
    }

    async function answerOf(name: string, variant: DeployedVariant, input: InvokeInput): Promise<ModelResponse> {
        const headers: Record<string, string> = {
            "content-type": input.ContentType ?? "application/octet-stream",
            accept: input.Accept ?? "*/*",
            "content-length": String(input.Body?.byteLength ?? 0),
        };
        if (input.CustomAttributes !== undefined)
            headers["x-amzn-sagemaker-custom-attributes"] = input.CustomAttributes;
        if (input.InferenceId !== undefined) headers["x-amzn-sagemaker-inference-id"] = input.InferenceId;
        const injection = context.faults.ofModel(name);
        if (injection !== undefined) {
            await wait(Math.min(injection.delay, invocationTimeout));
            const { rule, label } = injection;
            if (rule?.fault === "error") throw modelError(name, rule.status ?? 500, `Injected on demand: ${label}`);
            if (injection.delay >= invocationTimeout) throw modelError(name, 0, timedOut);
        }
        try {
            return await variant.fleet.invoke({
                body: input.Body ?? new Uint8Array(),
                headers,
                timeout: invocationTimeout,
            });
        } catch (error) {
            if (error instanceof FleetStopped) throw new AwsError("ServiceUnavailable", error.message, 503);
            const why =
                error instanceof InvocationTimeout
                    ? timedOut
                    : `The container primary closed the connection without an answer (${(error as Error).message}).`;
            throw modelError(name, 0, why);
        }
    }

    return {
        async InvokeEndpoint(input, caller) {
            const begun = performance.now();
            const name = input.EndpointName ?? "";
            authorize(context, caller, "InvokeEndpoint", ["endpoint", name]);
            const variant = chosenVariant(name, await inService(name), input.TargetVariant);
            const limit = variant.maxConcurrency === undefined ? largestBody : largestServerlessBody;
            if ((input.Body?.byteLength ?? 0) > limit) {
                throw new AwsError("ValidationError", `HTTP content length exceeded ${limit} bytes.`, 413);
            }
            if (variant.maxConcurrency !== undefined && variant.inFlight >= variant.maxConcurrency) {
                throw new AwsError(
                    "ThrottlingException",
                    `Rate exceeded: endpoint ${name} answers ${variant.maxConcurrency} requests at a time.`,
                    429,
                );
            }
            variant.inFlight++;
            const asked = performance.now();
            let answered = 0;
            try {
                const { status, headers, body } = await answerOf(name, variant, input);
                answered = status;
                if (status < 200 || status > 299) throw modelError(name, status, body.toString("utf8").slice(0, 1024));
                const attributes = headers["x-amzn-sagemaker-custom-attributes"];
                return {
                    Body: body,
                    ContentType: headers["content-type"],
                    InvokedProductionVariant: variant.name,
                    CustomAttributes: typeof attributes === "string" ? attributes : undefined,
                };
            } finally {
                variant.inFlight--;
                const duration = performance.now() - asked;
                measureInvocation(context, {
                    endpoint: name,
                    variant: variant.name,
                    status: answered,
                    duration,
                    overhead: asked - begun,
                });
            }
        },
    };
}
