import type { Target } from "@aws-sdk/client-eventbridge";
import { account, region } from "../service";
import type { Store } from "../store";
import { type EventPattern, eventPattern } from "./pattern";
import { type Schedule, schedule } from "./schedule";

export interface StoredRule {
    readonly bus: string;
    readonly name: string;
    readonly pattern?: string;
    readonly scheduleExpression?: string;
    /** When its schedule began to count, milliseconds since the epoch. */
    readonly scheduledSince?: number;
    readonly enabled: boolean;
    readonly description?: string;
    readonly tags?: Readonly<Record<string, string>>;
    /** By id, in order of ids. */
    readonly targets: ReadonlyMap<string, Target>;
}

export interface Rule extends StoredRule {
    readonly arn: string;
    /** Undefined without a pattern. */
    readonly matches: EventPattern | undefined;
    /** Undefined without a schedule. */
    readonly schedule: Schedule | undefined;
}

export interface Rules {
    /** Of a bus, in order of names. */
    of(bus: string): Rule[];
    all(): Rule[];
    find(bus: string, name: string): Rule | undefined;
    put(rule: StoredRule): Rule;
    remove(rule: Pick<Rule, "bus" | "name">): void;
}

interface Row extends Omit<StoredRule, "bus" | "name" | "targets"> {
    readonly targets: readonly Target[];
}

/** The rules of all event buses in the store, and a compiled copy in memory. */
export function createRules(store: Store): Rules {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS events_bus_rules (
        bus TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (bus, name)) STRICT`);
    takeOverDefaultBus(store);
    const insert = database.prepare("INSERT OR REPLACE INTO events_bus_rules VALUES (?, ?, ?)");
    const erase = database.prepare("DELETE FROM events_bus_rules WHERE bus = ? AND name = ?");
    const rules = new Map<string, Rule>();
    for (const row of database.prepare("SELECT bus, name, definition FROM events_bus_rules").all()) {
        remember(String(row.bus), String(row.name), JSON.parse(String(row.definition)) as Row);
    }

    function remember(bus: string, name: string, { targets, ...row }: Row): Rule {
        const rule: Rule = {
            ...row,
            bus,
            name,
            arn: ruleArn(bus, name),
            matches: row.pattern === undefined ? undefined : eventPattern(row.pattern),
            schedule: row.scheduleExpression === undefined ? undefined : schedule(row.scheduleExpression),
            targets: new Map(targets.map((target) => [String(target.Id), target])),
        };
        rules.set(rule.arn, rule);
        return rule;
    }

    const byName = (some: Iterable<Rule>) => [...some].sort((a, b) => (a.name < b.name ? -1 : 1));

    return {
        all: () => [...rules.values()],
        of: (bus) => byName(rules.values()).filter((rule) => rule.bus === bus),
        find: (bus, name) => rules.get(ruleArn(bus, name)),
        // Not in a group commit: table and copy change in the same turn, so that no call sees one without the other.
        put({ bus, name, targets, pattern, scheduleExpression, scheduledSince, enabled, description, tags }) {
            const sorted = [...targets.values()].sort((a, b) => (String(a.Id) < String(b.Id) ? -1 : 1));
            const row: Row = {
                pattern,
                scheduleExpression,
                scheduledSince,
                enabled,
                description,
                tags,
                targets: sorted,
            };
            store.transaction(() => insert.run(bus, name, JSON.stringify(row)));
            return remember(bus, name, row);
        },
        remove({ bus, name }) {
            store.transaction(() => erase.run(bus, name));
            rules.delete(ruleArn(bus, name));
        },
    };
}

export function ruleArn(bus: string, name: string): string {
    return `arn:aws:events:${region}:${account}:rule/${bus === "default" ? "" : `${bus}/`}${name}`;
}

/** A home of an earlier version has rules of the default bus only. */
function takeOverDefaultBus({ database, transaction }: Store): void {
    if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events_rules'").get() === undefined) return;
    transaction(() => {
        database.exec("INSERT INTO events_bus_rules SELECT 'default', name, definition FROM events_rules");
        database.exec("DROP TABLE events_rules");
    });
}
