import { AwsError, account, type Caller, region } from "../service";
import type { Store } from "../store";
import { type AccessKey, createAccessKeys } from "./access-keys";
import type { ConditionContext } from "./conditions";
import { decide, type PolicyDocument, type Principal } from "./policy";
import { createRoles, type RoleOperations } from "./roles";
import { openUsedPermissions, type UsedPermission } from "./used-permissions";

export { type AccessKey, newAccessKeyId } from "./access-keys";
export { type PolicyDocument, type PolicyStatement, parsePolicy } from "./policy";
export type { Role, RoleOperations } from "./roles";
export type { UsedPermission } from "./used-permissions";

export interface AuthorizeOptions {
    /** Values of condition keys, besides those that every request has. */
    readonly context?: Readonly<Record<string, string | readonly string[]>>;
    /** The policy of the resource itself, which may permit or deny too. */
    readonly resourcePolicy?: PolicyDocument;
    /** Error code. @default "AccessDeniedException" */
    readonly code?: string;
    /** How the service writes action and resource in messages. No resource is written where it is empty. */
    readonly shown?: { readonly action?: string; readonly resource?: string };
    /** HTTP status of the error. @default 403 for the code "AccessDenied", otherwise 400 */
    readonly status?: number;
}

export interface Iam {
    readonly operations: RoleOperations;
    /** The access key of a role's session, the same each time. @throws AwsError NoSuchEntity without such a role. */
    accessKey(roleArn: string, sessionName?: string): AccessKey;
    /** Whose key it is; undefined when nobody's. Root's key is the server's business. */
    caller(accessKeyId: string): Caller | undefined;
    /** @throws AwsError in AWS's words when the caller may not. Root may do everything. */
    authorize(caller: Caller, action: string, resource: string, options?: AuthorizeOptions): void;
    /** Does a resource's policy let a service such as `events.amazonaws.com` do this? */
    servicePrincipalAllowed(
        policy: PolicyDocument | undefined,
        service: string,
        action: string,
        resource: string,
        context: Readonly<Record<string, string>>,
    ): boolean;
    /** Does the role's trust policy let a service such as `lambda.amazonaws.com` assume it? False without such a role. */
    mayAssume(roleArn: string, service: string): boolean;
    /** The caller's ARN as AWS writes it in messages and in GetCallerIdentity. */
    callerArn(caller: Caller): string;
    /** What roles have asked for since they were made, and whether they got it. */
    usedPermissions(): UsedPermission[];
    close(): Promise<void>;
}

/** IAM of the twin: roles, their policies and keys, and the decision about every request. */
export function createIam(store: Store): Iam {
    const roles = createRoles(store, authorize, (roleArn) => used.forget(roleArn));
    const used = openUsedPermissions(store);
    const keys = createAccessKeys(store);

    function authorize(caller: Caller, action: string, resource: string, options: AuthorizeOptions = {}): void {
        if (caller.kind === "root") return;
        const sessionArn = callerArn(caller);
        const context = conditionContext({
            "aws:PrincipalArn": caller.roleArn,
            "aws:PrincipalAccount": account,
            "aws:PrincipalType": "AssumedRole",
            "aws:PrincipalIsAWSService": "false",
            ...options.context,
        });
        const request = { action, resource, context };
        const principal: Principal = { kind: "role", roleArn: caller.roleArn, sessionArn };
        const identity = roles.policies(caller.roleArn).map((policy) => decide(policy, request));
        const resourceBased =
            options.resourcePolicy === undefined ? "none" : decide(options.resourcePolicy, { ...request, principal });
        const { action: shownAction = action, resource: shownResource = resource } = options.shown ?? {};
        const isAllowed =
            !identity.includes("deny") &&
            resourceBased !== "deny" &&
            (identity.includes("allow") || resourceBased === "allow");
        used.note(caller.roleArn, action, resource, isAllowed);
        if (isAllowed) return;
        let because = `because no identity-based policy allows the ${shownAction} action`;
        if (identity.includes("deny")) because = "with an explicit deny in an identity-based policy";
        else if (resourceBased === "deny") because = "with an explicit deny in a resource-based policy";
        const code = options.code ?? "AccessDeniedException";
        throw new AwsError(
            code,
            `User: ${sessionArn} is not authorized to perform: ${shownAction} ${shownResource === "" ? "" : `on resource: ${shownResource} `}${because}`,
            options.status ?? (code === "AccessDenied" ? 403 : 400),
        );
    }

    return {
        operations: roles.operations,
        accessKey: (roleArn, sessionName = "session") => keys.forRole(roleArn, sessionName),
        caller: keys.caller,
        authorize,
        servicePrincipalAllowed(policy, service, action, resource, context) {
            if (policy === undefined) return false;
            const principal: Principal = { kind: "service", service };
            const all = conditionContext({ "aws:PrincipalIsAWSService": "true", ...context });
            return decide(policy, { action, resource, principal, context: all }) === "allow";
        },
        mayAssume(roleArn, service) {
            const trust = roles.trust(roleArn);
            if (trust === undefined) return false;
            const principal: Principal = { kind: "service", service };
            const request = {
                action: "sts:AssumeRole",
                resource: roleArn,
                principal,
                context: conditionContext({ "aws:SourceAccount": account }),
            };
            return decide(trust, request) === "allow";
        },
        callerArn,
        usedPermissions: used.list,
        close: async () => used.flush(),
    };
}

function callerArn(caller: Caller): string {
    if (caller.kind === "root") return `arn:aws:iam::${account}:root`;
    const roleName = caller.roleArn.slice(caller.roleArn.lastIndexOf("/") + 1);
    return `arn:aws:sts::${account}:assumed-role/${roleName}/${caller.sessionName ?? "session"}`;
}

function conditionContext(values: Readonly<Record<string, string | readonly string[]>>): ConditionContext {
    const now = Date.now();
    const all = {
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": account,
        // Nothing leaves this machine: a policy that insists on TLS is met.
        "aws:SecureTransport": "true",
        "aws:CurrentTime": new Date(now).toISOString(),
        "aws:EpochTime": String(Math.floor(now / 1000)),
        ...values,
    };
    return new Map(
        Object.entries(all).map(([key, value]) => [key.toLowerCase(), typeof value === "string" ? [value] : value]),
    );
}
