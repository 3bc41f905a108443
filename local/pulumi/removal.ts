import { ResourceFailure } from "./failure";
import { existingResource } from "./goal-state";
import type { Progress } from "./progress";
import type { Provider } from "./provider/provider";
import type { Snapshot } from "./snapshot";
import type { PendingOperation, StoredResource } from "./state";
import { plainProperties } from "./values";

export interface Removal {
    /** Deletes one resource and forgets it. What goes wrong is reported and added to `failures`. */
    remove(resource: StoredResource, failures: string[]): Promise<boolean>;
    /** Takes back a creation that was interrupted: only who completes it knows what there is to delete. */
    discard(operation: PendingOperation): Promise<void>;
}

export function createRemoval(options: {
    readonly provider: Provider;
    readonly snapshot: Snapshot;
    readonly progress: Progress;
}): Removal {
    const { provider, snapshot, progress } = options;
    return {
        async remove(resource, failures) {
            const { urn, type, custom, external, retainOnDelete } = resource;
            const owned = custom && !external && !type.startsWith("pulumi:");
            const work = async () => {
                if (owned && !retainOnDelete) await provider.delete(type, existingResource(resource));
                await snapshot.forget(resource);
            };
            try {
                if (external) await work();
                else await progress.during("delete", { urn, type }, work);
                return true;
            } catch (error) {
                failures.push(error instanceof ResourceFailure ? error.message : String(error));
                return false;
            }
        },

        async discard({ urn, resource }) {
            const inputs = plainProperties(resource.inputs);
            let made: { id: string } | undefined;
            try {
                made = await provider.create(resource.type, inputs, { resumed: true });
            } catch {
                // What cannot be made was not made either: there is nothing to delete.
            }
            if (made !== undefined) await provider.delete(resource.type, { id: made.id, inputs, outputs: {} });
            snapshot.pending.delete(urn);
            await snapshot.state.abandon(urn);
        },
    };
}
