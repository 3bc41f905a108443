import * as fs from "node:fs";
import * as path from "node:path";

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
    try {
        return JSON.parse(fs.readFileSync(file, "utf8")) as StackConfig;
    } catch (error) {
        throw new Error(
            `${file} is not valid JSON (${(error as Error).message}): mend it, or delete it to start without a pin.`,
        );
    }
}

/** Sets a value, or removes it where it is undefined. */
export function writeStackConfig(home: string, key: string, value: ConfigValue | undefined): StackConfig {
    const config: Record<string, ConfigValue> = { ...readStackConfig(home) };
    if (value === undefined) delete config[key];
    else config[key] = value;
    const file = configPath(home);
    fs.writeFileSync(`${file}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
    return config;
}

/** Pulumi passes every configuration value as text; objects as JSON. */
export function configAsText(config: StackConfig): Record<string, string> {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}
