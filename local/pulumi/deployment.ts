// One run of a stack: takes what the program registers, compares it with the state, and has the provider do the rest.

import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { aliasUrns } from "./aliases";
import { readAssets } from "./assets";
import { deleteInOrder, needs } from "./deletion";
import type { EngineEvent, OperationKind } from "./events";
import { ResourceFailure } from "./failure";
import type { Goal } from "./goal";
import { keepEarlier } from "./provider/ignore-changes";
import type { Difference, Provider } from "./provider/provider";
import type { PendingOperation, ResourceState, StackState, StoredResource } from "./state";
import { createUrn, parseUrn, stackType } from "./urn";
import { holdsSecret, isProperties, mapProperties, type Properties, plainProperties, secret, shown } from "./values";

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
    readonly changes: Record<OperationKind, number>;
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
    const { stack, project, programFolder, state, provider, onEvent } = options;
    const changes: Record<OperationKind, number> = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
    const before = new Map<string, StoredResource>();
    /** Replaced resources that are to be deleted, by row. */
    const replaced = new Map<number, StoredResource>();
    for (const resource of state.resources()) {
        if (resource.replaced) replaced.set(resource.row, resource);
        else before.set(resource.urn, resource);
    }
    const pending = new Map(state.pending().map((operation) => [operation.urn, operation]));
    const registered = new Map<string, StoredResource>();
    const seen = new Set<string>();
    /** URN in the state by URN of today, where an alias led to it. */
    const renamed = new Map<string, string>();

    function urnOf(goal: Goal): string {
        return createUrn({ stack, project, type: goal.type, name: goal.name, parent: goal.parent });
    }

    /** Reports the start and end of an operation around it. */
    async function reporting<T>(
        operation: OperationKind,
        resource: { urn: string; type: string },
        work: () => Promise<T>,
        properties?: Properties,
    ): Promise<T> {
        const about = { kind: "resource", operation, ...resource, name: parseUrn(resource.urn).name } as const;
        const started = performance.now();
        const milliseconds = () => Math.round(performance.now() - started);
        onEvent({ ...about, status: "started", properties });
        try {
            const result = await work();
            changes[operation]++;
            onEvent({ ...about, status: "done", milliseconds: milliseconds() });
            return result;
        } catch (error) {
            const failure = new ResourceFailure(resource.urn, operation, error);
            onEvent({ ...about, status: "failed", milliseconds: milliseconds(), message: failure.message });
            throw failure;
        }
    }

    /** Finds the resource in the state, under its own URN or an alias. */
    function findBefore(goal: Goal, urn: string): StoredResource | undefined {
        const own = before.get(urn);
        if (own !== undefined) return own;
        const earlierParent = goal.parent === undefined ? undefined : renamed.get(goal.parent);
        for (const alias of aliasUrns(goal, { stack, project }, earlierParent)) {
            const found = before.get(alias);
            if (found === undefined || seen.has(alias)) continue;
            renamed.set(urn, alias);
            seen.add(alias);
            return found;
        }
        return undefined;
    }

    function goalState(goal: Goal, urn: string, id: string | undefined, inputs: Properties, outputs: Properties) {
        return {
            urn,
            type: goal.type,
            custom: goal.custom,
            external: false,
            id,
            parent: goal.parent,
            inputs,
            outputs,
            dependencies: [...new Set([...goal.dependencies, ...Object.values(goal.propertyDependencies).flat()])],
            propertyDependencies: goal.propertyDependencies,
            protect: goal.protect,
            retainOnDelete: goal.retainOnDelete,
        } satisfies ResourceState;
    }

    /** Records a resource: a new one, one in the place of `earlier`, or beside it until it is deleted. */
    async function record(
        resource: ResourceState,
        earlier?: StoredResource,
        how: "overwrite" | "keep" = "overwrite",
    ): Promise<StoredResource> {
        const untouched = earlier !== undefined && how === "overwrite" && !pending.has(resource.urn);
        const stored =
            untouched && isDeepStrictEqual(resource, stateOf(earlier))
                ? earlier
                : await state.put(resource, earlier && { row: earlier.row, keep: how === "keep" });
        registered.set(resource.urn, stored);
        return stored;
    }

    async function registerComponent(
        goal: Goal,
        urn: string,
        old: StoredResource | undefined,
    ): Promise<StoredResource> {
        const resource = goalState(goal, urn, undefined, goal.inputs, old?.outputs ?? goal.inputs);
        const operation = old === undefined ? "create" : "same";
        return reporting(operation, { urn, type: goal.type }, () => record(resource, old));
    }

    /** An explicit provider: there is only one machine, so that its settings change nothing. */
    async function registerProvider(goal: Goal, urn: string, old: StoredResource | undefined): Promise<StoredResource> {
        if (goal.type !== "pulumi:providers:aws") {
            throw new ResourceFailure(urn, "create", new Error(`The provider ${goal.type} is not supported here.`));
        }
        const resource = goalState(goal, urn, old?.id ?? randomUUID(), goal.inputs, goal.inputs);
        return reporting(old === undefined ? "create" : "same", { urn, type: goal.type }, () => record(resource, old));
    }

    /**
     * Validates the arguments and completes them with the provider's defaults, secrets kept as such. Changes are
     * ignored against `earlier`; a name that the provider chose is kept from `named`.
     */
    async function checked(
        goal: Goal,
        urn: string,
        earlier: Properties | undefined,
        named: Properties | undefined = earlier,
    ): Promise<Properties> {
        const readable = await readAssets(goal.inputs, programFolder).catch((error) => {
            throw new ResourceFailure(urn, "check", error);
        });
        const given = isProperties(readable) ? readable : {};
        const wanted = earlier === undefined ? given : keepEarlier(given, earlier, goal.ignoreChanges);
        const plainNamed = named === undefined ? undefined : plainProperties(named);
        let result: ReturnType<Provider["check"]>;
        try {
            result = provider.check(goal.type, goal.name, plainProperties(wanted), plainNamed);
        } catch (error) {
            throw new ResourceFailure(urn, "check", error);
        }
        if (result.failures.length > 0) throw ResourceFailure.ofArguments(urn, result.failures);
        return mapProperties(result.inputs, (value, name) => {
            const original = wanted[name];
            return original !== undefined && holdsSecret(original) ? original : value;
        });
    }

    /** Marks as secret what the goal, the type, or a secret argument of the same name makes secret. */
    function withSecrets(
        goal: Pick<Goal, "type" | "additionalSecretOutputs">,
        inputs: Properties,
        outputs: Properties,
    ) {
        const names = new Set([...goal.additionalSecretOutputs, ...provider.secretOutputs(goal.type)]);
        return mapProperties(outputs, (value, name) => {
            const input = inputs[name];
            return names.has(name) || (input !== undefined && holdsSecret(input)) ? secret(value) : value;
        });
    }

    async function create(
        goal: Goal,
        urn: string,
        inputs: Properties,
        how: { operation: "create" | "replace"; resumed: boolean; supersedes?: StoredResource; changed?: Properties },
    ): Promise<StoredResource> {
        const target = goalState(goal, urn, undefined, inputs, {});
        return reporting(
            how.operation,
            { urn, type: goal.type },
            async () => {
                // Names were chosen by now: noting them first lets an interrupted creation find what it made.
                if (!how.resumed) await state.begin({ urn, operation: "create", resource: target });
                const options = { resumed: how.resumed };
                const made = await provider.create(goal.type, plainProperties(inputs), options).catch(async (error) => {
                    pending.delete(urn);
                    await state.abandon(urn);
                    throw error;
                });
                pending.delete(urn);
                const outputs = withSecrets(goal, inputs, made.outputs);
                const { supersedes } = how;
                const stored = await record({ ...target, id: made.id, outputs }, supersedes, "keep");
                if (supersedes !== undefined) replaced.set(supersedes.row, { ...supersedes, replaced: true });
                return stored;
            },
            how.changed,
        );
    }

    /** Takes up a creation that was interrupted when the goal differs from that of then. */
    async function recover(operation: PendingOperation, goal: Goal): Promise<StoredResource | undefined> {
        const { resource, urn } = operation;
        try {
            const made = await provider.create(resource.type, plainProperties(resource.inputs), { resumed: true });
            pending.delete(urn);
            return await state.put({
                ...resource,
                id: made.id,
                outputs: withSecrets(goal, resource.inputs, made.outputs),
            });
        } catch {
            // What was wanted then cannot be made, so nothing was: only today's goal counts.
            pending.delete(urn);
            await state.abandon(urn);
            return undefined;
        }
    }

    async function registerCustom(goal: Goal, urn: string, found: StoredResource | undefined): Promise<StoredResource> {
        let old = found;
        const begun = pending.get(urn);
        if (begun?.operation === "create" && old === undefined) {
            const inputs = await checked(goal, urn, undefined, begun.resource.inputs);
            const nothingNew = provider.diff(
                goal.type,
                plainProperties(begun.resource.inputs),
                plainProperties(inputs),
            );
            if (nothingNew.changed.length === 0)
                return create(goal, urn, inputs, { operation: "create", resumed: true });
            old = await recover(begun, goal);
        }
        if (old === undefined || old.external) {
            const inputs = await checked(goal, urn, undefined);
            if (old !== undefined) await state.remove(old.row);
            return create(goal, urn, inputs, { operation: "create", resumed: false });
        }
        const stored = old;
        const existing = await refreshed(goal, urn, old);
        const inputs = await checked(goal, urn, old.inputs);
        const difference = withReplaceOnChanges(
            provider.diff(goal.type, plainProperties(old.inputs), plainProperties(inputs)),
            goal.replaceOnChanges,
        );
        if (difference.replacing.length > 0 || old.type !== goal.type) return replace(goal, urn, existing, difference);
        const changed = changedInputs(inputs, difference);
        if (difference.changed.length === 0 && pending.get(urn)?.operation !== "update") {
            const outputs = withSecrets(goal, inputs, existing.outputs);
            const resource = goalState(goal, urn, existing.id, inputs, outputs);
            return reporting("same", { urn, type: goal.type }, () => record(resource, stored));
        }
        return reporting("update", { urn, type: goal.type }, () => update(goal, urn, existing, inputs), changed);
    }

    async function refreshed(goal: Goal, urn: string, old: StoredResource): Promise<StoredResource> {
        if (old.type !== goal.type) return old;
        const { id, outputs } = await provider.refresh(old.type, plainExisting(old)).catch((error) => {
            throw new ResourceFailure(urn, "read", error);
        });
        return id === old.id ? old : { ...old, id, outputs };
    }

    async function update(goal: Goal, urn: string, old: StoredResource, inputs: Properties): Promise<StoredResource> {
        const target = goalState(goal, urn, old.id, inputs, old.outputs);
        const operation: PendingOperation = { urn, operation: "update", resource: target };
        pending.set(urn, operation);
        await state.begin(operation);
        const outputs = await provider.update(goal.type, plainExisting(old), plainProperties(inputs));
        const stored = await record({ ...target, outputs: withSecrets(goal, inputs, outputs) }, old);
        pending.delete(urn);
        return stored;
    }

    async function replace(
        goal: Goal,
        urn: string,
        old: StoredResource,
        difference: Difference,
    ): Promise<StoredResource> {
        if (old.protect) throw ResourceFailure.isProtected(old.urn, "replace", difference.replacing);
        const begun = pending.get(urn);
        // A name of its own, so that both can exist; the one noted before an interruption, so that it is found.
        const resumed = begun?.operation === "create";
        const inputs = await checked(goal, urn, old.inputs, resumed ? begun.resource.inputs : {});
        const first =
            goal.deleteBeforeReplace ??
            provider.diff(goal.type, plainProperties(old.inputs), plainProperties(inputs)).deleteBeforeReplace;
        const changed = changedInputs(inputs, difference);
        if (!first) {
            return create(goal, urn, inputs, { operation: "replace", resumed, supersedes: old, changed });
        }
        const victims = [old, ...dependentsToReplace(old)];
        const guarded = victims.find((victim) => victim.protect);
        if (guarded !== undefined) throw ResourceFailure.isProtected(guarded.urn, "replace", difference.replacing);
        const failures: string[] = [];
        await deleteInOrder(victims, (victim) => remove(victim, failures));
        if (failures.length > 0) throw new ResourceFailure(urn, "replace", new Error(failures.join("\n  ")));
        return create(goal, urn, inputs, { operation: "replace", resumed: false, changed });
    }

    /** Resources that cannot stay while `old` is deleted first: a new `old` means new ones of them as well. */
    function dependentsToReplace(old: StoredResource, found: StoredResource[] = []): StoredResource[] {
        for (const other of before.values()) {
            if (!other.custom || found.includes(other) || registered.has(other.urn) || !needs(other, old)) continue;
            const arguments_ = Object.keys(other.propertyDependencies).filter((name) =>
                other.propertyDependencies[name]?.includes(old.urn),
            );
            const emptied = Object.fromEntries(
                Object.entries(other.inputs).filter(([name]) => !arguments_.includes(name)),
            );
            const difference = provider.diff(other.type, plainProperties(other.inputs), plainProperties(emptied));
            if (difference.replacing.length === 0) continue;
            found.push(other);
            dependentsToReplace(other, found);
        }
        return found;
    }

    function plainExisting(resource: ResourceState) {
        return {
            id: resource.id ?? "",
            inputs: plainProperties(resource.inputs),
            outputs: plainProperties(resource.outputs),
        };
    }

    /** Deletes one resource and forgets it. @returns false when it could not be deleted; that is reported. */
    async function remove(resource: StoredResource, failures: string[]): Promise<boolean> {
        const work = async () => {
            const owned = resource.custom && !resource.external && !resource.type.startsWith("pulumi:");
            if (owned && !resource.retainOnDelete) await provider.delete(resource.type, plainExisting(resource));
            await state.remove(resource.row);
            if (before.get(resource.urn)?.row === resource.row) before.delete(resource.urn);
            replaced.delete(resource.row);
        };
        try {
            if (resource.external) await work();
            else await reporting("delete", { urn: resource.urn, type: resource.type }, work);
            return true;
        } catch (error) {
            failures.push((error as Error).message);
            return false;
        }
    }

    function claimUrn(goal: Goal): string {
        const urn = urnOf(goal);
        if (seen.has(urn)) {
            const error = new Error("another resource of this type and parent has the same name: give it another one");
            throw new ResourceFailure(urn, "check", error);
        }
        seen.add(urn);
        return urn;
    }

    return {
        changes,

        async register(goal) {
            const urn = claimUrn(goal);
            const old = findBefore(goal, urn);
            const work = goal.type.startsWith("pulumi:providers:")
                ? registerProvider
                : goal.custom
                  ? registerCustom
                  : registerComponent;
            const { id, outputs } = await work(goal, urn, old);
            return { urn, id, outputs };
        },

        async check(goal) {
            const urn = claimUrn(goal);
            if (goal.custom && !goal.type.startsWith("pulumi:"))
                await checked(goal, urn, findBefore(goal, urn)?.inputs);
        },

        async registerOutputs(urn, outputs) {
            const resource = registered.get(urn);
            if (resource === undefined)
                throw new Error(`Outputs came for ${urn}, which this program has not registered.`);
            await record({ ...stateOf(resource), outputs }, resource);
            if (resource.type === stackType && !isDeepStrictEqual(outputs, state.outputs()))
                await state.setOutputs(outputs);
        },

        async read(goal, id) {
            const urn = claimUrn(goal);
            const old = findBefore(goal, urn);
            const found = await provider.read(goal.type, id).catch((error) => {
                throw new ResourceFailure(urn, "read", error);
            });
            if (found === undefined)
                throw new ResourceFailure(urn, "read", new Error(`there is none with the id ${id}`));
            const outputs = withSecrets(goal, {}, found);
            const resource = { ...goalState(goal, urn, id, {}, outputs), external: true };
            await record(resource, old);
            return { urn, id, outputs };
        },

        find: (urn) => registered.get(urn),

        async finish() {
            const failures: string[] = [];
            const leftovers = [...pending.values()].filter(({ urn }) => !registered.has(urn));
            for (const operation of leftovers.filter(({ urn }) => !before.has(urn))) {
                // It may have been made before the interruption; only who completes it can delete it.
                const recovered = await recover(operation, { ...emptyGoal, ...operation.resource });
                if (recovered !== undefined) before.set(recovered.urn, recovered);
            }
            const vanished = [...before.values()].filter(({ urn }) => !seen.has(urn));
            const guarded = vanished.filter(({ protect, external }) => protect && !external);
            if (guarded.length > 0) {
                return guarded.map(({ urn }) => ResourceFailure.isProtected(urn, "delete", []).message);
            }
            await deleteInOrder([...vanished, ...replaced.values()], (resource) => remove(resource, failures));
            for (const { urn } of leftovers) await state.abandon(urn);
            // Without a program (when all is destroyed) nobody registers the stack's outputs anew.
            if (registered.size === 0) await state.setOutputs({});
            return failures;
        },
    };
}

const emptyGoal: Pick<Goal, "ignoreChanges" | "replaceOnChanges" | "additionalSecretOutputs" | "aliases"> & {
    name: string;
    deleteBeforeReplace: undefined;
} = {
    name: "",
    deleteBeforeReplace: undefined,
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
};

/** The resource alone, without its place in the store. */
function stateOf({ row: _, replaced: __, ...resource }: StoredResource): ResourceState {
    return resource;
}

function withReplaceOnChanges(difference: Difference, paths: readonly string[]): Difference {
    const wanted = difference.changed.filter((name) =>
        paths.some(
            (path) => path === "*" || path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
        ),
    );
    return { ...difference, replacing: [...new Set([...difference.replacing, ...wanted])] };
}

function changedInputs(inputs: Properties, { changed }: Difference): Properties {
    return Object.fromEntries(changed.map((name) => [name, shown(inputs[name] ?? null)]));
}
