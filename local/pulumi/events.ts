import type { Properties } from "./values";

export type OperationKind = "create" | "update" | "replace" | "delete" | "same";

/** What happens to one resource. */
export interface ResourceEvent {
    readonly kind: "resource";
    readonly operation: OperationKind;
    readonly status: "started" | "done" | "failed";
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** How long it took, when done or failed. */
    readonly milliseconds?: number;
    readonly message?: string;
    /** The arguments that changed, without secrets, when an update or replacement starts. */
    readonly properties?: Properties;
}

/** What the engine tells while it works: for progress and logs. */
export type EngineEvent =
    | ResourceEvent
    | {
          readonly kind: "log";
          readonly severity: "info" | "warning" | "error";
          readonly message: string;
          readonly urn?: string;
      }
    /** A line that the program printed. */
    | { readonly kind: "output"; readonly line: string }
    /** The program has ended: the files that it had loaded, without those of packages. */
    | { readonly kind: "loaded"; readonly files: readonly string[] };

/** A deployment failed. Lists every failure; what was done before is kept and the next deployment goes on from there. */
export class DeployError extends Error {
    override readonly name = "DeployError";
    constructor(readonly messages: readonly string[]) {
        super(messages.join("\n\n"));
    }
}
