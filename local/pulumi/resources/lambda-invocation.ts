// Who may invoke a function, and what becomes of its asynchronous invocations.

import { root } from "../../aws/service";
import { createOnce, foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { type ArgumentsOf, number, object, required, text } from "../provider/shape";

const missing = ["ResourceNotFoundException"];

export const permission = resourceType({
    type: "aws:lambda/permission:Permission",
    arguments: {
        action: required(text),
        function: required(text),
        principal: required(text),
        qualifier: text,
        sourceAccount: text,
        sourceArn: text,
        statementId: text,
        statementIdPrefix: text,
    },
    replacedBy: ["*"],
    naming: { property: "statementId", prefixProperty: "statementIdPrefix", maximum: 100 },
    identity: ["function", "qualifier", "statementId"],

    async create(inputs, { services: { lambda } }, resumed) {
        const StatementId = String(inputs.statementId);
        await createOnce(resumed, "ResourceConflictException", () =>
            lambda.operations.AddPermission(
                {
                    FunctionName: inputs.function,
                    StatementId,
                    Action: inputs.action,
                    Principal: inputs.principal,
                    Qualifier: inputs.qualifier,
                    SourceAccount: inputs.sourceAccount,
                    SourceArn: inputs.sourceArn,
                },
                root,
            ),
        );
        return { id: StatementId, outputs: {} };
    },

    /** To be imported it is called FUNCTION/STATEMENT. */
    async read(id, { services: { lambda } }, inputs) {
        const [functionName, statementId] = id.split("/");
        const FunctionName = inputs?.function ?? functionName;
        const Sid = inputs?.statementId ?? statementId;
        const Qualifier = inputs?.qualifier;
        const found = await foundOrUndefined(missing, () =>
            lambda.operations.GetPolicy({ FunctionName, Qualifier }, root),
        );
        const statements: Statement[] = found?.Policy === undefined ? [] : JSON.parse(found.Policy).Statement;
        const statement = statements.find((each) => each.Sid === Sid);
        if (statement === undefined) return undefined;
        const { Action, Principal, Condition } = statement;
        return {
            function: FunctionName,
            statementId: Sid,
            action: Action,
            principal: typeof Principal === "string" ? Principal : (Principal.Service ?? Principal.AWS),
            sourceArn: Condition?.ArnLike?.["AWS:SourceArn"],
            sourceAccount: Condition?.StringEquals?.["AWS:SourceAccount"],
        };
    },

    async delete({ inputs }, { services: { lambda } }) {
        const { function: FunctionName, qualifier: Qualifier, statementId } = inputs;
        const StatementId = String(statementId);
        await unlessMissing(missing, () =>
            lambda.operations.RemovePermission({ FunctionName, StatementId, Qualifier }, root),
        );
    },
});

interface Statement {
    readonly Sid?: string;
    readonly Action: string;
    readonly Principal: string | { readonly Service?: string; readonly AWS?: string };
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const invokeArguments = {
    functionName: required(text),
    qualifier: text,
    maximumEventAgeInSeconds: number,
    maximumRetryAttempts: number,
    destinationConfig: object({
        onFailure: object({ destination: required(text) }),
        onSuccess: object({ destination: required(text) }),
    }),
};

function invokeConfig(inputs: ArgumentsOf<typeof invokeArguments>) {
    const { onFailure, onSuccess } = inputs.destinationConfig ?? {};
    return {
        FunctionName: inputs.functionName,
        Qualifier: inputs.qualifier,
        MaximumEventAgeInSeconds: inputs.maximumEventAgeInSeconds,
        MaximumRetryAttempts: inputs.maximumRetryAttempts,
        DestinationConfig: {
            ...(onFailure === undefined ? {} : { OnFailure: { Destination: onFailure.destination } }),
            ...(onSuccess === undefined ? {} : { OnSuccess: { Destination: onSuccess.destination } }),
        },
    };
}

export const eventInvokeConfig = resourceType({
    type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    arguments: invokeArguments,
    replacedBy: ["functionName", "qualifier"],
    identity: ["functionName", "qualifier"],

    async create(inputs, { services: { lambda } }) {
        await lambda.operations.PutFunctionEventInvokeConfig(invokeConfig(inputs), root);
        const { functionName, qualifier } = inputs;
        return { id: qualifier === undefined ? functionName : `${functionName}:${qualifier}`, outputs: {} };
    },

    async read(id, { services: { lambda } }, inputs) {
        const [, name = id, qualifier] = /^(.*?)(?::(\$?[\w-]+))?$/.exec(id.startsWith("arn:") ? "" : id) ?? [];
        const FunctionName = inputs?.functionName ?? name;
        const Qualifier = inputs === undefined ? qualifier : inputs.qualifier;
        const found = await foundOrUndefined(missing, () =>
            lambda.operations.GetFunctionEventInvokeConfig({ FunctionName, Qualifier }, root),
        );
        if (found === undefined) return undefined;
        const { OnFailure, OnSuccess } = found.DestinationConfig ?? {};
        return {
            functionName: FunctionName,
            qualifier: Qualifier,
            maximumEventAgeInSeconds: found.MaximumEventAgeInSeconds,
            maximumRetryAttempts: found.MaximumRetryAttempts,
            destinationConfig: {
                onFailure: OnFailure?.Destination === undefined ? undefined : { destination: OnFailure.Destination },
                onSuccess: OnSuccess?.Destination === undefined ? undefined : { destination: OnSuccess.Destination },
            },
        };
    },

    async update(_, inputs, { services: { lambda } }) {
        await lambda.operations.PutFunctionEventInvokeConfig(invokeConfig(inputs), root);
        return {};
    },

    async delete({ inputs: { functionName: FunctionName, qualifier: Qualifier } }, { services: { lambda } }) {
        await unlessMissing(missing, () =>
            lambda.operations.DeleteFunctionEventInvokeConfig({ FunctionName, Qualifier }, root),
        );
    },
});
