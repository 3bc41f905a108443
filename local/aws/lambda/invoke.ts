import { randomUUID } from "node:crypto";
import type { InvocationRequest, InvocationResponse } from "@aws-sdk/client-lambda";
import type { TwinContext } from "../context";
import { AwsError, type Operation } from "../service";
import type { AsynchronousInvocations } from "./asynchronous";
import type { Environments } from "./environments";
import { type FunctionStore, resourcePolicy } from "./function-store";
import { functionArn, functionName, invalidParameter } from "./names";
import { traceOf } from "./trace";

/** The SDK's input; in-process the payload may be JSON text as well. */
export type InvokeInput = Omit<InvocationRequest, "Payload"> & {
    readonly Payload?: Uint8Array | string;
    /** X-Ray's header, which SDKs send from inside of a function. */
    readonly trace?: string;
};

export interface InvokeOperations {
    Invoke: Operation<InvokeInput, InvocationResponse>;
}

/** Largest payloads in bytes, by kind of invocation. */
const payloadLimits = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 } as const;

/** Bytes of the log that `LogType: Tail` returns. */
const tail = 4096;

export function invokeOperations(
    { iam }: TwinContext,
    functions: FunctionStore,
    environments: Environments,
    asynchronous: AsynchronousInvocations,
): InvokeOperations {
    return {
        async Invoke(input, caller) {
            const name = functionName(input.FunctionName, input.Qualifier);
            const found = functions.find(name);
            iam.authorize(caller, "lambda:InvokeFunction", functionArn(name), {
                status: 403,
                ...(found === undefined ? {} : { resourcePolicy: resourcePolicy(found) }),
            });
            functions.get(name);
            const type = input.InvocationType ?? "RequestResponse";
            const payload = readPayload(input.Payload, type);
            if (type === "DryRun") return { StatusCode: 204 };
            const requestId = randomUUID();
            const trace = traceOf(input.trace);
            if (type === "Event") {
                await asynchronous.add(name, { requestId, payload: payload.toString("utf8"), trace });
                return { StatusCode: 202 };
            }
            const invocation = {
                requestId,
                payload,
                trace,
                ...(input.ClientContext === undefined ? {} : { clientContext: input.ClientContext }),
            };
            const outcome = await environments.invoke(name, invocation, "throttle");
            return {
                StatusCode: 200,
                ExecutedVersion: "$LATEST",
                Payload: outcome.payload,
                ...(outcome.ok ? {} : { FunctionError: "Unhandled" }),
                ...(input.LogType === "Tail"
                    ? { LogResult: Buffer.from(`${outcome.log}\n`).subarray(-tail).toString("base64") }
                    : {}),
            };
        },
    };
}

function readPayload(given: Uint8Array | string | undefined, type: string): Buffer {
    if (type !== "RequestResponse" && type !== "Event" && type !== "DryRun") {
        throw invalidParameter(`InvocationType is '${type}'; it must be RequestResponse, Event or DryRun.`);
    }
    const payload = given === undefined || given.length === 0 ? Buffer.from("{}") : Buffer.from(given);
    const limit = payloadLimits[type];
    if (payload.length > limit) {
        throw new AwsError(
            "RequestTooLargeException",
            `${payload.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
            413,
            { Type: "User" },
        );
    }
    try {
        JSON.parse(payload.toString("utf8"));
    } catch {
        // The parser's own message quotes the payload.
        throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.", 400, {
            Type: "User",
        });
    }
    return payload;
}
