import type {
    DeleteFunctionConcurrencyCommandOutput,
    GetFunctionConcurrencyCommandOutput,
    GetFunctionConcurrencyRequest,
    PutFunctionConcurrencyCommandOutput,
    PutFunctionConcurrencyRequest,
} from "@aws-sdk/client-lambda";
import type { TwinContext } from "../context";
import type { Caller, Operation } from "../service";
import type { FunctionStore } from "./function-store";
import { functionArn, functionName, invalidParameter } from "./names";

export interface ConcurrencyOperations {
    PutFunctionConcurrency: Operation<PutFunctionConcurrencyRequest, PutFunctionConcurrencyCommandOutput>;
    GetFunctionConcurrency: Operation<GetFunctionConcurrencyRequest, GetFunctionConcurrencyCommandOutput>;
    DeleteFunctionConcurrency: Operation<GetFunctionConcurrencyRequest, DeleteFunctionConcurrencyCommandOutput>;
}

/**
 * How many invocations of a function may run at a time.
 * @param changed Called when a limit is another one, so that what waits for room can look again.
 */
export function concurrencyOperations(
    { iam }: TwinContext,
    functions: FunctionStore,
    changed: () => void,
): ConcurrencyOperations {
    function permitted(caller: Caller, action: string, reference: string | undefined): string {
        const name = functionName(reference);
        iam.authorize(caller, `lambda:${action}`, functionArn(name), { status: 403 });
        return name;
    }

    async function limit(name: string, reservedConcurrency: number | undefined): Promise<void> {
        await functions.update(name, (current) => ({ ...current, reservedConcurrency }));
        changed();
    }

    return {
        async PutFunctionConcurrency(input, caller) {
            const name = permitted(caller, "PutFunctionConcurrency", input.FunctionName);
            const given = input.ReservedConcurrentExecutions;
            if (given === undefined || !Number.isInteger(given) || given < 0) {
                throw invalidParameter(
                    `ReservedConcurrentExecutions is ${given}; it must be a whole number, 0 or more.`,
                );
            }
            await limit(name, given);
            return { ReservedConcurrentExecutions: given };
        },
        async GetFunctionConcurrency(input, caller) {
            const name = permitted(caller, "GetFunctionConcurrency", input.FunctionName);
            const { reservedConcurrency } = functions.get(name);
            return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
        },
        async DeleteFunctionConcurrency(input, caller) {
            await limit(permitted(caller, "DeleteFunctionConcurrency", input.FunctionName), undefined);
            return {};
        },
    };
}
