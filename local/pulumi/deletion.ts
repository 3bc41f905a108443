import type { StoredResource } from "./state";

/**
 * Deletes resources, those first that nothing else needs any more; what does not depend on each other goes at the same
 * time. A failure keeps what the failed one depends on, and the rest goes on.
 * @returns the resources that are left.
 */
export async function deleteInOrder(
    resources: readonly StoredResource[],
    remove: (resource: StoredResource) => Promise<boolean>,
): Promise<StoredResource[]> {
    const left = new Set(resources);
    const running = new Map<StoredResource, Promise<void>>();
    const failed = new Set<StoredResource>();
    for (;;) {
        for (const resource of left) {
            if (running.has(resource) || failed.has(resource)) continue;
            if ([...left].some((other) => other !== resource && needs(other, resource))) continue;
            const removal = remove(resource).then((removed) => {
                running.delete(resource);
                if (removed) left.delete(resource);
                else failed.add(resource);
            });
            running.set(resource, removal);
        }
        if (running.size === 0) return [...left];
        await Promise.race(running.values());
    }
}

/** True when `resource` must go before `other` may. */
export function needs(resource: StoredResource, other: StoredResource): boolean {
    return resource.urn !== other.urn && (resource.parent === other.urn || resource.dependencies.includes(other.urn));
}
