// One run of a stack: takes what the program registers, compares it with the state, and has the provider do the rest.

import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { customResources } from "./custom-resource";
import { deleteInOrder } from "./deletion";
import type { EngineEvent, OperationKind } from "./events";
import { ResourceFailure } from "./failure";
import type { Goal } from "./goal";
import { beforeUpdate, checkedInputs, goalState, withSecrets } from "./goal-state";
import { createProgress } from "./progress";
import { createProtection } from "./protection";
import type { Provider } from "./provider/provider";
import { createRemoval } from "./removal";
import { stateOf, takeSnapshot } from "./snapshot";
import type { StackState, StoredResource } from "./state";
import { stackType } from "./urn";
import type { Properties } from "./values";

export interface DeploymentOptions {
    readonly stack: string;
    readonly project: string;
    /** Folder that relative paths of assets start from. */
    readonly programFolder: string;
    readonly state: StackState;
    readonly provider: Provider;
    onEvent(event: EngineEvent): void;
}

export interface Registered {
    readonly urn: string;
    readonly id: string | undefined;
    /** What the program sees as the resource's properties. */
    readonly outputs: Properties;
}

export interface Deployment {
    readonly changes: Readonly<Record<OperationKind, number>>;
    /** Brings a resource to its goal. @throws ResourceFailure */
    register(goal: Goal): Promise<Registered>;
    /** Only says whether a registration would be refused. @throws ResourceFailure */
    check(goal: Goal): Promise<void>;
    registerOutputs(urn: string, outputs: Properties): Promise<void>;
    /** Looks up a resource that another owns. @throws ResourceFailure */
    read(goal: Goal, id: string): Promise<Registered>;
    /** A resource that this run has registered. */
    find(urn: string): StoredResource | undefined;
    /** Deletes what the program has not registered, and what was replaced. @returns all that went wrong. */
    finish(): Promise<string[]>;
}

/** Begins a run on the state as it stands. */
export function createDeployment(options: DeploymentOptions): Deployment {
    const { state, provider, programFolder: folder } = options;
    const snapshot = takeSnapshot(state, options);
    const progress = createProgress(options.onEvent);
    const removal = createRemoval({ provider, snapshot, progress });
    const protection = createProtection(snapshot);
    const custom = customResources({ provider, folder, snapshot, progress, removal, protection });

    async function registerComponent(goal: Goal, urn: string, earlier: StoredResource | undefined) {
        const resource = goalState(goal, urn, { inputs: goal.inputs, outputs: earlier?.outputs ?? goal.inputs });
        if (earlier !== undefined && !isDeepStrictEqual(goal.inputs, earlier.inputs)) {
            return progress.during("update", { urn, type: goal.type }, async () => {
                await beforeUpdate(goal, earlier, goal.inputs);
                return snapshot.record(resource, earlier);
            });
        }
        const operation = earlier === undefined ? "create" : "same";
        return progress.during(operation, { urn, type: goal.type }, () => snapshot.record(resource, earlier));
    }

    /** An explicit provider: there is only one machine, so that its settings change nothing. */
    async function registerProvider(goal: Goal, urn: string, earlier: StoredResource | undefined) {
        if (goal.type !== "pulumi:providers:aws") {
            throw new ResourceFailure(urn, "check", new Error("only the provider of AWS is supported on this machine"));
        }
        const id = earlier?.id ?? randomUUID();
        const resource = goalState(goal, urn, { id, inputs: goal.inputs, outputs: goal.inputs });
        const operation = earlier === undefined ? "create" : "same";
        return progress.during(operation, { urn, type: goal.type }, () => snapshot.record(resource, earlier));
    }

    return {
        changes: progress.changes,

        register: (goal) =>
            protection.during(async () => {
                const urn = snapshot.claim(goal);
                const isProvider = goal.type.startsWith("pulumi:providers:");
                const work = isProvider ? registerProvider : goal.custom ? custom.register : registerComponent;
                const earlier = snapshot.find(goal, urn);
                protection.registered();
                const { id, outputs } = await work(goal, urn, earlier);
                return { urn, id, outputs };
            }),

        async check(goal) {
            const urn = snapshot.claim(goal);
            const earlier = snapshot.find(goal, urn);
            if (goal.custom && !goal.type.startsWith("pulumi:")) {
                await checkedInputs(goal, urn, { provider, folder, earlier: earlier?.inputs });
            }
            if (!goal.custom && earlier !== undefined && !isDeepStrictEqual(goal.inputs, earlier.inputs)) {
                await beforeUpdate(goal, earlier, goal.inputs).catch((error) => {
                    throw new ResourceFailure(urn, "update", error);
                });
            }
        },

        async registerOutputs(urn, outputs) {
            const resource = snapshot.registered.get(urn);
            if (resource === undefined)
                throw new Error(`Outputs came for ${urn}, which this program has not registered.`);
            await snapshot.record({ ...stateOf(resource), outputs }, resource);
            if (resource.type !== stackType || isDeepStrictEqual(outputs, state.outputs())) return;
            await state.setOutputs(outputs);
        },

        async read(goal, id) {
            const urn = snapshot.claim(goal);
            const found = await provider.read(goal.type, id).catch((error) => {
                throw new ResourceFailure(urn, "read", error);
            });
            if (found === undefined)
                throw new ResourceFailure(urn, "read", new Error(`there is none with the id ${id}`));
            const outputs = withSecrets(found.outputs, {}, { goal, provider });
            const resource = { ...goalState(goal, urn, { id, inputs: {}, outputs }), external: true };
            await snapshot.record(resource, snapshot.find(goal, urn));
            return { urn, id, outputs };
        },

        find: (urn) => snapshot.registered.get(urn),

        async finish() {
            const vanished = snapshot.vanished();
            const guarded = vanished.filter(({ protect, external }) => protect && !external);
            if (guarded.length > 0) {
                return guarded.map(({ urn }) => ResourceFailure.isProtected(urn, "delete", []).message);
            }
            const failures: string[] = [];
            for (const operation of [...snapshot.pending.values()]) {
                if (operation.operation === "create") {
                    await removal.discard(operation).catch((error) => {
                        failures.push(new ResourceFailure(operation.urn, "delete", error).message);
                    });
                }
            }
            const all = [...vanished, ...snapshot.replaced.values()];
            const left = await deleteInOrder(all, (resource) => removal.remove(resource, failures));
            for (const { urn } of all) if (!left.some((each) => each.urn === urn)) await state.abandon(urn);
            // Without a program (when all is destroyed) nobody registers the stack's outputs anew.
            if (snapshot.registered.size === 0) await state.setOutputs({});
            return failures;
        },
    };
}
