import type { UsedPermission } from "../local/aws/iam";
import { matches } from "../local/aws/iam/wildcard";
import type { StackExport } from "../local/pulumi";

/** One action that a function's role may do on one resource, and the code that needs it. */
export interface Permission {
    /** The stage, or another component with a function. */
    readonly stage: string;
    readonly action: string;
    /** ARN or ARN pattern. */
    readonly resource: string;
    /** What needs it, in the program's words. */
    readonly because: string;
    /** Where it is needed: `index.ts:65:5`, from the project's folder. */
    readonly at: readonly string[];
}

/** What the twin saw a role do, or try. */
type RoleUse = Omit<UsedPermission, "lastUsed">;

/** A permission and how often it was used; or a denied attempt, for which nothing is granted. */
export interface PermissionUse extends Permission {
    readonly granted: boolean;
    readonly allowed: number;
    readonly denied: number;
}

interface Permitted {
    readonly stage: string;
    readonly roleArn: string;
    readonly permissions: readonly Permission[];
}

interface DeclaredPermission {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
    readonly because: string;
    readonly at: readonly string[];
}

/** Every component of a deployed program that says what its function may do. */
function permittedComponents(stack: StackExport): Permitted[] {
    return stack.resources.flatMap(({ custom, name, outputs }) => {
        const { roleArn, permissions } = outputs;
        if (custom || typeof roleArn !== "string" || !Array.isArray(permissions)) return [];
        const declared = permissions as unknown as readonly DeclaredPermission[];
        const each = declared.flatMap(({ actions, resources, because, at }) =>
            actions.flatMap((action) => resources.map((resource) => ({ stage: name, action, resource, because, at }))),
        );
        return [{ stage: name, roleArn, permissions: each }];
    });
}

/** What the functions of a deployed program may do, by stage, in the order of the program. */
export function listPermissions(stack: StackExport): Permission[] {
    return permittedComponents(stack).flatMap(({ permissions }) => permissions);
}

/** Compares what is granted with what was used: unused permissions have zeros, denied attempts are listed last. */
export function comparePermissions(stack: StackExport, uses: readonly RoleUse[]): PermissionUse[] {
    return permittedComponents(stack).flatMap(({ stage, roleArn, permissions }) => {
        const own = uses.filter((use) => use.roleArn === roleArn);
        const covers = (permission: Permission, use: RoleUse) =>
            permission.action.toLowerCase() === use.action.toLowerCase() && matches(permission.resource, use.resource);
        const granted = permissions.map((permission): PermissionUse => {
            const used = own.filter((use) => covers(permission, use));
            return {
                ...permission,
                granted: true,
                allowed: sum(used.map(({ allowed }) => allowed)),
                denied: sum(used.map(({ denied }) => denied)),
            };
        });
        const ungranted = own
            .filter((use) => !permissions.some((permission) => covers(permission, use)))
            .map(({ action, resource, allowed, denied }): PermissionUse => {
                const because = denied > 0 ? "denied: nothing permits it" : "permitted by another policy";
                return { stage, action, resource, because, at: [], granted: false, allowed, denied };
            });
        return [...granted, ...ungranted];
    });
}

function sum(numbers: readonly number[]): number {
    return numbers.reduce((total, each) => total + each, 0);
}
