import { AwsError, account, region } from "../service";
import type { Store } from "../store";

/** An address outside that events are sent to by HTTP. */
export interface ApiDestination {
    readonly name: string;
    readonly arn: string;
    readonly description?: string;
    readonly connectionArn: string;
    /** Each `*` stands for a path parameter of the target. */
    readonly endpoint: string;
    readonly method: string;
    /** Calls a second at most. */
    readonly rate: number;
    /** Milliseconds since the epoch. */
    readonly created: number;
    readonly modified: number;
}

export interface ApiDestinations {
    find(name: string): ApiDestination | undefined;
    /** @throws AwsError ResourceNotFoundException */
    require(nameOrArn: string | undefined): ApiDestination;
    /** In order of names. */
    all(): ApiDestination[];
    put(destination: ApiDestination): void;
    remove(destination: ApiDestination): void;
}

export const apiDestinationArn = (name: string, id: string) =>
    `arn:aws:events:${region}:${account}:api-destination/${name}/${id}`;

export function openApiDestinations({ database }: Store): ApiDestinations {
    database.exec(`CREATE TABLE IF NOT EXISTS events_api_destinations (
        name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT`);
    const get = database.prepare("SELECT definition FROM events_api_destinations WHERE name = ?");
    const all = database.prepare("SELECT definition FROM events_api_destinations ORDER BY name");
    const insert = database.prepare("INSERT OR REPLACE INTO events_api_destinations VALUES (?, ?)");
    const erase = database.prepare("DELETE FROM events_api_destinations WHERE name = ?");

    function find(name: string): ApiDestination | undefined {
        const row = get.get(name);
        return row === undefined ? undefined : (JSON.parse(String(row.definition)) as ApiDestination);
    }

    return {
        find,
        require(nameOrArn = "") {
            const name = /^arn:.*:api-destination\/([^/]+)\//.exec(nameOrArn)?.[1] ?? nameOrArn;
            const found = find(name);
            if (found !== undefined && (name === nameOrArn || found.arn === nameOrArn)) return found;
            throw new AwsError("ResourceNotFoundException", `An api-destination '${nameOrArn}' does not exist.`);
        },
        all: () => all.all().map(({ definition }) => JSON.parse(String(definition)) as ApiDestination),
        put: (destination) => void insert.run(destination.name, JSON.stringify(destination)),
        remove: ({ name }) => void erase.run(name),
    };
}
