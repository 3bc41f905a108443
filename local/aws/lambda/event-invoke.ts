import type {
    DeleteFunctionEventInvokeConfigCommandOutput,
    DeleteFunctionEventInvokeConfigRequest,
    FunctionEventInvokeConfig,
    GetFunctionEventInvokeConfigCommandOutput,
    GetFunctionEventInvokeConfigRequest,
    PutFunctionEventInvokeConfigCommandOutput,
    PutFunctionEventInvokeConfigRequest,
    UpdateFunctionEventInvokeConfigCommandOutput,
} from "@aws-sdk/client-lambda";
import type { TwinContext } from "../context";
import { checkMembers } from "../protocol/constraints";
import type { Structure } from "../protocol/shape";
import { AwsError, type Caller, type Operation } from "../service";
import { asynchronousPrefix } from "./asynchronous";
import type { Destinations } from "./destinations";
import type { FunctionStore } from "./function-store";
import { functionArn, functionName, invalidParameter } from "./names";

export interface EventInvokeOperations {
    PutFunctionEventInvokeConfig: Operation<
        PutFunctionEventInvokeConfigRequest,
        PutFunctionEventInvokeConfigCommandOutput
    >;
    UpdateFunctionEventInvokeConfig: Operation<
        PutFunctionEventInvokeConfigRequest,
        UpdateFunctionEventInvokeConfigCommandOutput
    >;
    GetFunctionEventInvokeConfig: Operation<
        GetFunctionEventInvokeConfigRequest,
        GetFunctionEventInvokeConfigCommandOutput
    >;
    DeleteFunctionEventInvokeConfig: Operation<
        DeleteFunctionEventInvokeConfigRequest,
        DeleteFunctionEventInvokeConfigCommandOutput
    >;
}

/** How a function's asynchronous invocations are repeated, and where what became of them goes. */
export function eventInvokeOperations(
    { iam, clock }: TwinContext,
    functions: FunctionStore,
    destinations: Destinations,
): EventInvokeOperations {
    function permitted(caller: Caller, action: string, reference: string | undefined, qualifier?: string): string {
        const name = functionName(reference, qualifier);
        iam.authorize(caller, `lambda:${action}`, functionArn(name), { status: 403 });
        if (functions.find(name) === undefined) {
            throw new AwsError("ResourceNotFoundException", "The function doesn't exist.", 404, { Type: "User" });
        }
        return name;
    }

    function existing(name: string): FunctionEventInvokeConfig {
        const config = functions.get(name).eventInvoke;
        if (config === undefined) {
            throw new AwsError(
                "ResourceNotFoundException",
                `The function ${functionArn(name)}:$LATEST doesn't have an EventInvokeConfig`,
                404,
                { Type: "User" },
            );
        }
        return config;
    }

    async function put(name: string, given: FunctionEventInvokeConfig): Promise<FunctionEventInvokeConfig> {
        const { OnSuccess, OnFailure } = given.DestinationConfig ?? {};
        destinations.check("success", functions.get(name), OnSuccess?.Destination, asynchronousPrefix(name));
        destinations.check("failure", functions.get(name), OnFailure?.Destination, asynchronousPrefix(name));
        const { eventInvoke } = await functions.update(name, (current) => ({
            ...current,
            eventInvoke: {
                LastModified: new Date(clock.now()),
                MaximumRetryAttempts: given.MaximumRetryAttempts,
                MaximumEventAgeInSeconds: given.MaximumEventAgeInSeconds,
                DestinationConfig: { OnSuccess: { ...OnSuccess }, OnFailure: { ...OnFailure } },
            },
        }));
        return describe(name, eventInvoke ?? {});
    }

    return {
        async PutFunctionEventInvokeConfig(input, caller) {
            const name = permitted(caller, "PutFunctionEventInvokeConfig", input.FunctionName, input.Qualifier);
            check("PutFunctionEventInvokeConfig", input);
            return put(name, input);
        },
        async UpdateFunctionEventInvokeConfig(input, caller) {
            const name = permitted(caller, "UpdateFunctionEventInvokeConfig", input.FunctionName, input.Qualifier);
            const current = existing(name);
            check("UpdateFunctionEventInvokeConfig", input);
            return put(name, {
                MaximumRetryAttempts: input.MaximumRetryAttempts ?? current.MaximumRetryAttempts,
                MaximumEventAgeInSeconds: input.MaximumEventAgeInSeconds ?? current.MaximumEventAgeInSeconds,
                DestinationConfig: { ...current.DestinationConfig, ...input.DestinationConfig },
            });
        },
        async GetFunctionEventInvokeConfig(input, caller) {
            const name = permitted(caller, "GetFunctionEventInvokeConfig", input.FunctionName, input.Qualifier);
            return describe(name, existing(name));
        },
        async DeleteFunctionEventInvokeConfig(input, caller) {
            const name = permitted(caller, "DeleteFunctionEventInvokeConfig", input.FunctionName, input.Qualifier);
            existing(name);
            await functions.update(name, (current) => ({ ...current, eventInvoke: undefined }));
            return {};
        },
    };
}

const settings: Structure = {
    type: "structure",
    members: {
        MaximumRetryAttempts: { type: "integer", min: 0, max: 2 },
        MaximumEventAgeInSeconds: { type: "integer", min: 60, max: 21_600 },
    },
    required: [],
};

function check(operation: string, given: PutFunctionEventInvokeConfigRequest): void {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = given;
    checkMembers("lambda", operation, settings, given);
    if ([MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig].every((each) => each === undefined)) {
        throw invalidParameter("You must specify at least one of error handling or destination setting.");
    }
}

function describe(name: string, config: FunctionEventInvokeConfig): FunctionEventInvokeConfig {
    return { ...config, FunctionArn: `${functionArn(name)}:$LATEST`, LastModified: new Date(config.LastModified ?? 0) };
}
