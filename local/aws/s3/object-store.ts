import { randomBytes } from "node:crypto";
import type { TwinContext } from "../context";
import type { Caller } from "../service";
import type { Access } from "./access";
import type { Bodies } from "./bodies";
import type { Buckets } from "./buckets";
import type { ObjectEvent } from "./notification-events";
import type { Notifications } from "./notifications";
import type { ObjectVersions, StoredObject, StoredVersion } from "./versions";

export type NewObject = Omit<StoredObject, "kind" | "version" | "modified">;

/** What a removal did, as DeleteObject answers it. */
export interface Removal {
    /** Of the version that was removed, or of the delete marker that was made. */
    readonly version?: string;
    /** What was removed or made is a delete marker. */
    readonly isMarker: boolean;
}

/** Whose doing a removal is: a request's, or the bucket's lifecycle. */
export type Remover = Caller | "lifecycle";

/** What the operations on objects share. */
export interface ObjectStore {
    readonly buckets: Buckets;
    readonly versions: ObjectVersions;
    readonly bodies: Bodies;
    readonly access: Access;
    /**
     * Makes an object exist, with its notifications, at once or not at all; resolves once it is on disk.
     * @param check sees the newest version, and may refuse.
     */
    commit(
        object: NewObject,
        event: ObjectEvent,
        caller: Caller,
        check?: (current: StoredObject | undefined) => void,
    ): Promise<StoredObject>;
    /** Deletes an object: in a bucket with versions by a delete marker. */
    remove(
        bucket: string,
        key: string,
        remover: Remover,
        check?: (current: StoredObject | undefined) => void,
    ): Promise<Removal>;
    /** Deletes one version for good. Nothing happens without it. */
    removeVersion(bucket: string, key: string, version: string, remover: Remover): Promise<Removal>;
    /** The id by which an answer names a version: none in a bucket that never had versions. */
    shownVersion(version: Pick<StoredVersion, "bucket" | "version">): string | undefined;
}

/** An id such as S3 makes: 32 characters that are valid in an address. */
const newVersionId = () => randomBytes(24).toString("base64url");

export function createObjectStore(
    { store, clock }: TwinContext,
    parts: Pick<ObjectStore, "buckets" | "versions" | "bodies" | "access"> & { notifications: Notifications },
): ObjectStore {
    const { buckets, versions, bodies, access, notifications } = parts;

    /** Puts a version on top of the others. @returns the one that it took the place of. */
    function add(version: StoredVersion): StoredVersion | undefined {
        const replaced = version.version === "null" ? versions.find(version.bucket, version.key, "null") : undefined;
        if (replaced !== undefined) versions.delete(replaced);
        versions.add(version);
        return replaced;
    }

    function discardBody(version: StoredVersion | undefined): void {
        if (version?.kind === "object") bodies.remove(version.body);
    }

    const versionFor = (bucket: string) => (buckets.versioning(bucket) === "Enabled" ? newVersionId() : "null");

    return {
        buckets,
        versions,
        bodies,
        access,

        async commit(object, event, caller, check) {
            try {
                const { stored, replaced } = await store.commit(() => {
                    const { bucket, key } = object;
                    buckets.require(bucket);
                    check?.(existing(versions.latest(bucket, key)));
                    const version = versionFor(bucket);
                    const stored: StoredObject = { ...object, kind: "object", version, modified: clock.now() };
                    const replaced = add(stored);
                    notifications.publish(event, stored, caller);
                    return { stored, replaced };
                });
                discardBody(replaced);
                return stored;
            } catch (error) {
                bodies.remove(object.body);
                throw error;
            }
        },

        async remove(bucket, key, remover, check) {
            const { removed, outcome } = await store.commit(() => {
                buckets.require(bucket);
                const latest = versions.latest(bucket, key);
                check?.(existing(latest));
                if (buckets.versioning(bucket) === undefined) {
                    if (latest === undefined) return { outcome: { isMarker: false } };
                    versions.delete(latest);
                    notifications.publish(removal("Delete", remover), latest, remover);
                    return { removed: latest, outcome: { isMarker: false } };
                }
                const version = versionFor(bucket);
                const marker = { kind: "marker" as const, bucket, key, version, modified: clock.now() };
                const removed = add(marker);
                notifications.publish(removal("DeleteMarkerCreated", remover), marker, remover);
                return { removed, outcome: { version, isMarker: true } };
            });
            discardBody(removed);
            return outcome;
        },

        async removeVersion(bucket, key, version, remover) {
            const removed = await store.commit(() => {
                buckets.require(bucket);
                const found = versions.find(bucket, key, version);
                if (found === undefined) return undefined;
                versions.delete(found);
                notifications.publish(removal("Delete", remover), found, remover);
                return found;
            });
            discardBody(removed);
            return { version: buckets.versioning(bucket) && version, isMarker: removed?.kind === "marker" };
        },

        shownVersion: ({ bucket, version }) => (buckets.versioning(bucket) === undefined ? undefined : version),
    };
}

/** A delete marker counts as no object. */
function existing(version: StoredVersion | undefined): StoredObject | undefined {
    return version?.kind === "object" ? version : undefined;
}

function removal(what: "Delete" | "DeleteMarkerCreated", remover: Remover): ObjectEvent {
    return remover === "lifecycle" ? `LifecycleExpiration:${what}` : `ObjectRemoved:${what}`;
}
