import { randomBytes } from "node:crypto";
import { AwsError, account, type Caller, type Operation } from "../service";
import type { Store } from "../store";
import { managedPolicies } from "./managed-policies";
import { type PolicyDocument, parsePolicy } from "./policy";

export interface Tag {
    Key: string;
    Value: string;
}

export interface Role {
    Path: string;
    RoleName: string;
    RoleId: string;
    Arn: string;
    CreateDate: Date;
    /** JSON, not percent-encoded as IAM's own answers are. */
    AssumeRolePolicyDocument: string;
    Description?: string;
    /** Seconds. */
    MaxSessionDuration: number;
    Tags: Tag[];
}

interface OfRole {
    RoleName: string;
}
interface OfPolicy extends OfRole {
    PolicyName: string;
}
interface Attachment extends OfRole {
    PolicyArn: string;
}

/** The operations of IAM that the twin has, called in-process only. */
export interface RoleOperations {
    CreateRole: Operation<
        OfRole & {
            AssumeRolePolicyDocument: string;
            Path?: string;
            Description?: string;
            MaxSessionDuration?: number;
            Tags?: readonly Tag[];
        },
        { Role: Role }
    >;
    GetRole: Operation<OfRole, { Role: Role }>;
    UpdateRole: Operation<OfRole & { Description?: string; MaxSessionDuration?: number }, object>;
    UpdateAssumeRolePolicy: Operation<OfRole & { PolicyDocument: string }, object>;
    DeleteRole: Operation<OfRole, object>;
    TagRole: Operation<OfRole & { Tags: readonly Tag[] }, object>;
    UntagRole: Operation<OfRole & { TagKeys: readonly string[] }, object>;
    PutRolePolicy: Operation<OfPolicy & { PolicyDocument: string }, object>;
    GetRolePolicy: Operation<OfPolicy, OfPolicy & { PolicyDocument: string }>;
    DeleteRolePolicy: Operation<OfPolicy, object>;
    ListRolePolicies: Operation<OfRole, { PolicyNames: string[]; IsTruncated: false }>;
    AttachRolePolicy: Operation<Attachment, object>;
    DetachRolePolicy: Operation<Attachment, object>;
    ListAttachedRolePolicies: Operation<
        OfRole,
        { AttachedPolicies: { PolicyName: string; PolicyArn: string }[]; IsTruncated: false }
    >;
}

export interface Roles {
    readonly operations: RoleOperations;
    /** All policies of a role, inline and attached; none when there is no such role. */
    policies(roleArn: string): readonly PolicyDocument[];
    /** Who may assume the role; undefined when there is no such role. */
    trust(roleArn: string): PolicyDocument | undefined;
}

type Authorize = (caller: Caller, action: string, resource: string) => void;

/**
 * Roles and their policies.
 * @param onDeleted Called once a role is no longer in the store.
 */
export function createRoles(store: Store, authorize: Authorize, onDeleted: (roleArn: string) => void): Roles {
    const { database } = store;
    database.exec(`
        CREATE TABLE IF NOT EXISTS iam_roles (
            name TEXT PRIMARY KEY, arn TEXT NOT NULL UNIQUE, path TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL,
            trust TEXT NOT NULL, description TEXT, max_session_duration INTEGER NOT NULL, tags TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS iam_role_policies (
            role TEXT NOT NULL REFERENCES iam_roles (name), name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (role, name)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS iam_attached_policies (
            role TEXT NOT NULL REFERENCES iam_roles (name), arn TEXT NOT NULL, PRIMARY KEY (role, arn)
        ) STRICT;
    `);
    const byName = database.prepare("SELECT * FROM iam_roles WHERE name = ?");
    const byArn = database.prepare("SELECT * FROM iam_roles WHERE arn = ?");
    const inline = database.prepare("SELECT name, document FROM iam_role_policies WHERE role = ? ORDER BY name");
    const attached = database.prepare("SELECT arn FROM iam_attached_policies WHERE role = ? ORDER BY arn");
    const inlineNamed = database.prepare("SELECT document FROM iam_role_policies WHERE role = ? AND name = ?");
    const cache = new Map<string, readonly PolicyDocument[]>();

    /** The role, once the caller may do this to it. */
    function permitted(caller: Caller, action: string, name: string): Role {
        const row = byName.get(name);
        authorize(caller, `iam:${action}`, row === undefined ? roleArn("/", name) : String(row.arn));
        if (row === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
        return toRole(row);
    }

    /** Not in a group commit: what was read before, the table and the cache must not change in between. */
    function write(sql: string, ...values: (string | number | null)[]): number {
        const changes = store.transaction(() => Number(database.prepare(sql).run(...values).changes));
        cache.clear();
        return changes;
    }

    const operations: RoleOperations = {
        async CreateRole(input, caller) {
            const path = input.Path ?? "/";
            const arn = roleArn(path, input.RoleName);
            authorize(caller, "iam:CreateRole", arn);
            if (!/^[\w+=,.@-]{1,64}$/.test(input.RoleName)) {
                throw new AwsError(
                    "ValidationError",
                    `The role name '${input.RoleName}' must be 1 to 64 characters out of letters, digits and _+=,.@-.`,
                );
            }
            parsePolicy(input.AssumeRolePolicyDocument, "trust");
            if (byName.get(input.RoleName) !== undefined) {
                throw new AwsError("EntityAlreadyExists", `Role with name ${input.RoleName} already exists.`, 409);
            }
            write(
                "INSERT INTO iam_roles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                input.RoleName,
                arn,
                path,
                `AROA${randomBytes(9).toString("hex").slice(0, 17).toUpperCase()}`,
                Date.now(),
                input.AssumeRolePolicyDocument,
                input.Description ?? null,
                input.MaxSessionDuration ?? 3600,
                JSON.stringify(input.Tags ?? []),
            );
            return { Role: permitted(caller, "CreateRole", input.RoleName) };
        },
        async GetRole({ RoleName }, caller) {
            return { Role: permitted(caller, "GetRole", RoleName) };
        },
        async UpdateRole({ RoleName, Description, MaxSessionDuration }, caller) {
            const role = permitted(caller, "UpdateRole", RoleName);
            write(
                "UPDATE iam_roles SET description = ?, max_session_duration = ? WHERE name = ?",
                Description ?? role.Description ?? null,
                MaxSessionDuration ?? role.MaxSessionDuration,
                RoleName,
            );
            return {};
        },
        async UpdateAssumeRolePolicy({ RoleName, PolicyDocument }, caller) {
            permitted(caller, "UpdateAssumeRolePolicy", RoleName);
            parsePolicy(PolicyDocument, "trust");
            write("UPDATE iam_roles SET trust = ? WHERE name = ?", PolicyDocument, RoleName);
            return {};
        },
        async DeleteRole({ RoleName }, caller) {
            const { Arn } = permitted(caller, "DeleteRole", RoleName);
            if (inline.get(RoleName) !== undefined) throw deleteConflict("must delete policies first");
            if (attached.get(RoleName) !== undefined) throw deleteConflict("must detach all policies first");
            write("DELETE FROM iam_roles WHERE name = ?", RoleName);
            onDeleted(Arn);
            return {};
        },
        async TagRole({ RoleName, Tags }, caller) {
            const role = permitted(caller, "TagRole", RoleName);
            const kept = role.Tags.filter((tag) => !Tags.some(({ Key }) => Key === tag.Key));
            write("UPDATE iam_roles SET tags = ? WHERE name = ?", JSON.stringify([...kept, ...Tags]), RoleName);
            return {};
        },
        async UntagRole({ RoleName, TagKeys }, caller) {
            const role = permitted(caller, "UntagRole", RoleName);
            const kept = role.Tags.filter((tag) => !TagKeys.includes(tag.Key));
            write("UPDATE iam_roles SET tags = ? WHERE name = ?", JSON.stringify(kept), RoleName);
            return {};
        },
        async PutRolePolicy({ RoleName, PolicyName, PolicyDocument }, caller) {
            permitted(caller, "PutRolePolicy", RoleName);
            parsePolicy(PolicyDocument, "identity");
            write("INSERT OR REPLACE INTO iam_role_policies VALUES (?, ?, ?)", RoleName, PolicyName, PolicyDocument);
            return {};
        },
        async GetRolePolicy({ RoleName, PolicyName }, caller) {
            permitted(caller, "GetRolePolicy", RoleName);
            const row = inlineNamed.get(RoleName, PolicyName);
            if (row === undefined) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
            return { RoleName, PolicyName, PolicyDocument: String(row.document) };
        },
        async DeleteRolePolicy({ RoleName, PolicyName }, caller) {
            permitted(caller, "DeleteRolePolicy", RoleName);
            const deleted = write("DELETE FROM iam_role_policies WHERE role = ? AND name = ?", RoleName, PolicyName);
            if (deleted === 0) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
            return {};
        },
        async ListRolePolicies({ RoleName }, caller) {
            permitted(caller, "ListRolePolicies", RoleName);
            return { PolicyNames: inline.all(RoleName).map((row) => String(row.name)), IsTruncated: false };
        },
        async AttachRolePolicy({ RoleName, PolicyArn }, caller) {
            permitted(caller, "AttachRolePolicy", RoleName);
            if (managedPolicies[PolicyArn] === undefined) {
                const known = Object.keys(managedPolicies).join(", ");
                throw new AwsError(
                    "NotImplemented",
                    `The local twin does not have the managed policy ${PolicyArn}; it has ${known}. Use an inline policy.`,
                    501,
                );
            }
            write("INSERT OR IGNORE INTO iam_attached_policies VALUES (?, ?)", RoleName, PolicyArn);
            return {};
        },
        async DetachRolePolicy({ RoleName, PolicyArn }, caller) {
            permitted(caller, "DetachRolePolicy", RoleName);
            const detached = write("DELETE FROM iam_attached_policies WHERE role = ? AND arn = ?", RoleName, PolicyArn);
            if (detached === 0) throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
            return {};
        },
        async ListAttachedRolePolicies({ RoleName }, caller) {
            permitted(caller, "ListAttachedRolePolicies", RoleName);
            const AttachedPolicies = attached.all(RoleName).map((row) => {
                const PolicyArn = String(row.arn);
                return { PolicyArn, PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf("/") + 1) };
            });
            return { AttachedPolicies, IsTruncated: false };
        },
    };

    return {
        operations,
        policies(roleArn) {
            let policies = cache.get(roleArn);
            if (policies === undefined) {
                const name = String(byArn.get(roleArn)?.name);
                policies = [
                    ...inline.all(name).map((row) => JSON.parse(String(row.document)) as PolicyDocument),
                    ...attached.all(name).flatMap((row) => managedPolicies[String(row.arn)] ?? []),
                ];
                cache.set(roleArn, policies);
            }
            return policies;
        },
        trust(roleArn) {
            const row = byArn.get(roleArn);
            return row === undefined ? undefined : (JSON.parse(String(row.trust)) as PolicyDocument);
        },
    };
}

function roleArn(path: string, name: string): string {
    return `arn:aws:iam::${account}:role${path}${name}`;
}

function toRole(row: Record<string, unknown>): Role {
    return {
        Path: String(row.path),
        RoleName: String(row.name),
        RoleId: String(row.id),
        Arn: String(row.arn),
        CreateDate: new Date(Number(row.created)),
        AssumeRolePolicyDocument: String(row.trust),
        Description: row.description === null ? undefined : String(row.description),
        MaxSessionDuration: Number(row.max_session_duration),
        Tags: JSON.parse(String(row.tags)) as Tag[],
    };
}

function noSuchEntity(message: string): AwsError {
    return new AwsError("NoSuchEntity", message, 404);
}

function deleteConflict(what: string): AwsError {
    return new AwsError("DeleteConflict", `Cannot delete entity, ${what}.`, 409);
}
