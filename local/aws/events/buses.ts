import { AwsError, account, region } from "../service";
import type { Store } from "../store";

export interface Bus {
    readonly name: string;
    readonly arn: string;
    readonly description?: string;
    /** JSON: who else may put events. */
    readonly policy?: string;
    /** ARN of a queue, for events of encrypted buses on AWS. */
    readonly deadLetterArn?: string;
    readonly tags: Readonly<Record<string, string>>;
    /** Milliseconds since the epoch. */
    readonly created: number;
    readonly modified: number;
}

export interface Buses {
    /** By name or ARN. @default the bus `default`, which is always there @throws AwsError ResourceNotFoundException */
    require(nameOrArn: string | undefined): Bus;
    find(nameOrArn: string | undefined): Bus | undefined;
    /** In order of names. */
    all(): Bus[];
    put(bus: Omit<Bus, "arn">): Bus;
    remove(name: string): void;
}

const prefix = `arn:aws:events:${region}:${account}:event-bus/`;

export const busArn = (name: string) => `${prefix}${name}`;

export function openBuses({ database, transaction }: Store): Buses {
    database.exec("CREATE TABLE IF NOT EXISTS events_buses (name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT");
    const insert = database.prepare("INSERT OR REPLACE INTO events_buses VALUES (?, ?)");
    const erase = database.prepare("DELETE FROM events_buses WHERE name = ?");
    const buses = new Map<string, Bus>();
    remember({ name: "default", tags: {}, created: 0, modified: 0 });
    for (const { definition } of database.prepare("SELECT definition FROM events_buses").all()) {
        remember(JSON.parse(String(definition)) as Bus);
    }

    function remember(bus: Omit<Bus, "arn">): Bus {
        const remembered = { ...bus, arn: busArn(bus.name) };
        buses.set(bus.name, remembered);
        return remembered;
    }

    function find(nameOrArn = "default"): Bus | undefined {
        return buses.get(nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length) : nameOrArn);
    }

    return {
        find,
        require(nameOrArn) {
            const bus = find(nameOrArn);
            if (bus !== undefined) return bus;
            throw new AwsError(
                "ResourceNotFoundException",
                `Event bus ${nameOrArn?.replace(prefix, "")} does not exist.`,
            );
        },
        all: () => [...buses.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        put(bus) {
            transaction(() => insert.run(bus.name, JSON.stringify(bus)));
            return remember(bus);
        },
        remove(name) {
            transaction(() => erase.run(name));
            buses.delete(name);
        },
    };
}
