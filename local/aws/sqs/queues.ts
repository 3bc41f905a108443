import type { TwinContext } from "../context";
import { AwsError, account, region } from "../service";
import { missingParameter, noSuchQueue } from "./errors";
import type { QueueAttributes } from "./queue-attributes";

export interface Queue {
    readonly name: string;
    readonly arn: string;
    readonly fifo: boolean;
    readonly attributes: QueueAttributes;
    readonly tags: Readonly<Record<string, string>>;
    /** Milliseconds since the epoch. */
    readonly created: number;
    /** Milliseconds since the epoch. */
    readonly modified: number;
}

export interface Queues {
    find(name: string): Queue | undefined;
    /** By its URL, of which host and port don't matter: the twin may have another port tomorrow. @throws AwsError */
    byUrl(url: string | undefined): Queue;
    url(name: string): string;
    list(prefix: string): Queue[];
    put(queue: Pick<Queue, "name" | "attributes" | "tags" | "created" | "modified">): void;
    delete(name: string): void;
}

interface Row {
    readonly name: string;
    readonly attributes: string;
    readonly tags: string;
    readonly created: number;
    readonly modified: number;
}

export const queueArn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;

/** @throws AwsError when a queue cannot have this name. */
export function checkedName(name: string | undefined, fifo: boolean): string {
    if (name === undefined) throw missingParameter("QueueName");
    if (name.length <= 80 && (fifo ? /^[\w-]+\.fifo$/ : /^[\w-]+$/).test(name)) return name;
    throw new AwsError(
        "InvalidParameterValueException",
        fifo
            ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length"
            : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    );
}

export function openQueues({ store: { database }, address }: Pick<TwinContext, "store" | "address">): Queues {
    database.exec(`CREATE TABLE IF NOT EXISTS sqs_queues (
        name TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL,
        created INTEGER NOT NULL, modified INTEGER NOT NULL
    ) STRICT`);
    const get = database.prepare("SELECT * FROM sqs_queues WHERE name = ?");
    const all = database.prepare("SELECT * FROM sqs_queues ORDER BY name");
    const put =
        database.prepare(`INSERT INTO sqs_queues (name, attributes, tags, created, modified) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET attributes = excluded.attributes, tags = excluded.tags, modified = excluded.modified`);
    const remove = database.prepare("DELETE FROM sqs_queues WHERE name = ?");

    function queue(row: Row): Queue {
        return {
            ...row,
            arn: queueArn(row.name),
            fifo: row.name.endsWith(".fifo"),
            attributes: JSON.parse(row.attributes) as QueueAttributes,
            tags: JSON.parse(row.tags) as Record<string, string>,
        };
    }

    function find(name: string): Queue | undefined {
        const row = get.get(name) as unknown as Row | undefined;
        return row && queue(row);
    }

    return {
        find,
        byUrl(url) {
            if (url === undefined) throw missingParameter("QueueUrl");
            const [, owner, name = ""] = /\/(\d{12})\/([^/]+)$/.exec(url) ?? [];
            const found = owner === account ? find(name) : undefined;
            if (found === undefined) throw noSuchQueue();
            return found;
        },
        url: (name) => `${address()}/${account}/${name}`,
        list: (prefix) =>
            (all.all() as unknown as Row[]).filter(({ name }) => name.startsWith(prefix)).map((row) => queue(row)),
        put({ name, attributes, tags, created, modified }) {
            put.run(name, JSON.stringify(attributes), JSON.stringify(tags), created, modified);
        },
        delete: (name) => void remove.run(name),
    };
}
