import { randomUUID } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import type { TwinContext } from "./context";
import { dropped, handleWithFaults } from "./faults/inject";
import { decodeAwsChunked, isAwsChunked, unchunkedHeaders } from "./protocol/aws-chunked";
import { ClientGone, readBody } from "./protocol/body";
import { errorResponse } from "./protocol/error";
import { isLocalHost, plainHeaders, writeResponse } from "./protocol/exchange";
import { dropConnection, type HttpRequest, type HttpResponse, listen } from "./protocol/port";
import {
    AwsError,
    type AwsRequest,
    type AwsResponse,
    type AwsService,
    type Caller,
    isAwsService,
    root,
} from "./service";
import { readSignature, type Signature } from "./signature";
import { storeFailure } from "./store";
import { StoreError } from "./store-error";

/** What is served without a signature, for example `/_lambda/`. Such a handler sees to its own protection. */
export interface Route {
    /** Start of the path. The longest one that fits wins; signed requests are for the services even so. */
    readonly prefix: string;
    handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface ServerOptions {
    readonly context: Pick<TwinContext, "iam" | "services" | "store" | "report" | "faults">;
    /** The access key id that stands for root. */
    readonly rootAccessKeyId: string;
    /** The access key id of a program that is being deployed: root as well, and spared from faults. @default none */
    readonly deploymentAccessKeyId?: string;
    /** Port of 127.0.0.1; 0 takes a free one. @default 0 */
    readonly port?: number;
    /** @default none */
    readonly routes?: readonly Route[];
}

export interface Server {
    readonly port: number;
    /** `http://127.0.0.1:PORT` */
    readonly address: string;
    /** Stops listening, lets requests to services finish for a second, then ends all connections. */
    close(): Promise<void>;
}

/** Bytes of a request's body. Objects are larger than what any other service takes. */
const bodyLimits: Readonly<Record<string, number>> = { s3: 1 << 30 };
const defaultBodyLimit = 64 << 20;
const closingMilliseconds = 1000;

/** The one port of the twin: every AWS service, told apart by the signature, and the routes of the twin itself. */
export async function createServer(options: ServerOptions): Promise<Server> {
    const { context, rootAccessKeyId, deploymentAccessKeyId } = options;
    const routes = [...(options.routes ?? [])].sort((a, b) => b.prefix.length - a.prefix.length);
    const inFlight = new Set<Promise<void>>();

    const port = await listen(options.port ?? 0, (request, response) => {
        // What the peer does to its connection must not end the twin.
        request.on("error", () => {});
        response.on("error", () => {});
        if (!isLocalHost(request))
            return refuse(request, response, 403, "Only requests to 127.0.0.1 and localhost are answered.");
        const url = request.url ?? "/";
        const question = url.indexOf("?");
        const path = question < 0 ? url : url.slice(0, question);
        const query = new URLSearchParams(question < 0 ? "" : url.slice(question + 1));
        if (request.headers.authorization?.startsWith("AWS4-") !== true && !query.has("X-Amz-Credential")) {
            const route = routes.find(({ prefix }) => path.startsWith(prefix));
            if (route !== undefined) return handOver(route, request, response);
        }
        const done = serve(request, response, path, query).finally(() => inFlight.delete(done));
        inFlight.add(done);
    });

    async function serve(
        request: HttpRequest,
        response: HttpResponse,
        path: string,
        query: URLSearchParams,
    ): Promise<void> {
        const requestId = randomUUID();
        const headers = plainHeaders(request);
        const contentType = headers["content-type"];
        let signature: Signature | undefined;
        try {
            let answer: AwsResponse | typeof dropped;
            try {
                signature = readSignature(headers.authorization, query);
                if (signature === undefined) {
                    throw new AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403);
                }
                const caller = callerOf(signature, contentType);
                const service = serviceNamed(signature.service);
                const limit = bodyLimits[signature.service] ?? defaultBodyLimit;
                const body = await readBody(request, limit);
                if (body === undefined) {
                    throw new AwsError("RequestEntityTooLarge", `The body is larger than ${limit} bytes.`, 413);
                }
                const decoded = isAwsChunked(headers)
                    ? decodeAwsChunked(body, headers["x-amz-decoded-content-length"])
                    : undefined;
                const asked: AwsRequest = {
                    method: request.method ?? "GET",
                    path,
                    query,
                    headers: decoded === undefined ? headers : unchunkedHeaders(headers, decoded),
                    body: decoded?.body ?? body,
                    caller,
                    requestId,
                };
                answer =
                    signature.accessKeyId === deploymentAccessKeyId
                        ? await service.handle(asked)
                        : await handleWithFaults(context, service, signature.service, asked);
            } catch (error) {
                if (response.destroyed || error instanceof ClientGone) return;
                const known =
                    error instanceof AwsError
                        ? error
                        : internalFailure(error, requestId, signature?.service, headers["x-amz-target"]);
                answer = errorResponse(known, { service: signature?.service, contentType, requestId });
            }
            if (answer === dropped) dropConnection(request);
            else await writeResponse(request, response, answer, requestId);
        } catch {
            // The client went away while the answer was written.
            response.destroy();
        }
    }

    function callerOf(signature: Signature, contentType: string | undefined): Caller {
        if (signature.accessKeyId === rootAccessKeyId || signature.accessKeyId === deploymentAccessKeyId) return root;
        const caller = context.iam.caller(signature.accessKeyId);
        if (caller !== undefined) return caller;
        if (signature.service === "s3") {
            throw new AwsError(
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
                403,
            );
        }
        const isQuery = contentType?.startsWith("application/x-www-form-urlencoded") === true;
        throw new AwsError(
            isQuery ? "InvalidClientTokenId" : "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            contentType?.startsWith("application/x-amz-json") ? 400 : 403,
        );
    }

    function serviceNamed(name: string): AwsService {
        const services: readonly object[] = Object.values(context.services());
        for (const service of services) {
            if (isAwsService(service) && service.signingNames.includes(name)) return service;
        }
        throw new AwsError("NotImplemented", `The local twin does not implement the service '${name}'.`, 501);
    }

    /** Says what failed by place and kind: the text of an error may quote a body. */
    function internalFailure(
        error: unknown,
        requestId: string,
        service: string | undefined,
        operation: string | undefined,
    ): AwsError {
        const known = storeFailure(error, context.store.folder);
        const reason =
            known instanceof StoreError
                ? known.message
                : error instanceof Error
                  ? `${error.name}${/\n\s+at .*/.exec(error.stack ?? "")?.[0].replace(/\s+/g, " ") ?? ""}`
                  : "an unknown value was thrown";
        context.report({
            level: "error",
            source: service ?? "server",
            message: `Request ${requestId}${operation === undefined ? "" : ` (${operation})`} failed: ${reason}`,
        });
        const message =
            known instanceof StoreError
                ? known.message
                : `The local twin failed inside. Its log names request ${requestId}.`;
        return new AwsError(service === "s3" ? "InternalError" : "InternalFailure", message, 500);
    }

    return {
        port: port.number,
        address: `http://127.0.0.1:${port.number}`,
        async close() {
            const patience = new Promise((resolve) => setTimeout(resolve, closingMilliseconds).unref());
            await Promise.race([Promise.allSettled([...inFlight]), patience]);
            await port.close();
        },
    };
}

function handOver(route: Route, request: HttpRequest, response: HttpResponse): void {
    if (request instanceof IncomingMessage && response instanceof ServerResponse) {
        route.handle(request, response);
    } else {
        refuse(request, response, 505, "This is served over HTTP/1.1 only.");
    }
}

function refuse(request: HttpRequest, response: HttpResponse, status: number, why: string): void {
    request.resume();
    response.writeHead(status, { "content-type": "text/plain" });
    response.end(`${why}\n`);
}
