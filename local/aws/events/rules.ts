import type { Target } from "@aws-sdk/client-eventbridge";
import { account, region } from "../service";
import type { Store } from "../store";
import { type EventPattern, eventPattern } from "./pattern";

export interface Rule {
    readonly name: string;
    readonly arn: string;
    readonly pattern: string;
    readonly matches: EventPattern;
    readonly enabled: boolean;
    readonly description?: string;
    /** By id, in order of ids. */
    readonly targets: ReadonlyMap<string, Target>;
}

export interface Rules {
    /** In order of names. */
    all(): Rule[];
    find(name: string): Rule | undefined;
    put(rule: Pick<Rule, "name" | "pattern" | "enabled" | "description" | "targets">): Rule;
    remove(name: string): void;
}

interface Row {
    readonly pattern: string;
    readonly enabled: boolean;
    readonly description?: string;
    readonly targets: readonly Target[];
}

/** The rules of the default event bus in the store, and a compiled copy in memory. */
export function createRules(store: Store): Rules {
    const { database } = store;
    database.exec("CREATE TABLE IF NOT EXISTS events_rules (name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT");
    const insert = database.prepare("INSERT OR REPLACE INTO events_rules VALUES (?, ?)");
    const erase = database.prepare("DELETE FROM events_rules WHERE name = ?");
    const rules = new Map<string, Rule>();
    for (const row of database.prepare("SELECT name, definition FROM events_rules").all()) {
        remember(String(row.name), JSON.parse(String(row.definition)) as Row);
    }

    function remember(name: string, { pattern, enabled, description, targets }: Row): Rule {
        const rule: Rule = {
            name,
            arn: ruleArn(name),
            pattern,
            matches: eventPattern(pattern),
            enabled,
            description,
            targets: new Map(targets.map((target) => [String(target.Id), target])),
        };
        rules.set(name, rule);
        return rule;
    }

    return {
        all: () => [...rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        find: (name) => rules.get(name),
        // Not in a group commit: table and copy change in the same turn, so that no call sees one without the other.
        put({ name, pattern, enabled, description, targets }) {
            const sorted = [...targets.values()].sort((a, b) => (String(a.Id) < String(b.Id) ? -1 : 1));
            const row: Row = { pattern, enabled, description, targets: sorted };
            store.transaction(() => insert.run(name, JSON.stringify(row)));
            return remember(name, row);
        },
        remove(name) {
            store.transaction(() => erase.run(name));
            rules.delete(name);
        },
    };
}

export function ruleArn(name: string): string {
    return `arn:aws:events:${region}:${account}:rule/${name}`;
}
