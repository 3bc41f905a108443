import type { TwinContext } from "../context";
import type { Caller } from "../service";
import type { Access } from "./access";
import type { Bodies } from "./bodies";
import type { Buckets } from "./buckets";
import type { Notifications, ObjectEvent } from "./notifications";
import type { ObjectRows, StoredObject } from "./rows";

/** What the operations on objects share. */
export interface ObjectStore {
    readonly buckets: Buckets;
    readonly rows: ObjectRows;
    readonly bodies: Bodies;
    readonly access: Access;
    /** Makes an object exist, with its notifications, at once or not at all; resolves once it is on disk. */
    commit(
        object: StoredObject,
        event: ObjectEvent,
        caller: Caller,
        check?: (current?: StoredObject) => void,
    ): Promise<void>;
    remove(bucket: string, key: string, caller: Caller): Promise<void>;
}

export function createObjectStore(
    { store }: TwinContext,
    parts: Pick<ObjectStore, "buckets" | "rows" | "bodies" | "access"> & { notifications: Notifications },
): ObjectStore {
    const { buckets, rows, bodies, access, notifications } = parts;
    return {
        buckets,
        rows,
        bodies,
        access,
        async commit(object, event, caller, check) {
            let replaced: StoredObject | undefined;
            try {
                await store.commit(() => {
                    buckets.require(object.bucket);
                    replaced = rows.get(object.bucket, object.key);
                    check?.(replaced);
                    rows.put(object);
                    notifications.publish(event, object, caller);
                });
            } catch (error) {
                bodies.remove(object.body);
                throw error;
            }
            if (replaced !== undefined) bodies.remove(replaced.body);
        },
        async remove(bucket, key, caller) {
            let removed: StoredObject | undefined;
            await store.commit(() => {
                removed = rows.get(bucket, key);
                if (removed === undefined) return;
                rows.delete(bucket, key);
                notifications.publish("ObjectRemoved:Delete", removed, caller);
            });
            if (removed !== undefined) bodies.remove(removed.body);
        },
    };
}
