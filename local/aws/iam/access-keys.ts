import { randomBytes } from "node:crypto";
import { AwsError, type Caller } from "../service";
import type { Store } from "../store";

/** What a process signs its requests with. The twin needs no session token: the key itself stands for the session. */
export interface AccessKey {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: undefined;
}

export interface AccessKeys {
    /** The key of a role's session, the same each time. @throws AwsError NoSuchEntity when there is no such role. */
    forRole(roleArn: string, sessionName: string): AccessKey;
    caller(accessKeyId: string): Caller | undefined;
}

/** Access keys of roles. They live as long as their role: a role that is deleted and made again gets new ones. */
export function createAccessKeys(store: Store): AccessKeys {
    store.database.exec(`CREATE TABLE IF NOT EXISTS iam_access_keys (
        access_key_id TEXT PRIMARY KEY,
        secret_access_key TEXT NOT NULL,
        role_arn TEXT NOT NULL REFERENCES iam_roles (arn) ON DELETE CASCADE,
        session_name TEXT NOT NULL,
        UNIQUE (role_arn, session_name)
    ) STRICT`);
    const ofSession = store.database.prepare(
        "SELECT access_key_id, secret_access_key FROM iam_access_keys WHERE role_arn = ? AND session_name = ?",
    );
    const ofKey = store.database.prepare("SELECT role_arn, session_name FROM iam_access_keys WHERE access_key_id = ?");
    const insert = store.database.prepare("INSERT INTO iam_access_keys VALUES (?, ?, ?, ?)");
    const role = store.database.prepare("SELECT 1 FROM iam_roles WHERE arn = ?");

    return {
        forRole(roleArn, sessionName) {
            const found = ofSession.get(roleArn, sessionName);
            if (found !== undefined) {
                return {
                    accessKeyId: String(found.access_key_id),
                    secretAccessKey: String(found.secret_access_key),
                };
            }
            if (role.get(roleArn) === undefined) {
                throw new AwsError("NoSuchEntity", `The role ${roleArn} cannot be found.`, 404);
            }
            const key = { accessKeyId: newAccessKeyId(), secretAccessKey: randomBytes(30).toString("base64") };
            store.transaction(() => insert.run(key.accessKeyId, key.secretAccessKey, roleArn, sessionName));
            return key;
        },
        caller(accessKeyId) {
            const found = ofKey.get(accessKeyId);
            if (found === undefined) return undefined;
            return { kind: "role", roleArn: String(found.role_arn), sessionName: String(found.session_name) };
        },
    };
}

/** Longer than AWS's, because knowing it is all that a caller must prove: 160 random bits. */
export function newAccessKeyId(): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    return `ASIA${Array.from(randomBytes(32), (byte) => alphabet[byte % 32]).join("")}`;
}
