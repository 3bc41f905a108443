import { AwsError, type AwsRequest, type AwsResponse, type AwsService, type Operation } from "../service";

type Members = Readonly<Record<string, unknown>>;

export interface JsonServiceOptions {
    readonly signingNames: readonly string[];
    /** What comes before the dot in `X-Amz-Target`, for example `Kinesis_20131202`. */
    readonly targetPrefixes: readonly string[];
    readonly contentType: "application/x-amz-json-1.0" | "application/x-amz-json-1.1";
    /** By operation name. */
    readonly operations: object;
    /**
     * By operation name: makes the SDK's input of what JSON can express, for operations that take binary data or dates.
     * @default the parsed JSON itself
     */
    readonly decode?: Readonly<Record<string, (input: Members) => unknown>>;
    /**
     * By operation name: makes JSON values of the SDK's output.
     * @default {@link wireValue}: dates become epoch seconds, binary data base64
     */
    readonly encode?: Readonly<Record<string, (output: unknown) => unknown>>;
    /** By operation name: writes the whole body, for answers that are large. @default JSON of what is encoded */
    readonly write?: Readonly<Record<string, (output: unknown) => Buffer>>;
    /** Headers that the service adds to an error. @default none */
    readonly errorHeaders?: (error: AwsError) => Readonly<Record<string, string>>;
}

/** The AWS JSON protocol (1.0 and 1.1) around a table of operations. */
export function jsonService(options: JsonServiceOptions): Pick<AwsService, "signingNames" | "handle"> {
    const operations = new Map(Object.entries(options.operations as Record<string, Operation<unknown, unknown>>));

    async function answer(request: AwsRequest): Promise<string | Buffer> {
        const name = operationName(request, options.targetPrefixes);
        const operation = operations.get(name);
        if (operation === undefined) throw notImplemented(options.signingNames[0] ?? "", name);
        const members = parse(request.body);
        const output = await operation(options.decode?.[name]?.(members) ?? members, request.caller);
        const write = options.write?.[name];
        return write === undefined
            ? JSON.stringify((options.encode?.[name] ?? wireValue)(output ?? {}))
            : write(output ?? {});
    }

    return {
        signingNames: options.signingNames,
        async handle(request): Promise<AwsResponse> {
            const headers = { "content-type": options.contentType };
            try {
                return { status: 200, headers, body: await answer(request) };
            } catch (error) {
                if (!(error instanceof AwsError)) throw error;
                return {
                    status: error.status,
                    headers: { ...headers, "x-amzn-errortype": error.code, ...options.errorHeaders?.(error) },
                    body: JSON.stringify({
                        ...(wireValue(error.members) as Members),
                        __type: error.code,
                        message: error.message,
                    }),
                };
            }
        },
    };
}

/** The error for an operation that the twin does not have. It is never retried by the SDK. */
export function notImplemented(service: string, operation: string): AwsError {
    return new AwsError("NotImplemented", `The local twin does not implement ${service} ${operation}.`, 501);
}

function operationName(request: AwsRequest, targetPrefixes: readonly string[]): string {
    const target = request.headers["x-amz-target"] ?? "";
    const dot = target.lastIndexOf(".");
    if (request.method !== "POST" || !targetPrefixes.includes(target.slice(0, dot))) {
        const expected = targetPrefixes.map((prefix) => `${prefix}.OPERATION`).join(" or ");
        throw new AwsError(
            "UnknownOperationException",
            `The request is ${request.method} with X-Amz-Target '${target}'; this service takes POST with X-Amz-Target ${expected}.`,
        );
    }
    return target.slice(dot + 1);
}

function parse(body: Buffer): Members {
    let value: unknown = {};
    try {
        if (body.length > 0) value = JSON.parse(body.toString("utf8"));
    } catch {
        // The parser's own message quotes the body.
        throw new AwsError("SerializationException", "The request's body is not JSON.");
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new AwsError("SerializationException", "The request's body is not a JSON object.");
    }
    return value as Members;
}

/** A value of the SDK's shapes as the JSON protocol writes it: dates as epoch seconds, binary data as base64. */
export function wireValue(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Date) return value.getTime() / 1000;
    if (Buffer.isBuffer(value)) return value.toString("base64");
    if (value instanceof Uint8Array)
        return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
    if (Array.isArray(value)) return value.map(wireValue);
    const result: Record<string, unknown> = {};
    for (const key in value) result[key] = wireValue((value as Record<string, unknown>)[key]);
    return result;
}

/** Whether a text that was given as JSON is. */
export function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}
