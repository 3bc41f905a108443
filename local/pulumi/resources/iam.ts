import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { createOnce, foundOrUndefined, orUndo, unlessMissing } from "../provider/outcome";
import { providerFunction, resourceType, type ServiceResources } from "../provider/resource-type";
import { document, flag, listOf, mapOf, number, object, required, text } from "../provider/shape";
import type { Properties } from "../values";
import { type PolicyArguments, policyDocument } from "./policy-document";
import { changeTags, tagList, tagMap } from "./tags";

const missing = ["NoSuchEntity"];

type Iam = Services["iam"];

const role = resourceType({
    type: "aws:iam/role:Role",
    arguments: {
        name: text,
        namePrefix: text,
        assumeRolePolicy: required(document),
        description: text,
        path: text,
        maxSessionDuration: number,
        forceDetachPolicies: flag,
        inlinePolicies: listOf(object({ name: text, policy: text })),
        managedPolicyArns: listOf(text),
        tags: mapOf(text),
    },
    replacedBy: ["path"],
    assumed: { path: "/", maxSessionDuration: 3600, description: "" },
    naming: { property: "name", prefixProperty: "namePrefix", maximum: 64 },

    async create(inputs, { services: { iam } }, resumed) {
        const RoleName = String(inputs.name);
        await createOnce(resumed, "EntityAlreadyExists", () =>
            iam.operations.CreateRole(
                {
                    RoleName,
                    AssumeRolePolicyDocument: documentText(inputs.assumeRolePolicy),
                    Description: inputs.description,
                    Path: inputs.path,
                    MaxSessionDuration: inputs.maxSessionDuration,
                    Tags: tagList(inputs.tags),
                },
                root,
            ),
        );
        await orUndo(
            () => changePolicies(iam, RoleName, {}, inputs),
            async () => {
                await removePolicies(iam, RoleName, inputs);
                await iam.operations.DeleteRole({ RoleName }, root);
            },
        );
        return { id: RoleName, outputs: await roleOutputs(iam, RoleName) };
    },

    async read(id, { services: { iam } }, inputs) {
        const found = await foundOrUndefined(missing, () => iam.operations.GetRole({ RoleName: id }, root));
        if (found === undefined) return undefined;
        const { Role } = found;
        return {
            name: id,
            assumeRolePolicy: Role.AssumeRolePolicyDocument,
            path: Role.Path,
            description: Role.Description,
            maxSessionDuration: Role.MaxSessionDuration,
            tags: tagMap(Role.Tags),
            ...(await ownPolicies(iam, id, inputs)),
            ...(await roleOutputs(iam, id)),
        };
    },

    async update({ id, inputs: earlier }, inputs, { services: { iam } }) {
        const { description, maxSessionDuration } = inputs;
        if (description !== earlier.description || maxSessionDuration !== earlier.maxSessionDuration) {
            const Description = description ?? "";
            const MaxSessionDuration = maxSessionDuration ?? 3600;
            await iam.operations.UpdateRole({ RoleName: id, Description, MaxSessionDuration }, root);
        }
        const PolicyDocument = documentText(inputs.assumeRolePolicy);
        await iam.operations.UpdateAssumeRolePolicy({ RoleName: id, PolicyDocument }, root);
        await changePolicies(iam, id, earlier, inputs);
        await changeTags(earlier.tags, inputs.tags, {
            remove: (TagKeys) => iam.operations.UntagRole({ RoleName: id, TagKeys }, root),
            add: (added) => iam.operations.TagRole({ RoleName: id, Tags: tagList(added) }, root),
        });
        return roleOutputs(iam, id);
    },

    async delete({ id, inputs }, { services: { iam } }) {
        await removePolicies(iam, id, inputs);
        await unlessMissing(missing, () => iam.operations.DeleteRole({ RoleName: id }, root));
    },
});

async function roleOutputs(iam: Iam, RoleName: string) {
    const { Role } = await iam.operations.GetRole({ RoleName }, root);
    return { arn: Role.Arn, uniqueId: Role.RoleId, createDate: Role.CreateDate };
}

interface RolePolicies {
    readonly inlinePolicies?: readonly { readonly name?: string; readonly policy?: string }[];
    readonly managedPolicyArns?: readonly string[];
}

/** Of the policies that the role's own arguments give it, those that it has. Others may be of resources of their own. */
async function ownPolicies(iam: Iam, RoleName: string, inputs: RolePolicies | undefined): Promise<RolePolicies> {
    const { inlinePolicies, managedPolicyArns } = inputs ?? {};
    const { AttachedPolicies } = await iam.operations.ListAttachedRolePolicies({ RoleName }, root);
    const inline = (inlinePolicies ?? []).map(async ({ name }) => {
        const PolicyName = String(name);
        const found = await foundOrUndefined(missing, () =>
            iam.operations.GetRolePolicy({ RoleName, PolicyName }, root),
        );
        return found === undefined ? [] : [{ name, policy: found.PolicyDocument }];
    });
    return {
        ...(inlinePolicies && { inlinePolicies: (await Promise.all(inline)).flat() }),
        ...(managedPolicyArns && {
            managedPolicyArns: managedPolicyArns.filter((arn) =>
                AttachedPolicies.some(({ PolicyArn }) => PolicyArn === arn),
            ),
        }),
    };
}

async function changePolicies(iam: Iam, RoleName: string, earlier: RolePolicies, now: RolePolicies): Promise<void> {
    for (const { name, policy } of now.inlinePolicies ?? []) {
        const PolicyName = String(name);
        await iam.operations.PutRolePolicy({ RoleName, PolicyName, PolicyDocument: String(policy) }, root);
    }
    for (const PolicyArn of now.managedPolicyArns ?? []) {
        await iam.operations.AttachRolePolicy({ RoleName, PolicyArn }, root);
    }
    await removePolicies(iam, RoleName, {
        inlinePolicies: earlier.inlinePolicies?.filter(
            ({ name }) => !now.inlinePolicies?.some((policy) => policy.name === name),
        ),
        managedPolicyArns: earlier.managedPolicyArns?.filter((arn) => !now.managedPolicyArns?.includes(arn)),
    });
}

async function removePolicies(iam: Iam, RoleName: string, policies: RolePolicies): Promise<void> {
    for (const { name } of policies.inlinePolicies ?? []) {
        const PolicyName = String(name);
        await unlessMissing(missing, () => iam.operations.DeleteRolePolicy({ RoleName, PolicyName }, root));
    }
    for (const PolicyArn of policies.managedPolicyArns ?? []) {
        await unlessMissing(missing, () => iam.operations.DetachRolePolicy({ RoleName, PolicyArn }, root));
    }
}

const rolePolicy = resourceType({
    type: "aws:iam/rolePolicy:RolePolicy",
    arguments: { name: text, namePrefix: text, policy: required(document), role: required(text) },
    replacedBy: ["role"],
    naming: { property: "name", prefixProperty: "namePrefix", maximum: 128 },
    identity: ["role", "name"],

    async create(inputs, { services: { iam } }) {
        const PolicyName = String(inputs.name);
        const PolicyDocument = documentText(inputs.policy);
        await iam.operations.PutRolePolicy({ RoleName: inputs.role, PolicyName, PolicyDocument }, root);
        return { id: `${inputs.role}:${PolicyName}`, outputs: {} };
    },

    async read(id, { services: { iam } }) {
        const [RoleName = "", PolicyName = ""] = id.split(":");
        const found = await foundOrUndefined(missing, () =>
            iam.operations.GetRolePolicy({ RoleName, PolicyName }, root),
        );
        return found && { role: RoleName, name: PolicyName, policy: found.PolicyDocument };
    },

    async update(_, inputs, { services: { iam } }) {
        const PolicyName = String(inputs.name);
        const PolicyDocument = documentText(inputs.policy);
        await iam.operations.PutRolePolicy({ RoleName: inputs.role, PolicyName, PolicyDocument }, root);
        return {};
    },

    async delete({ inputs }, { services: { iam } }) {
        const PolicyName = String(inputs.name);
        await unlessMissing(missing, () =>
            iam.operations.DeleteRolePolicy({ RoleName: inputs.role, PolicyName }, root),
        );
    },
});

const rolePolicyAttachment = resourceType({
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    arguments: { policyArn: required(text), role: required(text) },
    replacedBy: ["policyArn", "role"],

    async create({ role: RoleName, policyArn: PolicyArn }, { services: { iam } }) {
        await iam.operations.AttachRolePolicy({ RoleName, PolicyArn }, root);
        return { id: `${RoleName}/${PolicyArn}`, outputs: {} };
    },

    async read(id, { services: { iam } }) {
        const RoleName = id.slice(0, id.indexOf("/"));
        const policyArn = id.slice(RoleName.length + 1);
        const found = await foundOrUndefined(missing, () =>
            iam.operations.ListAttachedRolePolicies({ RoleName }, root),
        );
        const isAttached = found?.AttachedPolicies.some(({ PolicyArn }) => PolicyArn === policyArn) ?? false;
        return isAttached ? { role: RoleName, policyArn } : undefined;
    },

    async delete({ inputs: { role: RoleName, policyArn: PolicyArn } }, { services: { iam } }) {
        await unlessMissing(missing, () => iam.operations.DetachRolePolicy({ RoleName, PolicyArn }, root));
    },
});

const principals = listOf(object({ type: required(text), identifiers: required(listOf(text)) }));

const getPolicyDocument = providerFunction({
    token: "aws:iam/getPolicyDocument:getPolicyDocument",
    arguments: {
        policyId: text,
        version: text,
        sourcePolicyDocuments: listOf(text),
        statements: listOf(
            object({
                sid: text,
                effect: text,
                actions: listOf(text),
                notActions: listOf(text),
                resources: listOf(text),
                notResources: listOf(text),
                principals,
                notPrincipals: principals,
                conditions: listOf(
                    object({ test: required(text), variable: required(text), values: required(listOf(text)) }),
                ),
            }),
        ),
    },
    invoke: async (inputs: PolicyArguments) => {
        const json = JSON.stringify(policyDocument(inputs), undefined, 2);
        return { id: "policy", json, minifiedJson: JSON.stringify(JSON.parse(json)), ...inputs };
    },
});

function documentText(value: string | Properties): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

export const iam: ServiceResources = {
    resources: [role, rolePolicy, rolePolicyAttachment],
    functions: [getPolicyDocument],
};
