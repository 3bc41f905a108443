import type { SQLOutputValue } from "node:sqlite";
import type { Store } from "../aws/store";
import { type SecretsManager, secretsManager } from "./secrets";
import type { Properties } from "./values";

/** A resource as the stack's state keeps it. */
export interface ResourceState {
    readonly urn: string;
    readonly type: string;
    /** False for components. */
    readonly custom: boolean;
    /** True for a resource that was read, not made: it is never deleted. */
    readonly external: boolean;
    readonly id: string | undefined;
    readonly parent: string | undefined;
    readonly inputs: Properties;
    readonly outputs: Properties;
    /** URNs of the resources that this one needs. */
    readonly dependencies: readonly string[];
    /** URNs by the argument that takes their outputs. */
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
}

/** A resource in the state, under the number of its row: a URN has a second one while its replacement is under way. */
export interface StoredResource extends ResourceState {
    readonly row: number;
    /** It was replaced and is still to be deleted. */
    readonly replaced: boolean;
}

/** An operation that was begun and of which the outcome was not recorded. */
export interface PendingOperation {
    readonly urn: string;
    readonly operation: "create" | "update";
    /** What was to be made. */
    readonly resource: ResourceState;
}

/** The state of one stack, in the store. What a method resolves is on disk. */
export interface StackState {
    resources(): StoredResource[];
    pending(): PendingOperation[];
    outputs(): Properties;
    /** Notes what is about to be done, so that it can be taken up again after an interruption. */
    begin(pending: PendingOperation): Promise<void>;
    /** Forgets a begun operation. */
    abandon(urn: string): Promise<void>;
    /**
     * Records a resource and ends its pending operation. `supersedes` is the row that it takes the place of:
     * overwritten, or kept for deletion when `keep` says so.
     */
    put(resource: ResourceState, supersedes?: { row: number; keep: boolean }): Promise<StoredResource>;
    remove(row: number): Promise<void>;
    setOutputs(outputs: Properties): Promise<void>;
}

/** Opens the state of a stack. */
export function openState(store: Store, stack: string): StackState {
    store.database.exec(`
        CREATE TABLE IF NOT EXISTS pulumi_stacks (stack TEXT PRIMARY KEY, outputs TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS pulumi_resources (
            row INTEGER PRIMARY KEY AUTOINCREMENT, stack TEXT NOT NULL, urn TEXT NOT NULL,
            replaced INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS pulumi_resources_live ON pulumi_resources (stack, urn) WHERE replaced = 0;
        CREATE TABLE IF NOT EXISTS pulumi_pending (
            stack TEXT NOT NULL, urn TEXT NOT NULL, operation TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (stack, urn)) STRICT;
    `);
    const secrets = secretsManager(store.folder);
    const prepare = (sql: string) => store.database.prepare(sql);
    const listResources = prepare("SELECT row, replaced, body FROM pulumi_resources WHERE stack = ? ORDER BY row");
    const listPending = prepare("SELECT urn, operation, body FROM pulumi_pending WHERE stack = ? ORDER BY rowid");
    const readOutputs = prepare("SELECT outputs FROM pulumi_stacks WHERE stack = ?");
    const writePending = prepare(
        "INSERT OR REPLACE INTO pulumi_pending (stack, urn, operation, body) VALUES (?, ?, ?, ?)",
    );
    const removePending = prepare("DELETE FROM pulumi_pending WHERE stack = ? AND urn = ?");
    const insertResource = prepare("INSERT INTO pulumi_resources (stack, urn, body) VALUES (?, ?, ?)");
    const updateResource = prepare("UPDATE pulumi_resources SET urn = ?, body = ? WHERE row = ?");
    const markReplaced = prepare("UPDATE pulumi_resources SET replaced = 1 WHERE row = ?");
    const removeResource = prepare("DELETE FROM pulumi_resources WHERE row = ?");
    const writeOutputs = prepare("INSERT OR REPLACE INTO pulumi_stacks (stack, outputs) VALUES (?, ?)");

    return {
        resources: () =>
            listResources.all(stack).map(({ row, replaced, body }) => ({
                ...readBody(body, secrets),
                row: Number(row),
                replaced: replaced === 1,
            })),
        pending: () =>
            listPending.all(stack).map(({ urn, operation, body }) => ({
                urn: String(urn),
                operation: operation === "update" ? "update" : "create",
                resource: readBody(body, secrets),
            })),
        outputs: () => {
            const found = readOutputs.get(stack);
            return found === undefined ? {} : secrets.open(String(found.outputs));
        },
        begin: ({ urn, operation, resource }) =>
            store.commit(() => void writePending.run(stack, urn, operation, writeBody(resource, secrets))),
        abandon: (urn) => store.commit(() => void removePending.run(stack, urn)),
        put: (resource, supersedes) =>
            store.commit(() => {
                removePending.run(stack, resource.urn);
                const body = writeBody(resource, secrets);
                if (supersedes !== undefined && !supersedes.keep) {
                    updateResource.run(resource.urn, body, supersedes.row);
                    return { ...resource, row: supersedes.row, replaced: false };
                }
                if (supersedes !== undefined) markReplaced.run(supersedes.row);
                const { lastInsertRowid } = insertResource.run(stack, resource.urn, body);
                return { ...resource, row: Number(lastInsertRowid), replaced: false };
            }),
        remove: (row) => store.commit(() => void removeResource.run(row)),
        setOutputs: (outputs) => store.commit(() => void writeOutputs.run(stack, secrets.seal(outputs))),
    };
}

function writeBody(resource: ResourceState, secrets: SecretsManager): string {
    const { inputs, outputs, ...rest } = resource;
    return JSON.stringify({
        urn: rest.urn,
        type: rest.type,
        custom: rest.custom,
        external: rest.external,
        id: rest.id,
        parent: rest.parent,
        dependencies: rest.dependencies,
        propertyDependencies: rest.propertyDependencies,
        protect: rest.protect,
        retainOnDelete: rest.retainOnDelete,
        inputs: secrets.seal(inputs),
        outputs: secrets.seal(outputs),
    });
}

function readBody(stored: SQLOutputValue | undefined, secrets: SecretsManager): ResourceState {
    const body = JSON.parse(String(stored));
    return {
        ...body,
        id: body.id,
        parent: body.parent,
        inputs: secrets.open(body.inputs),
        outputs: secrets.open(body.outputs),
    };
}
