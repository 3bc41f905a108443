import type { Readable } from "node:stream";
import { notImplemented, wireValue } from "../protocol/json";
import { decodeMembers, type Structure } from "../protocol/shape";
import { AwsError, type AwsRequest, type AwsResponse, type Operation } from "../service";
import { createEventSourceMapping, updateEventSourceMapping } from "./event-source-mappings/shapes";
import type { LambdaOperations } from "./index";

type Members = Readonly<Record<string, unknown>>;

interface Route {
    readonly operation: keyof LambdaOperations;
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** `{name}` takes one segment as that member of the input. */
    readonly path: string;
    /** Status of a success. @default 200 */
    readonly status?: number;
    /** What the body holds, where its members are read by Lambda's model. */
    readonly shape?: Structure;
}

const functions = "/2015-03-31/functions";
const mappings = "/2015-03-31/event-source-mappings";
const tags = "/2017-03-31/tags/{Resource}";
const eventInvoke = "/2019-09-25/functions/{FunctionName}/event-invoke-config";

const routes: readonly Route[] = [
    { operation: "CreateFunction", method: "POST", path: functions, status: 201 },
    { operation: "ListFunctions", method: "GET", path: functions },
    { operation: "GetFunction", method: "GET", path: `${functions}/{FunctionName}` },
    { operation: "DeleteFunction", method: "DELETE", path: `${functions}/{FunctionName}`, status: 204 },
    { operation: "UpdateFunctionCode", method: "PUT", path: `${functions}/{FunctionName}/code` },
    { operation: "GetFunctionConfiguration", method: "GET", path: `${functions}/{FunctionName}/configuration` },
    { operation: "UpdateFunctionConfiguration", method: "PUT", path: `${functions}/{FunctionName}/configuration` },
    { operation: "Invoke", method: "POST", path: `${functions}/{FunctionName}/invocations` },
    { operation: "AddPermission", method: "POST", path: `${functions}/{FunctionName}/policy`, status: 201 },
    { operation: "GetPolicy", method: "GET", path: `${functions}/{FunctionName}/policy` },
    {
        operation: "RemovePermission",
        method: "DELETE",
        path: `${functions}/{FunctionName}/policy/{StatementId}`,
        status: 204,
    },
    { operation: "PutFunctionConcurrency", method: "PUT", path: "/2017-10-31/functions/{FunctionName}/concurrency" },
    { operation: "GetFunctionConcurrency", method: "GET", path: "/2019-09-30/functions/{FunctionName}/concurrency" },
    {
        operation: "DeleteFunctionConcurrency",
        method: "DELETE",
        path: "/2017-10-31/functions/{FunctionName}/concurrency",
        status: 204,
    },
    { operation: "PutFunctionEventInvokeConfig", method: "PUT", path: eventInvoke },
    { operation: "UpdateFunctionEventInvokeConfig", method: "POST", path: eventInvoke },
    { operation: "GetFunctionEventInvokeConfig", method: "GET", path: eventInvoke },
    { operation: "DeleteFunctionEventInvokeConfig", method: "DELETE", path: eventInvoke, status: 204 },
    {
        operation: "CreateEventSourceMapping",
        method: "POST",
        path: mappings,
        status: 202,
        shape: createEventSourceMapping,
    },
    { operation: "ListEventSourceMappings", method: "GET", path: mappings },
    { operation: "GetEventSourceMapping", method: "GET", path: `${mappings}/{UUID}` },
    {
        operation: "UpdateEventSourceMapping",
        method: "PUT",
        path: `${mappings}/{UUID}`,
        status: 202,
        shape: updateEventSourceMapping,
    },
    { operation: "ListTags", method: "GET", path: tags },
    { operation: "TagResource", method: "POST", path: tags, status: 204 },
    { operation: "UntagResource", method: "DELETE", path: tags, status: 204 },
    { operation: "DeleteEventSourceMapping", method: "DELETE", path: `${mappings}/{UUID}`, status: 202 },
];

/** What a request asks for. @throws AwsError for what is no operation of Lambda here. */
export function lambdaCall(request: AwsRequest): { operation: string; members(): Members } {
    const { route, members } = find(request);
    const given = () => {
        try {
            // The body of an invocation is not Lambda's.
            return route.operation === "Invoke" ? {} : body(request);
        } catch {
            // That it is no JSON Lambda says itself.
            return {};
        }
    };
    return { operation: route.operation, members: () => ({ ...given(), ...query(request), ...members }) };
}

/** Answers a request in Lambda's own protocol: JSON over REST. */
export async function handleRest(request: AwsRequest, operations: LambdaOperations): Promise<AwsResponse> {
    try {
        const { route, members } = find(request);
        const operation = operations[route.operation] as unknown as Operation<unknown, Members>;
        if (route.operation === "Invoke")
            return invoked(await operation(invokeInput(members, request), request.caller));
        const content = body(request);
        const given = route.shape === undefined ? content : decodeMembers(route.shape, content);
        const output = await operation({ ...given, ...query(request), ...members }, request.caller);
        const status = route.status ?? 200;
        return {
            status,
            headers: { "content-type": "application/json" },
            body: status === 204 ? "" : JSON.stringify(wireValue(output)),
        };
    } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const headers = { "content-type": "application/json", "x-amzn-errortype": error.code };
        const text = { ...error.members, message: error.message, Message: error.message };
        return { status: error.status, headers, body: JSON.stringify(text) };
    }
}

function find({ method, path }: AwsRequest): { route: Route; members: Members } {
    const segments = path.replace(/\/+$/, "").split("/");
    for (const route of routes) {
        const wanted = route.path.split("/");
        if (route.method !== method || wanted.length !== segments.length) continue;
        const members: Record<string, string> = {};
        const fits = wanted.every((want, index) => {
            const segment = segments[index] ?? "";
            if (!want.startsWith("{")) return want === segment;
            members[want.slice(1, -1)] = decode(segment);
            return true;
        });
        if (fits) return { route, members };
    }
    throw notImplemented("lambda", `${method} ${path}`);
}

function decode(segment: string): string {
    try {
        return decodeURIComponent(segment);
    } catch {
        throw new AwsError("ValidationException", `The path has '${segment}', which is not percent-encoded UTF-8.`);
    }
}

function query({ query: given }: AwsRequest): Members {
    const members: Record<string, unknown> = Object.fromEntries(given);
    if (given.has("MaxItems")) members.MaxItems = Number(given.get("MaxItems"));
    if (given.has("tagKeys")) members.TagKeys = given.getAll("tagKeys");
    return members;
}

/** The body as the SDK's input: binary data and dates as such. */
function body(request: AwsRequest): Members {
    if (request.body.length === 0) return {};
    let parsed: Record<string, unknown>;
    try {
        parsed = JSON.parse(request.body.toString("utf8")) as Record<string, unknown>;
    } catch {
        throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.");
    }
    const code = parsed.Code as Record<string, unknown> | undefined;
    if (typeof code?.ZipFile === "string") parsed.Code = { ...code, ZipFile: Buffer.from(code.ZipFile, "base64") };
    // A folder of this machine is for callers in-process only.
    if (code !== undefined) delete (parsed.Code as Record<string, unknown>).folder;
    delete parsed.folder;
    if (typeof parsed.ZipFile === "string") parsed.ZipFile = Buffer.from(parsed.ZipFile, "base64");
    return parsed;
}

function invokeInput(members: Members, request: AwsRequest): Members {
    return {
        ...members,
        ...query(request),
        Payload: request.body,
        InvocationType: request.headers["x-amz-invocation-type"],
        LogType: request.headers["x-amz-log-type"],
        ClientContext: request.headers["x-amz-client-context"],
        trace: request.headers["x-amzn-trace-id"],
    };
}

function invoked(output: Members): AwsResponse {
    const headers: Record<string, string> = { "content-type": "application/json" };
    for (const [member, header] of [
        ["FunctionError", "x-amz-function-error"],
        ["LogResult", "x-amz-log-result"],
        ["ExecutedVersion", "x-amz-executed-version"],
    ] as const) {
        if (typeof output[member] === "string") headers[header] = output[member];
    }
    const payload = output.Payload as Buffer | Readable | undefined;
    return { status: Number(output.StatusCode), headers, body: payload ?? "" };
}
