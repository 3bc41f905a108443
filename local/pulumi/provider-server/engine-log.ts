// Tells the person who runs the real Pulumi command something, through its engine.

import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export interface EngineLog {
    tell(severity: "info" | "warning", message: string): void;
    close(): void;
}

/** @param engine `host:port` of the engine. */
export function engineLog(engine: string): EngineLog {
    const client = new EngineClient(engine, credentials.createInsecure());
    return {
        tell(severity, message) {
            const request = new LogRequest();
            request.setSeverity(severity === "warning" ? LogSeverity.WARNING : LogSeverity.INFO);
            request.setMessage(message);
            client.log(request, () => {
                // An engine that is gone has nobody left to tell.
            });
        },
        close: () => client.close(),
    };
}
