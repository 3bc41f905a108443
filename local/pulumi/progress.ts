import type { EngineEvent, OperationKind } from "./events";
import { ResourceFailure } from "./failure";
import { parseUrn } from "./urn";
import type { Properties } from "./values";

/** Tells of operations and counts them. */
export interface Progress {
    readonly changes: Record<OperationKind, number>;
    /** Does the work of an operation and reports its start and its end. @throws ResourceFailure */
    during<T>(
        operation: OperationKind,
        resource: { readonly urn: string; readonly type: string },
        work: () => Promise<T>,
        changed?: Properties,
    ): Promise<T>;
}

export function createProgress(onEvent: (event: EngineEvent) => void): Progress {
    const changes: Record<OperationKind, number> = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
    return {
        changes,
        async during(operation, { urn, type }, work, properties) {
            const about = { kind: "resource", operation, urn, type, name: parseUrn(urn).name } as const;
            const started = performance.now();
            const milliseconds = () => Math.round(performance.now() - started);
            onEvent({ ...about, status: "started", properties });
            try {
                const result = await work();
                changes[operation]++;
                onEvent({ ...about, status: "done", milliseconds: milliseconds() });
                return result;
            } catch (error) {
                const failure = new ResourceFailure(urn, operation, error);
                onEvent({ ...about, status: "failed", milliseconds: milliseconds(), message: failure.message });
                throw failure;
            }
        },
    };
}
