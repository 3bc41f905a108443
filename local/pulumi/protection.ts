import { ResourceFailure } from "./failure";
import type { Snapshot } from "./snapshot";
import type { StoredResource } from "./state";

/** Sees to it that nothing lets go of a protected resource which the program no longer has. */
export interface Protection {
    /** Counts a registration as under way for as long as it takes. */
    during<T>(work: () => Promise<T>): Promise<T>;
    /** Tells that the program has registered one more resource. */
    registered(): void;
    /**
     * Waits, before a resource is changed, until the program has registered the protected ones that it used.
     * @throws ResourceFailure when the program has nothing else to register any more: they are gone from it.
     */
    beforeChange(resource: StoredResource): Promise<void>;
}

/** How long a program may be silent before what it has not registered counts as gone. */
const patienceMilliseconds = 1000;

interface Waiting {
    missing(): StoredResource | undefined;
    goOn(): void;
    refuse(error: ResourceFailure): void;
}

/**
 * That a protected resource is gone from the program is certain only at its end, and refused then. By that time others
 * would have been changed to do without it, and what it protects would be out of use all the same.
 */
export function createProtection(snapshot: Snapshot): Protection {
    const waiting = new Set<Waiting>();
    let underWay = 0;
    let patience: NodeJS.Timeout | undefined;

    function look(): void {
        clearTimeout(patience);
        for (const each of waiting) {
            if (each.missing() !== undefined) continue;
            waiting.delete(each);
            each.goOn();
        }
        // Only those are under way that wait: the program itself waits for them, or has nothing more.
        if (waiting.size > 0 && waiting.size === underWay) patience = setTimeout(giveUp, patienceMilliseconds);
    }

    function giveUp(): void {
        for (const each of [...waiting]) {
            waiting.delete(each);
            const missing = each.missing();
            if (missing === undefined) each.goOn();
            else each.refuse(ResourceFailure.isProtected(missing.urn, "delete", []));
        }
    }

    return {
        async during(work) {
            underWay++;
            try {
                return await work();
            } finally {
                underWay--;
                look();
            }
        },
        registered: look,
        async beforeChange({ dependencies }) {
            const missing = () =>
                snapshot
                    .vanished()
                    .find(({ urn, protect, external }) => protect && !external && dependencies.includes(urn));
            if (missing() === undefined) return;
            await new Promise<void>((goOn, refuse) => {
                waiting.add({ missing, goOn, refuse });
                look();
            });
        },
    };
}
