import type { ConnectionHttpParameters, Target } from "@aws-sdk/client-eventbridge";
import type { ApiDestination } from "./api-destinations";
import type { Authorization } from "./connections";
import { jsonPath, valueAt } from "./json-path";
import type { Envelope } from "./target-input";

/** How long EventBridge waits for an answer, in milliseconds. */
const patience = 5000;

/** An HTTP request as it is sent to an API destination. */
export interface ApiCall {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | undefined;
}

/** What became of a call. */
export type CallOutcome =
    | { readonly kind: "delivered" }
    | { readonly kind: "unauthorized"; readonly message: string }
    /** Another attempt may succeed, not before so many seconds. */
    | { readonly kind: "again"; readonly message: string; readonly afterSeconds?: number }
    | { readonly kind: "refused"; readonly message: string };

/** Puts a call together: what the destination, its connection and the target say. */
export function apiCall(
    { endpoint, method }: ApiDestination,
    authorization: Authorization,
    { HttpParameters: parameters = {} }: Target,
    event: Envelope,
    payload: string,
    token: string | undefined,
): ApiCall {
    const of = (value: string) => dynamic(value, event);
    const invocation = authorization.InvocationHttpParameters;
    const pathValues = [...(parameters.PathParameterValues ?? [])];
    const url = new URL(endpoint.replace(/\*/g, () => encodeURIComponent(of(pathValues.shift() ?? ""))));
    for (const [name, value] of [
        ...pairs(invocation?.QueryStringParameters),
        ...Object.entries(parameters.QueryStringParameters ?? {}),
    ]) {
        url.searchParams.set(name, of(value));
    }
    const headers: Record<string, string> = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Amazon/EventBridge/ApiDestinations",
        range: "bytes=0-1048575",
    };
    // As documented, the connection's parameters come before the target's.
    for (const [name, value] of Object.entries(parameters.HeaderParameters ?? {}))
        headers[name.toLowerCase()] = of(value);
    for (const [name, value] of pairs(invocation?.HeaderParameters)) headers[name.toLowerCase()] = value;
    Object.assign(headers, authorizationHeader(authorization, token));
    const hasBody = method !== "GET" && method !== "HEAD";
    return { url: url.href, method, headers, body: hasBody ? withParameters(payload, invocation) : undefined };
}

function authorizationHeader({ ApiKeyAuthParameters: key, BasicAuthParameters: basic }: Authorization, token?: string) {
    if (key !== undefined) return { [String(key.ApiKeyName).toLowerCase()]: String(key.ApiKeyValue) };
    if (basic !== undefined) return { authorization: basicHeader(basic.Username, basic.Password) };
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function basicHeader(user: string | undefined, password: string | undefined): string {
    return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** The request for a token by a client's credentials. */
export function tokenCall({ OAuthParameters: oauth }: Authorization): ApiCall | undefined {
    const { ClientParameters: client, AuthorizationEndpoint, HttpMethod, OAuthHttpParameters: more } = oauth ?? {};
    if (client === undefined || AuthorizationEndpoint === undefined || HttpMethod === undefined) return undefined;
    const url = new URL(AuthorizationEndpoint);
    for (const [name, value] of pairs(more?.QueryStringParameters)) url.searchParams.set(name, value);
    const form = new URLSearchParams({ client_id: client.ClientID ?? "", client_secret: client.ClientSecret ?? "" });
    for (const [name, value] of pairs(more?.BodyParameters)) form.set(name, value);
    const headers: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };
    for (const [name, value] of pairs(more?.HeaderParameters)) headers[name.toLowerCase()] = value;
    const body = HttpMethod === "GET" ? undefined : form.toString();
    if (body === undefined) for (const [name, value] of form) url.searchParams.set(name, value);
    return { url: url.href, method: HttpMethod, headers, body };
}

function pairs(parameters: ConnectionHttpParameters["HeaderParameters"]): [string, string][] {
    return (parameters ?? []).map(({ Key = "", Value = "" }) => [Key, Value]);
}

/** A value that is a path is taken from the event. */
function dynamic(value: string, event: Envelope): string {
    const path = jsonPath(value);
    if (path === undefined) return value;
    const found = valueAt(event, path) ?? "";
    return typeof found === "string" ? found : JSON.stringify(found);
}

/** The connection's parameters become members of a body that is a JSON object. */
function withParameters(payload: string, invocation: ConnectionHttpParameters | undefined): string {
    const added = pairs(invocation?.BodyParameters);
    if (added.length === 0) return payload;
    let body: unknown;
    try {
        body = JSON.parse(payload);
    } catch {
        return payload;
    }
    if (typeof body !== "object" || body === null || Array.isArray(body)) return payload;
    return JSON.stringify({ ...body, ...Object.fromEntries(added) });
}

/** Sends a call. What went wrong is told without the address, which may carry secrets. */
export async function send(call: ApiCall, signal: AbortSignal): Promise<CallOutcome> {
    let response: Response;
    try {
        response = await request(call, signal);
        await response.body?.cancel();
    } catch (error) {
        const name = error instanceof Error ? error.name : "";
        const message = name === "TimeoutError" ? "The request timed out." : "The destination could not be reached.";
        return { kind: "again", message };
    }
    const { status } = response;
    const message = `Request failed with status code ${status}.`;
    // Redirects are not followed.
    if (status < 300) return { kind: "delivered" };
    if (status === 401 || status === 407) return { kind: "unauthorized", message };
    if (status === 409 || status === 429 || status >= 500) {
        const afterSeconds = Number(response.headers.get("retry-after") ?? Number.NaN);
        return { kind: "again", message, ...(afterSeconds > 0 ? { afterSeconds } : {}) };
    }
    return { kind: "refused", message };
}

/** @returns undefined when there is no token in the answer. */
export async function fetchToken(call: ApiCall, signal: AbortSignal): Promise<string | undefined> {
    try {
        const response = await request(call, signal);
        const answer: unknown = await response.json();
        if (!response.ok || typeof answer !== "object" || answer === null || !("access_token" in answer))
            return undefined;
        return String(answer.access_token);
    } catch {
        return undefined;
    }
}

function request({ url, method, headers, body }: ApiCall, signal: AbortSignal): Promise<Response> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    return fetch(url, { method, headers, body: body ?? null, signal: limited, redirect: "manual" });
}
