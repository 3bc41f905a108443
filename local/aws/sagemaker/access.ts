import type { TwinContext } from "../context";
import type { Caller } from "../service";
import { arnOf, type ResourceKind } from "./names";
import { validationError } from "./validation";

/** @throws AwsError AccessDeniedException unless the caller may do `action` (without `sagemaker:`) on the resource. */
export function authorize(
    context: TwinContext,
    caller: Caller,
    action: string,
    resource: readonly [ResourceKind, string] | "*",
): void {
    const arn = resource === "*" ? resource : arnOf(...resource);
    context.iam.authorize(caller, `sagemaker:${action}`, arn);
}

/**
 * Sees to it that the caller may hand the role to SageMaker, and that SageMaker may take it on.
 * @throws AwsError AccessDeniedException, or ValidationException for a role that does not exist or trusts others.
 */
export function passRole(context: TwinContext, caller: Caller, roleArn: string): void {
    const service = "sagemaker.amazonaws.com";
    context.iam.authorize(caller, "iam:PassRole", roleArn, { context: { "iam:PassedToService": service } });
    if (context.iam.mayAssume(roleArn, service)) return;
    throw validationError(
        `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal '${service}' to assume the role.`,
    );
}

/** SageMaker acting as an execution role. */
export function asRole(roleArn: string): Caller {
    return { kind: "role", roleArn, sessionName: "SageMaker" };
}
