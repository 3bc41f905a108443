import { isDeepStrictEqual } from "node:util";
import { aliasUrns } from "./aliases";
import { ResourceFailure } from "./failure";
import type { Goal } from "./goal";
import type { PendingOperation, ResourceState, StackState, StoredResource } from "./state";
import { createUrn } from "./urn";

/** A stack's state during a run: what was there before, and what the program has registered by now. */
export interface Snapshot {
    readonly state: StackState;
    /** Resources of the earlier runs, by URN. */
    readonly before: Map<string, StoredResource>;
    /** Resources that were replaced and are still to be deleted, by row. */
    readonly replaced: Map<number, StoredResource>;
    /** Operations that were begun and not ended, by URN. */
    readonly pending: Map<string, PendingOperation>;
    /** Resources of this run, by URN. */
    readonly registered: Map<string, StoredResource>;
    /** Takes the URN of a goal for this run. @throws ResourceFailure when another resource has it. */
    claim(goal: Goal): string;
    /** Finds the resource among those of earlier runs, under its own URN or an alias. */
    find(goal: Goal, urn: string): StoredResource | undefined;
    /** Resources of earlier runs that the program has not registered. */
    vanished(): StoredResource[];
    /** Records a resource: a new one, one in the place of `earlier`, or beside that until it is deleted. */
    record(resource: ResourceState, earlier?: StoredResource, how?: "overwrite" | "keep"): Promise<StoredResource>;
    /** Forgets a resource that was deleted. */
    forget(resource: StoredResource): Promise<void>;
}

export function takeSnapshot(state: StackState, where: { readonly stack: string; readonly project: string }): Snapshot {
    const stored = state.resources();
    const live = stored.filter(({ replaced }) => !replaced);
    const before = new Map(live.map((resource) => [resource.urn, resource]));
    const replaced = new Map(stored.filter((each) => each.replaced).map((resource) => [resource.row, resource]));
    const pending = new Map(state.pending().map((operation) => [operation.urn, operation]));
    const registered = new Map<string, StoredResource>();
    const claimed = new Set<string>();
    /** URN in the state by URN of today, where an alias led to it. */
    const renamed = new Map<string, string>();

    return {
        state,
        before,
        replaced,
        pending,
        registered,

        claim(goal) {
            const urn = createUrn({ ...where, type: goal.type, name: goal.name, parent: goal.parent });
            if (claimed.has(urn)) {
                const error = new Error(
                    "another resource of this type and parent has the same name: give it another one",
                );
                throw new ResourceFailure(urn, "check", error);
            }
            claimed.add(urn);
            return urn;
        },

        find(goal, urn) {
            const own = before.get(urn);
            if (own !== undefined) return own;
            const earlierParent = goal.parent === undefined ? undefined : renamed.get(goal.parent);
            for (const alias of aliasUrns(goal, where, earlierParent)) {
                const found = before.get(alias);
                if (found === undefined || claimed.has(alias)) continue;
                renamed.set(urn, alias);
                claimed.add(alias);
                return found;
            }
            return undefined;
        },

        vanished: () => [...before.values()].filter(({ urn }) => !claimed.has(urn)),

        async record(resource, earlier, how = "overwrite") {
            const untouched = earlier !== undefined && how === "overwrite" && !pending.has(resource.urn);
            const recorded =
                untouched && isDeepStrictEqual(resource, stateOf(earlier))
                    ? earlier
                    : await state.put(resource, earlier && { row: earlier.row, keep: how === "keep" });
            if (earlier !== undefined && how === "keep") replaced.set(earlier.row, { ...earlier, replaced: true });
            pending.delete(resource.urn);
            registered.set(resource.urn, recorded);
            return recorded;
        },

        async forget(resource) {
            await state.remove(resource.row);
            if (before.get(resource.urn)?.row === resource.row) before.delete(resource.urn);
            replaced.delete(resource.row);
        },
    };
}

/** The resource alone, without its place in the store. */
export function stateOf({ row: _, replaced: __, ...resource }: StoredResource): ResourceState {
    return resource;
}
