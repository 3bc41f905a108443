// Who may invoke a function, and what becomes of its asynchronous invocations.

import { root } from "../../aws/service";
import { createOnce, unlessMissing } from "../provider/outcome";
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

    async delete({ id, inputs }, { services: { lambda } }) {
        await unlessMissing(missing, () =>
            lambda.operations.RemovePermission(
                { FunctionName: inputs.function, StatementId: id, Qualifier: inputs.qualifier },
                root,
            ),
        );
    },
});

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
