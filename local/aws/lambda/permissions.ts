import { randomUUID } from "node:crypto";
import type {
    AddPermissionCommandOutput,
    AddPermissionRequest,
    GetPolicyCommandOutput,
    GetPolicyRequest,
    RemovePermissionCommandOutput,
    RemovePermissionRequest,
} from "@aws-sdk/client-lambda";
import type { TwinContext } from "../context";
import type { PolicyStatement } from "../iam";
import { AwsError, account, type Caller, type Operation } from "../service";
import { type FunctionStore, resourcePolicy } from "./function-store";
import { functionArn, functionName, invalidParameter, unsupported } from "./names";

export interface PermissionOperations {
    AddPermission: Operation<AddPermissionRequest, AddPermissionCommandOutput>;
    RemovePermission: Operation<RemovePermissionRequest, RemovePermissionCommandOutput>;
    GetPolicy: Operation<GetPolicyRequest, GetPolicyCommandOutput>;
}

/** The resource policies of functions: who else may invoke them. */
export function permissionOperations({ iam }: TwinContext, functions: FunctionStore): PermissionOperations {
    function permitted(caller: Caller, action: string, reference: string | undefined, qualifier?: string): string {
        const name = functionName(reference, qualifier);
        iam.authorize(caller, `lambda:${action}`, functionArn(name), { status: 403 });
        functions.get(name);
        return name;
    }

    return {
        async AddPermission(input, caller) {
            const name = permitted(caller, "AddPermission", input.FunctionName, input.Qualifier);
            const added = statement(name, input);
            await functions.update(name, (current) => {
                if (current.permissions.some(({ Sid }) => Sid === added.Sid)) {
                    throw new AwsError(
                        "ResourceConflictException",
                        `The statement id (${added.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
                        409,
                        { Type: "User" },
                    );
                }
                return { ...current, permissions: [...current.permissions, added] };
            });
            return { Statement: JSON.stringify(added) };
        },
        async RemovePermission(input, caller) {
            const name = permitted(caller, "RemovePermission", input.FunctionName, input.Qualifier);
            await functions.update(name, (current) => {
                const permissions = current.permissions.filter(({ Sid }) => Sid !== input.StatementId);
                if (permissions.length === current.permissions.length) {
                    throw new AwsError(
                        "ResourceNotFoundException",
                        `Statement ${input.StatementId} is not found in resource policy.`,
                        404,
                        { Type: "User" },
                    );
                }
                return { ...current, permissions };
            });
            return {};
        },
        async GetPolicy(input, caller) {
            const found = functions.get(permitted(caller, "GetPolicy", input.FunctionName, input.Qualifier));
            const policy = resourcePolicy(found);
            if (policy === undefined) {
                throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, {
                    Type: "User",
                });
            }
            return { Policy: JSON.stringify(policy), RevisionId: randomUUID() };
        },
    };
}

function statement(name: string, input: AddPermissionRequest): PolicyStatement {
    const { StatementId = "", Action = "", Principal = "", SourceArn, SourceAccount } = input;
    for (const member of ["EventSourceToken", "FunctionUrlAuthType", "PrincipalOrgID"] as const) {
        if (input[member] !== undefined) throw unsupported("AddPermission", member);
    }
    const problems: string[] = [];
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(StatementId)) {
        problems.push(`StatementId '${StatementId}' must be 1 to 100 letters, digits, '-' and '_'.`);
    }
    if (!/^(lambda:[*A-Za-z]+|\*)$/.test(Action))
        problems.push(`Action '${Action}' must be like lambda:InvokeFunction.`);
    if (Principal.length === 0) problems.push("Principal is missing: give a service, an account or a role's ARN.");
    if (problems.length > 0) throw invalidParameter(problems.join(" "));
    const condition = {
        ...(SourceAccount === undefined ? {} : { StringEquals: { "AWS:SourceAccount": SourceAccount } }),
        ...(SourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": SourceArn } }),
    };
    return {
        Sid: StatementId,
        Effect: "Allow",
        Principal: principalOf(Principal),
        Action,
        Resource: functionArn(name),
        ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
    };
}

function principalOf(principal: string): PolicyStatement["Principal"] {
    if (principal === "*") return "*";
    if (principal.endsWith(".amazonaws.com")) return { Service: principal };
    return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}

/** What a service says about itself when it invokes a function for one of its resources. */
export interface InvocationSource {
    /** For example `s3.amazonaws.com`. */
    readonly service: string;
    readonly sourceArn: string;
}

/** May a service invoke the function for that resource? */
export function serviceMayInvoke(
    { iam }: TwinContext,
    functions: FunctionStore,
    name: string,
    source: InvocationSource,
): boolean {
    const found = functions.find(name);
    if (found === undefined) return false;
    return iam.servicePrincipalAllowed(
        resourcePolicy(found),
        source.service,
        "lambda:InvokeFunction",
        functionArn(name),
        { "aws:SourceArn": source.sourceArn, "aws:SourceAccount": account },
    );
}
