import type { Store } from "../store";

/** How often a role was let do something, and how often not. */
export interface UsedPermission {
    readonly roleArn: string;
    /** For example `s3:GetObject`. */
    readonly action: string;
    /** The ARN as it was asked for; objects of a bucket and streams of a log group together, with `*` at the end. */
    readonly resource: string;
    readonly allowed: number;
    readonly denied: number;
    /** ISO 8601. */
    readonly lastUsed: string;
}

/** What roles have asked for. It is counted in memory and written every few seconds, never with a request. */
export interface UsedPermissions {
    note(roleArn: string, action: string, resource: string, allowed: boolean): void;
    /** By role, action and resource. */
    list(): UsedPermission[];
    forget(roleArn: string): void;
    /** Writes what is not yet on disk. */
    flush(): void;
}

interface Uses {
    allowed: number;
    denied: number;
    /** Milliseconds since the epoch. */
    last: number;
    isWritten: boolean;
}

/** By role, then action, then resource. */
type Everything = Map<string, Map<string, Map<string, Uses>>>;

/** Resources of one action of one role that are told apart. What comes after them is counted by its kind. */
export const resourcesApart = 100;

const writeAfterMilliseconds = 5_000;

export function openUsedPermissions(store: Store): UsedPermissions {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS iam_used_permissions (
        role_arn TEXT NOT NULL, action TEXT NOT NULL, resource TEXT NOT NULL,
        allowed INTEGER NOT NULL, denied INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (role_arn, action, resource)
    ) STRICT`);
    // A request under way may have been counted after its role was deleted.
    store.transaction(() => {
        database.exec("DELETE FROM iam_used_permissions WHERE role_arn NOT IN (SELECT arn FROM iam_roles)");
    });
    const write = database.prepare("INSERT OR REPLACE INTO iam_used_permissions VALUES (?, ?, ?, ?, ?, ?)");
    const erase = database.prepare("DELETE FROM iam_used_permissions WHERE role_arn = ?");
    const everything: Everything = new Map();
    let timer: NodeJS.Timeout | undefined;

    for (const row of database.prepare("SELECT * FROM iam_used_permissions").all()) {
        const uses = usesOf(everything, String(row.role_arn), String(row.action), String(row.resource));
        uses.allowed = Number(row.allowed);
        uses.denied = Number(row.denied);
        uses.last = Number(row.last);
        uses.isWritten = true;
    }

    function* all(): Generator<readonly [roleArn: string, action: string, resource: string, uses: Uses]> {
        for (const [roleArn, actions] of everything) {
            for (const [action, resources] of actions) {
                for (const [resource, uses] of resources) yield [roleArn, action, resource, uses];
            }
        }
    }

    function flush(): void {
        clearTimeout(timer);
        timer = undefined;
        const changed = [...all()].filter(([, , , uses]) => !uses.isWritten);
        if (changed.length === 0) return;
        store.transaction(() => {
            for (const [roleArn, action, resource, { allowed, denied, last }] of changed) {
                write.run(roleArn, action, resource, allowed, denied, last);
            }
        });
        for (const [, , , uses] of changed) uses.isWritten = true;
    }

    return {
        note(roleArn, action, resource, allowed) {
            const uses = usesOf(everything, roleArn, action, together(resource));
            if (allowed) uses.allowed++;
            else uses.denied++;
            uses.last = Date.now();
            uses.isWritten = false;
            timer ??= setTimeout(() => {
                try {
                    flush();
                } catch {
                    // A disk that is full shows itself where something is to be kept; these counts stay for the next time.
                }
            }, writeAfterMilliseconds).unref();
        },
        list: () =>
            [...all()]
                .sort(
                    (left, right) =>
                        compare(left[0], right[0]) || compare(left[1], right[1]) || compare(left[2], right[2]),
                )
                .map(([roleArn, action, resource, { allowed, denied, last }]) => ({
                    roleArn,
                    action,
                    resource,
                    allowed,
                    denied,
                    lastUsed: new Date(last).toISOString(),
                })),
        forget(roleArn) {
            everything.delete(roleArn);
            store.transaction(() => void erase.run(roleArn));
        },
        flush,
    };
}

function usesOf(everything: Everything, roleArn: string, action: string, resource: string): Uses {
    const actions = entry(everything, roleArn, () => new Map<string, Map<string, Uses>>());
    const resources = entry(actions, action, () => new Map<string, Uses>());
    const name = resources.has(resource) || resources.size < resourcesApart ? resource : kindOf(resource);
    return entry(resources, name, () => ({ allowed: 0, denied: 0, last: 0, isWritten: false }));
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
    let value = map.get(key);
    if (value === undefined) {
        value = create();
        map.set(key, value);
    }
    return value;
}

/** Objects by their bucket and folder, log streams by their group: each of them is used only for a while. */
function together(resource: string): string {
    const slash = resource.lastIndexOf("/");
    if (resource.startsWith("arn:aws:s3:::") && slash > 0) return `${resource.slice(0, slash)}/*`;
    return resource.replace(/:log-stream:.+$/, ":log-stream:*");
}

/** `arn:aws:s3:::bucket/*`, `arn:aws:ssm:region:account:parameter/*` … */
function kindOf(resource: string): string {
    return /^((?:[^:]*:){5}[^:/]*[:/]).*$/s.exec(resource)?.[1]?.concat("*") ?? "*";
}

function compare(left: string, right: string): number {
    return left < right ? -1 : left > right ? 1 : 0;
}
