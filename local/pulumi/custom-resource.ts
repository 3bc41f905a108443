// Brings one resource of a provider to its goal: creates, updates, replaces, or leaves it.

import { deleteInOrder, needs } from "./deletion";
import { ResourceFailure } from "./failure";
import type { Goal } from "./goal";
import {
    beforeUpdate,
    changedInputs,
    checkedInputs,
    difference,
    existingResource,
    goalState,
    withSecrets,
} from "./goal-state";
import type { Progress } from "./progress";
import type { Protection } from "./protection";
import type { Difference, Provider } from "./provider/provider";
import type { Removal } from "./removal";
import type { Snapshot } from "./snapshot";
import type { PendingOperation, StoredResource } from "./state";
import { type Properties, plainProperties } from "./values";

export interface CustomResources {
    /** @throws ResourceFailure */
    register(goal: Goal, urn: string, earlier: StoredResource | undefined): Promise<StoredResource>;
}

export function customResources(options: {
    readonly provider: Provider;
    /** Where relative paths of assets start. */
    readonly folder: string;
    readonly snapshot: Snapshot;
    readonly progress: Progress;
    readonly removal: Removal;
    readonly protection: Protection;
}): CustomResources {
    const { provider, folder, snapshot, progress, removal, protection } = options;
    const { state, pending } = snapshot;

    const checked = (goal: Goal, urn: string, earlier?: Properties, named?: Properties) =>
        checkedInputs(goal, urn, { provider, folder, earlier, named });

    async function create(
        goal: Goal,
        urn: string,
        inputs: Properties,
        how: { operation: "create" | "replace"; resumed: boolean; supersedes?: StoredResource; changed?: Properties },
    ): Promise<StoredResource> {
        const target = goalState(goal, urn, { inputs, outputs: {} });
        const work = async () => {
            // Names were chosen by now: noting them first lets an interrupted creation find what it made.
            if (!how.resumed) await state.begin({ urn, operation: "create", resource: target });
            const made = await provider
                .create(goal.type, plainProperties(inputs), { resumed: how.resumed })
                .catch(async (error) => {
                    pending.delete(urn);
                    await state.abandon(urn);
                    throw error;
                });
            const outputs = withSecrets(made.outputs, inputs, { goal, provider });
            return snapshot.record({ ...target, id: made.id, outputs }, how.supersedes, "keep");
        };
        return progress.during(how.operation, { urn, type: goal.type }, work, how.changed);
    }

    async function update(goal: Goal, urn: string, old: StoredResource, inputs: Properties): Promise<StoredResource> {
        await beforeUpdate(goal, old, inputs);
        const target = goalState(goal, urn, { id: old.id, inputs, outputs: old.outputs });
        const operation: PendingOperation = { urn, operation: "update", resource: target };
        pending.set(urn, operation);
        await state.begin(operation);
        const outputs = await provider.update(goal.type, existingResource(old), plainProperties(inputs));
        return snapshot.record({ ...target, outputs: withSecrets(outputs, inputs, { goal, provider }) }, old);
    }

    async function replace(goal: Goal, urn: string, old: StoredResource, why: Difference): Promise<StoredResource> {
        if (old.protect) throw ResourceFailure.isProtected(old.urn, "replace", why.replacing);
        const begun = await resumable(goal, urn, old.inputs);
        // A name of its own, so that both can exist; the one noted before an interruption, so that it is found.
        const inputs = begun?.resource.inputs ?? (await checked(goal, urn, old.inputs, {}));
        const changed = changedInputs(inputs, why);
        const first = goal.deleteBeforeReplace ?? difference(provider, goal, old.inputs, inputs).deleteBeforeReplace;
        if (!first) {
            const resumed = begun !== undefined;
            return create(goal, urn, inputs, { operation: "replace", resumed, supersedes: old, changed });
        }
        const victims = [old, ...dependentsToReplace(old)];
        const guarded = victims.find((victim) => victim.protect);
        if (guarded !== undefined) throw ResourceFailure.isProtected(guarded.urn, "replace", why.replacing);
        const failures: string[] = [];
        await deleteInOrder(victims, (victim) => removal.remove(victim, failures));
        if (failures.length > 0) throw new ResourceFailure(urn, "replace", new Error(failures.join("\n  ")));
        return create(goal, urn, inputs, { operation: "replace", resumed: false, changed });
    }

    /** An interrupted creation of just this goal, to be taken up again. One of another goal is taken back. */
    async function resumable(goal: Goal, urn: string, earlier?: Properties): Promise<PendingOperation | undefined> {
        const begun = pending.get(urn);
        if (begun?.operation !== "create") return undefined;
        const inputs = await checked(goal, urn, earlier, begun.resource.inputs);
        const sameType = begun.resource.type === goal.type;
        if (sameType && difference(provider, goal, begun.resource.inputs, inputs).changed.length === 0) return begun;
        await removal.discard(begun);
        return undefined;
    }

    /** Resources that cannot stay while `old` is deleted first: a new `old` means new ones of them as well. */
    function dependentsToReplace(old: StoredResource, found: StoredResource[] = []): StoredResource[] {
        for (const other of snapshot.before.values()) {
            if (!provider.has(other.type) || found.includes(other) || snapshot.registered.has(other.urn)) continue;
            if (!needs(other, old)) continue;
            const fromOld = ([name]: [string, unknown]) => other.propertyDependencies[name]?.includes(old.urn) ?? false;
            const rest = Object.fromEntries(Object.entries(other.inputs).filter((entry) => !fromOld(entry)));
            const { replacing } = provider.diff(other.type, plainProperties(other.inputs), plainProperties(rest));
            if (replacing.length === 0) continue;
            found.push(other);
            dependentsToReplace(other, found);
        }
        return found;
    }

    async function refreshed(goal: Goal, urn: string, old: StoredResource): Promise<StoredResource> {
        if (old.type !== goal.type) return old;
        const { id, outputs } = await provider.refresh(old.type, existingResource(old)).catch((error) => {
            throw new ResourceFailure(urn, "read", error);
        });
        return id === old.id ? old : { ...old, id, outputs };
    }

    return {
        async register(goal, urn, earlier) {
            if (earlier === undefined || earlier.external) {
                const begun = await resumable(goal, urn);
                const inputs = begun?.resource.inputs ?? (await checked(goal, urn));
                if (earlier !== undefined) await snapshot.forget(earlier);
                return create(goal, urn, inputs, { operation: "create", resumed: begun !== undefined });
            }
            const existing = await refreshed(goal, urn, earlier);
            const inputs = await checked(goal, urn, earlier.inputs);
            const found = difference(provider, goal, earlier.inputs, inputs);
            const replacing = found.replacing.length > 0 || earlier.type !== goal.type;
            const same = !replacing && found.changed.length === 0 && pending.get(urn)?.operation !== "update";
            if (!same) await protection.beforeChange(earlier);
            if (replacing) return replace(goal, urn, existing, found);
            const about = { urn, type: goal.type };
            if (same) {
                const outputs = withSecrets(existing.outputs, inputs, { goal, provider });
                const resource = goalState(goal, urn, { id: existing.id, inputs, outputs });
                return progress.during("same", about, () => snapshot.record(resource, earlier));
            }
            const work = () => update(goal, urn, existing, inputs);
            return progress.during("update", about, work, changedInputs(inputs, found));
        },
    };
}
