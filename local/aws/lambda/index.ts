import type { TwinContext } from "../context";
import type { Route } from "../server";
import type { AwsService } from "../service";
import { createAsynchronousInvocations } from "./asynchronous";
import { type ConcurrencyOperations, concurrencyOperations } from "./concurrency";
import { createDeadLetters } from "./dead-letters";
import { createDestinations } from "./destinations";
import { createEnvironments } from "./environments";
import { type EventInvokeOperations, eventInvokeOperations } from "./event-invoke";
import { createEventSourceMappings, type EventSourceMappingOperations } from "./event-source-mappings";
import { createMappingStore } from "./event-source-mappings/mapping-store";
import { createFunctionStore } from "./function-store";
import { type FunctionOperations, functionOperations } from "./functions";
import { type InvokeOperations, invokeOperations } from "./invoke";
import { functionName } from "./names";
import {
    type InvocationSource,
    type PermissionOperations,
    permissionOperations,
    serviceMayInvoke,
} from "./permissions";
import { handleRest } from "./rest";
import { createRuntimeApi } from "./runtime-api";
import { type TagOperations, tagOperations } from "./tags";

export type { InvocationSource } from "./permissions";

export interface LambdaOperations
    extends FunctionOperations,
        ConcurrencyOperations,
        InvokeOperations,
        PermissionOperations,
        EventInvokeOperations,
        EventSourceMappingOperations,
        TagOperations {}

/** AWS Lambda: functions in child processes, asynchronous invocations, event source mappings for Kinesis. */
export interface Lambda extends AwsService {
    readonly operations: LambdaOperations;
    /** The Runtime API for the environments, to be served on the twin's port. */
    readonly route: Route;
    /**
     * Invokes a function asynchronously on behalf of a service. To be called in the transaction that stores the reason,
     * so that one is never kept without the other. A function that does not exist, or whose policy does not let the
     * service, is not invoked; as on AWS that is no error of the reason, and the twin reports it.
     * @returns whether it is to be invoked
     */
    enqueue(functionArn: string, payload: string, source: InvocationSource): boolean;
    /** Takes up what the store holds: asynchronous invocations and mappings. Once, when all services stand. */
    start(): void;
    /** From now on invocations wait: new code is on its way. @returns a function that lets them go on. */
    hold(): () => void;
    /** Nothing is running, waiting to be invoked or unread in a stream that an enabled mapping reads. */
    idle(): boolean;
    /** What keeps it from being idle, for a person. */
    busy(): string[];
    /** Process ids of a function's environments. */
    processes(name: string): number[];
    close(): Promise<void>;
}

export function createLambda(context: TwinContext): Lambda {
    const runtimeApi = createRuntimeApi();
    const functions = createFunctionStore(context.store);
    const environments = createEnvironments(context, functions, runtimeApi);
    const destinations = createDestinations(context, functions);
    const deadLetters = createDeadLetters(context);
    const asynchronous = createAsynchronousInvocations(context, functions, environments, destinations, deadLetters);
    const mappingStore = createMappingStore(context.store);
    const mappings = createEventSourceMappings(context, functions, environments, destinations, mappingStore);
    const operations: LambdaOperations = {
        ...functionOperations(context, functions, deadLetters, {
            changed: environments.recycle,
            removed(name) {
                environments.recycle(name);
                asynchronous.forget(name);
            },
        }),
        ...concurrencyOperations(context, functions, environments.reconsider),
        ...invokeOperations(context, functions, environments, asynchronous),
        ...permissionOperations(context, functions),
        ...eventInvokeOperations(context, functions, destinations),
        ...mappings.operations,
        ...tagOperations(context, functions, mappingStore),
    };

    return {
        signingNames: ["lambda"],
        operations,
        route: runtimeApi,
        handle: (request) => handleRest(request, operations),
        enqueue(functionArn, payload, source) {
            const name = functionName(functionArn);
            if (!serviceMayInvoke(context, functions, name, source)) {
                const message = `${source.service} may not invoke ${name} for ${source.sourceArn}: the function does not exist or its resource policy lacks the permission. The event is dropped.`;
                context.report({ level: "warning", source: "lambda", message });
                return false;
            }
            asynchronous.enqueue(name, payload);
            return true;
        },
        start() {
            asynchronous.start();
            mappings.start();
        },
        hold: environments.hold,
        idle: () => asynchronous.idle() && mappings.idle() && environments.idle(),
        busy: () => [...mappings.busy(), ...asynchronous.busy()],
        processes: environments.processes,
        async close() {
            await Promise.all([asynchronous.close(), mappings.close(), environments.close()]);
        },
    };
}
