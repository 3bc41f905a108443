// gRPC services as plain asynchronous functions.

import {
    type handleUnaryCall,
    type ServerWritableStream,
    type ServiceDefinition,
    status,
    type UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** An error with a gRPC status. */
export class StatusError extends Error {
    override readonly name = "StatusError";
    constructor(
        readonly code: status,
        message: string,
    ) {
        super(message);
    }
}

export function unary<Request, Response>(
    work: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
    return (call, callback) => {
        work(call.request).then(
            (response) => callback(null, response),
            (error: Error) => {
                const code = error instanceof StatusError ? error.code : status.UNKNOWN;
                callback({ code, details: error.message });
            },
        );
    };
}

/** Completes an implementation: what `who` does not do is refused by name. */
export function implementation(
    who: string,
    service: ServiceDefinition,
    methods: UntypedServiceImplementation,
): UntypedServiceImplementation {
    const refusal = (name: string) => new StatusError(status.UNIMPLEMENTED, `${who} does not support ${name}.`);
    return Object.fromEntries(
        Object.entries(service).map(([name, { responseStream }]) => {
            const refuse = responseStream
                ? (call: ServerWritableStream<unknown, unknown>) => void call.emit("error", refusal(name))
                : unary(() => Promise.reject(refusal(name)));
            return [name, methods[name] ?? refuse];
        }),
    );
}
