import type { RegisterResourceHookRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Callbacks } from "./callbacks";
import type { EngineEvent } from "./events";
import type { Goal } from "./goal";

/** The functions of the program that a deployment calls at certain steps of a resource. */
export interface ResourceHooks {
    register(request: RegisterResourceHookRequest): void;
    /** Those that a resource has. @throws Error for one that is not called here, by name. */
    of(request: RegisterResourceRequest): Goal["beforeUpdate"];
}

export function createResourceHooks(callbacks: Callbacks, onEvent: (event: EngineEvent) => void): ResourceHooks {
    const hooks = new Map<string, RegisterResourceHookRequest>();
    return {
        register(request) {
            const name = request.getName();
            if (hooks.has(name)) throw new Error(`There is a hook ${name} already: give this one another name.`);
            hooks.set(name, request);
        },
        of(request) {
            const wanted = request.getHooks();
            const others = {
                beforeCreate: wanted?.getBeforeCreateList(),
                afterCreate: wanted?.getAfterCreateList(),
                afterUpdate: wanted?.getAfterUpdateList(),
                beforeDelete: wanted?.getBeforeDeleteList(),
                afterDelete: wanted?.getAfterDeleteList(),
                onError: wanted?.getOnErrorList(),
            };
            for (const [kind, names = []] of Object.entries(others)) {
                if (names.length === 0) continue;
                throw new Error(
                    `${request.getType()} "${request.getName()}": the hook "${kind}" is not supported on this machine.`,
                );
            }
            return (wanted?.getBeforeUpdateList() ?? []).map((name) => async (update) => {
                const hook = hooks.get(name);
                const callback = hook?.getCallback();
                if (callback === undefined) throw new Error(`The hook ${name} was not registered.`);
                try {
                    await callbacks.beforeUpdate(callback, update);
                } catch (error) {
                    if (!hook?.getIgnoreErrors()) throw error;
                    onEvent({ kind: "log", severity: "warning", message: (error as Error).message, urn: update.urn });
                }
            });
        },
    };
}
