import type * as pulumi from "@pulumi/pulumi";

/**
 * Makes a resource without the stack traces that Pulumi takes of it: four a property, hundreds a resource, which it shows
 * with PULUMI_DEBUG_PROMISE_LEAKS alone. Through source maps they take longer than all else that a stage does.
 */
export function newResource<Args, Made extends pulumi.CustomResource>(
    kind: new (name: string, args: Args, options?: pulumi.CustomResourceOptions) => Made,
    name: string,
    args: NoInfer<Args>,
    options: pulumi.CustomResourceOptions,
): Made {
    const { stackTraceLimit } = Error;
    if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) Error.stackTraceLimit = 0;
    try {
        return new kind(name, args, options);
    } catch (error) {
        Error.stackTraceLimit = stackTraceLimit;
        if (error instanceof Error) Error.captureStackTrace(error);
        throw error;
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}
