// gRPC services as plain asynchronous functions.

import { type handleUnaryCall, type ServiceDefinition, status, type UntypedServiceImplementation } from "@grpc/grpc-js";

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

/** Completes an implementation: what this engine does not do is refused by name. */
export function implementation(
    service: ServiceDefinition,
    methods: UntypedServiceImplementation,
): UntypedServiceImplementation {
    const refuse = (name: string) =>
        unary(async () => {
            throw new StatusError(status.UNIMPLEMENTED, `The local engine does not support ${name}.`);
        });
    return Object.fromEntries(Object.keys(service).map((name) => [name, methods[name] ?? refuse(name)]));
}
