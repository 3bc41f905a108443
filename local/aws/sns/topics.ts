import { account, partition, region } from "../service";
import type { Store } from "../store";
import { invalidParameter, notFound } from "./errors";

export interface Topic {
    readonly name: string;
    readonly arn: string;
    /** Those that were set, by the API's names. */
    readonly attributes: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
}

export interface Subscription {
    readonly arn: string;
    readonly topicArn: string;
    readonly protocol: "sqs" | "lambda";
    /** ARN of the queue or function. */
    readonly endpoint: string;
    /** Those that were set, by the API's names. */
    readonly attributes: Readonly<Record<string, string>>;
    /** ARN of who subscribed. */
    readonly principal: string;
}

/** Topics and their subscriptions in the store. What writes is to be called in a transaction of it. */
export interface Topics {
    find(name: string): Topic | undefined;
    /** @throws AwsError when the ARN is malformed or there is no such topic. */
    get(arn: string | undefined): Topic;
    /** In order of names. */
    list(): Topic[];
    put(topic: Pick<Topic, "name" | "attributes" | "tags">): void;
    /** With its subscriptions. */
    remove(name: string): void;
    subscription(arn: string): Subscription | undefined;
    /** Of one topic, or all; in order of ARNs. */
    subscriptions(topicArn?: string): Subscription[];
    subscribe(subscription: Subscription): void;
    unsubscribe(arn: string): void;
}

export function topicArn(name: string): string {
    return `arn:${partition}:sns:${region}:${account}:${name}`;
}

/** A topic's name out of its ARN. @throws AwsError when it is no ARN. */
export function topicName(arn: string | undefined, parameter = "TopicArn"): string {
    const parts = (arn ?? "").split(":");
    if (parts.length < 6) {
        throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`);
    }
    return parts[5] ?? "";
}

export function openTopics({ database }: Store): Topics {
    database.exec(`
        CREATE TABLE IF NOT EXISTS sns_topics (
            name TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS sns_subscriptions (
            arn TEXT PRIMARY KEY, topic TEXT NOT NULL REFERENCES sns_topics (name) ON DELETE CASCADE,
            protocol TEXT NOT NULL, endpoint TEXT NOT NULL, attributes TEXT NOT NULL, principal TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS sns_subscriptions_by_topic ON sns_subscriptions (topic)`);
    const one = database.prepare("SELECT * FROM sns_topics WHERE name = ?");
    const all = database.prepare("SELECT * FROM sns_topics ORDER BY name");
    const put = database.prepare(`INSERT INTO sns_topics VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET attributes = excluded.attributes, tags = excluded.tags`);
    const remove = database.prepare("DELETE FROM sns_topics WHERE name = ?");
    const oneSubscription = database.prepare("SELECT * FROM sns_subscriptions WHERE arn = ?");
    const allSubscriptions = database.prepare("SELECT * FROM sns_subscriptions ORDER BY arn");
    const ofTopic = database.prepare("SELECT * FROM sns_subscriptions WHERE topic = ? ORDER BY arn");
    const subscribe = database.prepare(`INSERT INTO sns_subscriptions VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (arn) DO UPDATE SET attributes = excluded.attributes`);
    const unsubscribe = database.prepare("DELETE FROM sns_subscriptions WHERE arn = ?");

    function find(name: string): Topic | undefined {
        const row = one.get(name);
        return row === undefined ? undefined : toTopic(row);
    }

    return {
        find,
        get(arn) {
            const name = topicName(arn);
            const topic = arn === topicArn(name) ? find(name) : undefined;
            if (topic === undefined) throw notFound("Topic");
            return topic;
        },
        list: () => all.all().map(toTopic),
        put: ({ name, attributes, tags }) => void put.run(name, JSON.stringify(attributes), JSON.stringify(tags)),
        remove: (name) => void remove.run(name),
        subscription(arn) {
            const row = oneSubscription.get(arn);
            return row === undefined ? undefined : toSubscription(row);
        },
        subscriptions: (topic) =>
            (topic === undefined ? allSubscriptions.all() : ofTopic.all(topicName(topic))).map(toSubscription),
        subscribe({ arn, topicArn, protocol, endpoint, attributes, principal }) {
            subscribe.run(arn, topicName(topicArn), protocol, endpoint, JSON.stringify(attributes), principal);
        },
        unsubscribe: (arn) => void unsubscribe.run(arn),
    };
}

type Row = Readonly<Record<string, unknown>>;

function toTopic(row: Row): Topic {
    const name = String(row.name);
    return { name, arn: topicArn(name), attributes: texts(row.attributes), tags: texts(row.tags) };
}

function toSubscription(row: Row): Subscription {
    return {
        arn: String(row.arn),
        topicArn: topicArn(String(row.topic)),
        protocol: row.protocol === "lambda" ? "lambda" : "sqs",
        endpoint: String(row.endpoint),
        attributes: texts(row.attributes),
        principal: String(row.principal),
    };
}

function texts(json: unknown): Record<string, string> {
    return JSON.parse(String(json)) as Record<string, string>;
}
