import type { Target } from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError, type Caller } from "../service";
import { type ApiCall, apiCall, fetchToken, send, tokenCall } from "./api-call";
import type { ApiDestinations } from "./api-destinations";
import type { Connection, Connections } from "./connections";
import { type Failure, failureOf, type Undelivered } from "./dead-letters";
import { jsonPath, valueAt } from "./json-path";
import { resourceName, targetKind } from "./target";
import type { Envelope } from "./target-input";

/** An event for a target that does not take it at once. */
export interface EventOnItsWay extends Undelivered {
    readonly event: Envelope;
}

/** A failure after which an event is tried again. */
export interface Retry extends Pick<Failure, "code" | "message"> {
    readonly afterSeconds?: number;
}

export type Attempt =
    | { readonly done: true }
    | { readonly again: Retry }
    | { readonly failed: Pick<Failure, "code" | "message"> };

/** Gives events to streams, log groups and API destinations: one attempt each. */
export function createAttempts(
    { services, iam, clock }: Pick<TwinContext, "services" | "iam" | "clock">,
    { connections, destinations }: { connections: Connections; destinations: ApiDestinations },
    signal: AbortSignal,
): { deliver(delivery: EventOnItsWay): Promise<Attempt> } {
    const tokens = new Map<string, string>();

    async function deliver(delivery: EventOnItsWay): Promise<Attempt> {
        try {
            const kind = targetKind(String(delivery.target.Arn));
            if (kind === "stream") await putRecord(delivery);
            else if (kind === "log group") await log(delivery);
            else return await call(delivery);
            return { done: true };
        } catch (error) {
            const failure = failureOf(error);
            const mayPass = error instanceof AwsError && (error.status >= 500 || /Throttl|Exceeded/.test(error.code));
            return mayPass ? { again: failure } : { failed: failure };
        }
    }

    /** @throws AwsError when EventBridge may not take the target's role. */
    function roleOf({ RoleArn = "" }: Target): Caller {
        if (iam.mayAssume(RoleArn, "events.amazonaws.com")) return { kind: "role", roleArn: RoleArn };
        throw new AwsError("AccessDeniedException", `events.amazonaws.com is not able to assume role ${RoleArn}.`);
    }

    async function putRecord({ target, event, eventId, payload }: EventOnItsWay): Promise<void> {
        const path = target.KinesisParameters?.PartitionKeyPath;
        const key = path === undefined ? eventId : valueAt(event, jsonPath(path) ?? []);
        await services().kinesis.operations.PutRecord(
            {
                StreamName: resourceName(String(target.Arn)),
                Data: Buffer.from(payload),
                PartitionKey: typeof key === "string" && key !== "" ? key.slice(0, 256) : eventId,
            },
            roleOf(target),
        );
    }

    async function log({ target, eventId, payload }: EventOnItsWay): Promise<void> {
        const group = String(target.Arn).split(":log-group:")[1]?.replace(/:\*$/, "") ?? "";
        await services().logs.append(group, eventId, [{ timestamp: clock.now(), message: payload }]);
    }

    async function call({ target, event, payload }: EventOnItsWay): Promise<Attempt> {
        const destination = destinations.require(target.Arn);
        const connection = connections.require(destination.connectionArn);
        iam.authorize(roleOf(target), "events:InvokeApiDestination", destination.arn);
        const authorization = connections.authorization(connection);
        if (authorization === undefined) {
            return {
                failed: { code: "NO_PERMISSIONS", message: `The connection ${connection.name} is not authorized.` },
            };
        }
        const forToken = tokenCall(authorization);
        const token = forToken === undefined ? undefined : await tokenFor(connection, forToken);
        if (forToken !== undefined && token === undefined) {
            return { again: { code: "SDK_CLIENT_ERROR", message: `The connection ${connection.name} got no token.` } };
        }
        const outcome = await send(apiCall(destination, authorization, target, event, payload, token), signal);
        switch (outcome.kind) {
            case "delivered":
                return { done: true };
            case "again":
                return { again: { code: "SDK_CLIENT_ERROR", ...outcome } };
            case "refused":
                return { failed: { code: "SDK_CLIENT_ERROR", message: outcome.message } };
            case "unauthorized":
                // A token may have run out; other credentials do not get better.
                if (!tokens.delete(tokenKey(connection))) {
                    return { failed: { code: "SDK_CLIENT_ERROR", message: outcome.message } };
                }
                return { again: { code: "SDK_CLIENT_ERROR", message: outcome.message } };
        }
    }

    async function tokenFor(connection: Connection, call: ApiCall): Promise<string | undefined> {
        const key = tokenKey(connection);
        const known = tokens.get(key) ?? (await fetchToken(call, signal));
        if (known !== undefined) tokens.set(key, known);
        return known;
    }

    return { deliver };
}

/** With its authorisation it gets another token. */
function tokenKey({ arn, modified }: Connection): string {
    return `${arn} ${modified}`;
}
