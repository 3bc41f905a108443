import type { Dimension } from "../../cloudwatch";
import type { TwinContext } from "../../context";

/** One request that a model answered, or did not. */
export interface Invocation {
    readonly endpoint: string;
    readonly variant: string;
    /** HTTP status of the model's answer; 0 when there was none. */
    readonly status: number;
    /** Milliseconds that the model took. */
    readonly duration: number;
    /** Milliseconds besides. */
    readonly overhead: number;
}

/** Tells CloudWatch of a request, by endpoint and variant. */
export function measureInvocation({ services }: TwinContext, invocation: Invocation): void {
    const { endpoint, variant, status, duration, overhead } = invocation;
    const dimensions: readonly Dimension[] = [
        ["EndpointName", endpoint],
        ["VariantName", variant],
    ];
    const failed = (lowest: number) => Number(status >= lowest && status < lowest + 100);
    services().cloudwatch.measure("AWS/SageMaker", dimensions, [
        { name: "Invocations", unit: "None", value: 1 },
        { name: "Invocation4XXErrors", unit: "None", value: failed(400) },
        { name: "Invocation5XXErrors", unit: "None", value: status === 0 ? 1 : failed(500) },
        { name: "InvocationModelErrors", unit: "None", value: Number(status < 200 || status > 299) },
        { name: "ModelLatency", unit: "Microseconds", value: Math.round(duration * 1000) },
        { name: "OverheadLatency", unit: "Microseconds", value: Math.round(overhead * 1000) },
    ]);
}
