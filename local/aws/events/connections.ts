import { randomUUID } from "node:crypto";
import type {
    ConnectionAuthorizationType,
    ConnectionState,
    CreateConnectionAuthRequestParameters,
} from "@aws-sdk/client-eventbridge";
import { createSealing } from "../sealing";
import { AwsError, account, region } from "../service";
import type { Store } from "../store";

/** How an API destination lets EventBridge in. */
export interface Connection {
    readonly name: string;
    readonly arn: string;
    readonly id: string;
    readonly description?: string;
    readonly type: ConnectionAuthorizationType;
    readonly state: ConnectionState;
    /** Milliseconds since the epoch. */
    readonly created: number;
    readonly modified: number;
    readonly authorized: number;
}

export type Authorization = CreateConnectionAuthRequestParameters;

export interface Connections {
    find(name: string): Connection | undefined;
    /** @throws AwsError ResourceNotFoundException */
    require(nameOrArn: string | undefined): Connection;
    /** In order of names. */
    all(): Connection[];
    /** What opens the connection; undefined after it was deauthorised. */
    authorization(connection: Connection): Authorization | undefined;
    put(connection: Connection, authorization: Authorization | undefined): void;
    remove(connection: Connection): void;
}

export const connectionArn = (name: string, id: string) =>
    `arn:aws:events:${region}:${account}:connection/${name}/${id}`;

/** The secret on AWS that holds the authorisation. The twin has no Secrets Manager: it is sealed in the store. */
export const secretArn = ({ name, id }: Connection) =>
    `arn:aws:secretsmanager:${region}:${account}:secret:events!connection/${name}/${id}`;

export const newConnectionId = () => randomUUID();

export function openConnections({ database, folder }: Store): Connections {
    const sealing = createSealing(folder);
    database.exec(`CREATE TABLE IF NOT EXISTS events_connections (
        name TEXT PRIMARY KEY, definition TEXT NOT NULL, authorization TEXT) STRICT`);
    const get = database.prepare("SELECT definition FROM events_connections WHERE name = ?");
    const all = database.prepare("SELECT definition FROM events_connections ORDER BY name");
    const sealed = database.prepare("SELECT authorization FROM events_connections WHERE name = ?");
    const insert = database.prepare("INSERT OR REPLACE INTO events_connections VALUES (?, ?, ?)");
    const erase = database.prepare("DELETE FROM events_connections WHERE name = ?");

    function find(name: string): Connection | undefined {
        const row = get.get(name);
        return row === undefined ? undefined : (JSON.parse(String(row.definition)) as Connection);
    }

    return {
        find,
        require(nameOrArn = "") {
            const name = /^arn:.*:connection\/([^/]+)\//.exec(nameOrArn)?.[1] ?? nameOrArn;
            const found = find(name);
            if (found !== undefined && (name === nameOrArn || found.arn === nameOrArn)) return found;
            throw new AwsError("ResourceNotFoundException", `Connection '${nameOrArn}' does not exist.`);
        },
        all: () => all.all().map(({ definition }) => JSON.parse(String(definition)) as Connection),
        authorization({ name }) {
            const row = sealed.get(name);
            if (row === undefined || row.authorization === null) return undefined;
            return JSON.parse(sealing.open(String(row.authorization))) as Authorization;
        },
        put(connection, authorization) {
            const secret = authorization === undefined ? null : sealing.seal(JSON.stringify(authorization));
            insert.run(connection.name, JSON.stringify(connection), secret);
        },
        remove: ({ name }) => void erase.run(name),
    };
}
