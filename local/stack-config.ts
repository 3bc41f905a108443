import * as fs from "node:fs";
import * as path from "node:path";
import { syncToDisk } from "./aws/sync";

/** A value of the stack's configuration, as in a Pulumi stack file. */
export type ConfigValue =
    | string
    | number
    | boolean
    | null
    | readonly ConfigValue[]
    | { readonly [key: string]: ConfigValue };

/** The twin's stack configuration: full keys, such as `sortline:model`. */
export type StackConfig = Readonly<Record<string, ConfigValue>>;

/** Kept in the twin's home and never in a tracked file: what is pinned on a laptop is nobody else's business. */
function configPath(home: string): string {
    return path.join(home, "config.json");
}

export function readStackConfig(home: string): StackConfig {
    const file = configPath(home);
    if (!fs.existsSync(file)) return {};
    let content: unknown;
    try {
        content = JSON.parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw new Error(`${file} is not valid JSON (${(error as Error).message}): ${toMend}.`);
    }
    if (typeof content !== "object" || content === null || Array.isArray(content)) {
        throw new Error(`${file} does not hold a JSON object, such as {"sortline:threshold": 0.8}: ${toMend}.`);
    }
    const wrong = Object.keys(content).filter((key) => !isConfigKey(key));
    if (wrong.length > 0) {
        throw new Error(
            `${file} has keys without a namespace (${wrong.join(", ")}); they look like "sortline:threshold": ${toMend}.`,
        );
    }
    return content as StackConfig;
}

const toMend = "mend it, or take the last copy that worked";

/** Whether this is a full key: a namespace, a colon and a name. */
export function isConfigKey(key: string): boolean {
    return /^[\w-]+:[\w.-]+$/.test(key);
}

/** Sets a value, or removes it where it is undefined. */
export function writeStackConfig(home: string, key: string, value: ConfigValue | undefined): StackConfig {
    const config: Record<string, ConfigValue> = { ...readStackConfig(home) };
    if (value === undefined) delete config[key];
    else config[key] = value;
    const file = configPath(home);
    // Whole or not at all, also when the power fails: it holds the pin of the model in service.
    fs.writeFileSync(`${file}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flush: true });
    fs.renameSync(`${file}.new`, file);
    syncToDisk(home);
    return config;
}

/** Pulumi passes every configuration value as text; objects as JSON. */
export function configAsText(config: StackConfig): Record<string, string> {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}
