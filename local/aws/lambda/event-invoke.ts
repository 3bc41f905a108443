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
        functions.get(name);
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

    async function put(
        operation: string,
        name: string,
        given: FunctionEventInvokeConfig,
    ): Promise<FunctionEventInvokeConfig> {
        check(given);
        const { OnSuccess, OnFailure } = given.DestinationConfig ?? {};
        for (const { Destination } of [OnSuccess ?? {}, OnFailure ?? {}]) {
            destinations.check(operation, functions.get(name), Destination, asynchronousPrefix(name));
        }
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
            return put("PutFunctionEventInvokeConfig", name, input);
        },
        async UpdateFunctionEventInvokeConfig(input, caller) {
            const name = permitted(caller, "UpdateFunctionEventInvokeConfig", input.FunctionName, input.Qualifier);
            const current = existing(name);
            return put("UpdateFunctionEventInvokeConfig", name, {
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

function check(given: FunctionEventInvokeConfig): void {
    const problems: string[] = [];
    const range = (member: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds", low: number, high: number) => {
        const value = given[member];
        if (value !== undefined && (!Number.isInteger(value) || value < low || value > high)) {
            problems.push(`${member} is ${value}; it must be a whole number from ${low} to ${high}.`);
        }
    };
    range("MaximumRetryAttempts", 0, 2);
    range("MaximumEventAgeInSeconds", 60, 21_600);
    if (problems.length > 0) throw invalidParameter(problems.join(" "));
}

function describe(name: string, config: FunctionEventInvokeConfig): FunctionEventInvokeConfig {
    return { ...config, FunctionArn: `${functionArn(name)}:$LATEST`, LastModified: new Date(config.LastModified ?? 0) };
}
