import { createSealing } from "../sealing";
import type { Store } from "../store";

export const parameterTypes = ["String", "StringList", "SecureString"] as const;
export type ParameterType = (typeof parameterTypes)[number];

export type Tier = "Standard" | "Advanced";

/** What a parameter is, besides its values. */
export interface Parameter {
    readonly name: string;
    readonly tier: Tier;
    readonly type: ParameterType;
    readonly description: string | undefined;
    readonly allowedPattern: string | undefined;
    /** Of a SecureString: the KMS key as the request named it. */
    readonly keyId: string | undefined;
    readonly tags: Readonly<Record<string, string>>;
    /** The newest version, from 1. */
    readonly version: number;
}

export interface ParameterVersion {
    readonly version: number;
    readonly type: ParameterType;
    /** Of a SecureString: the KMS key under which this version was put. */
    readonly keyId: string | undefined;
    /** What lies in the store: encrypted, base64. */
    readonly sealed: string;
    /** Milliseconds since the epoch. */
    readonly modified: number;
}

export interface Parameters {
    find(name: string): Parameter | undefined;
    /** @param version @default the newest */
    version(name: string, version?: number): ParameterVersion | undefined;
    /** Stores the parameter with a value for its newest version. The oldest of more than 100 versions goes. */
    put(parameter: Parameter, value: string): void;
    /** Stores what is not a value. */
    describe(parameter: Parameter): void;
    /** False when there is none. */
    remove(name: string): boolean;
    open(version: ParameterVersion): string;
}

const versionsKept = 100;

/** The parameters in the store. All values are encrypted there: whatever the type, a program may have put a secret. */
export function openParameters({ database, folder }: Store): Parameters {
    database.exec(`
        CREATE TABLE IF NOT EXISTS ssm_parameters (
            name TEXT PRIMARY KEY, version INTEGER NOT NULL, description TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS ssm_versions (
            name TEXT NOT NULL REFERENCES ssm_parameters (name) ON DELETE CASCADE, version INTEGER NOT NULL,
            type TEXT NOT NULL, key_id TEXT, sealed TEXT NOT NULL, modified INTEGER NOT NULL,
            PRIMARY KEY (name, version)
        ) STRICT;
    `);
    const sealing = createSealing(folder);
    const byName = database.prepare("SELECT * FROM ssm_parameters WHERE name = ?");
    const write = database.prepare(
        "INSERT INTO ssm_parameters VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version, description = excluded.description",
    );
    const erase = database.prepare("DELETE FROM ssm_parameters WHERE name = ?");
    const newest = database.prepare("SELECT * FROM ssm_versions WHERE name = ? ORDER BY version DESC LIMIT 1");
    const numbered = database.prepare("SELECT * FROM ssm_versions WHERE name = ? AND version = ?");
    const addVersion = database.prepare("INSERT INTO ssm_versions VALUES (?, ?, ?, ?, ?, ?)");
    const forgetVersions = database.prepare("DELETE FROM ssm_versions WHERE name = ? AND version <= ?");

    function describe({ name, version, ...description }: Parameter): void {
        write.run(name, version, JSON.stringify(description));
    }

    return {
        find(name) {
            const row = byName.get(name);
            if (row === undefined) return undefined;
            const description = JSON.parse(String(row.description)) as Omit<Parameter, "name" | "version">;
            return { ...description, name: String(row.name), version: Number(row.version) };
        },
        version(name, version) {
            const row = version === undefined ? newest.get(name) : numbered.get(name, version);
            return row === undefined ? undefined : toVersion(row);
        },
        put(parameter, value) {
            const { name, version, type, keyId = null } = parameter;
            describe(parameter);
            addVersion.run(name, version, type, keyId, sealing.seal(value), Date.now());
            forgetVersions.run(name, version - versionsKept);
        },
        describe,
        remove: (name) => erase.run(name).changes > 0,
        open: ({ sealed }) => sealing.open(sealed),
    };
}

function toVersion(row: Record<string, unknown>): ParameterVersion {
    return {
        version: Number(row.version),
        type: String(row.type) as ParameterType,
        keyId: row.key_id === null ? undefined : String(row.key_id),
        sealed: String(row.sealed),
        modified: Number(row.modified),
    };
}
