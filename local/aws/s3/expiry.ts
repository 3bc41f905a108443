import type { LifecycleRule } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { root } from "../service";
import type { Buckets } from "./buckets";
import type { ObjectStore } from "./object-store";

const day = 24 * 60 * 60 * 1000;
const hour = day / 24;

/**
 * Deletes what is older than a bucket's lifecycle rules allow: now, and every hour. The twin acts on enabled rules with
 * `Expiration.Days` and at most a prefix as filter, as AWS does within a day; {@link unsupportedRules} names the others.
 */
export function startExpiry(
    { report }: Pick<TwinContext, "report">,
    { buckets, rows, remove }: Pick<ObjectStore, "rows" | "remove"> & { buckets: Buckets },
): { stop(): Promise<void> } {
    let stopped = false;
    let running = Promise.resolve();

    async function expire(): Promise<void> {
        for (const { name } of buckets.list()) {
            const document = buckets.document<{ Rules?: LifecycleRule[] }>(name, "lifecycle");
            for (const { prefix, days } of (document?.Rules ?? []).flatMap((rule) => expiration(rule) ?? [])) {
                const before = Date.now() - days * day;
                const old = [...rows.list(name, { prefix, after: "" })].filter(({ modified }) => modified < before);
                for (const { key } of old) {
                    if (stopped) return;
                    await remove(name, key, root);
                }
            }
        }
    }

    function run(): void {
        running = running.then(expire).catch((error: unknown) => {
            const message = error instanceof Error ? error.message : "unknown";
            report({ level: "warning", source: "s3", message: `Expired objects could not be deleted: ${message}` });
        });
    }

    run();
    const timer = setInterval(run, hour).unref();
    return {
        stop() {
            stopped = true;
            clearInterval(timer);
            return running;
        },
    };
}

function expiration({
    Status,
    Expiration,
    Filter,
    Prefix,
}: LifecycleRule): { prefix: string; days: number } | undefined {
    const byPrefixOnly = Filter === undefined || Object.keys(Filter).every((name) => name === "Prefix");
    if (Status !== "Enabled" || Expiration?.Days === undefined || !byPrefixOnly) return undefined;
    return { prefix: Filter?.Prefix ?? Prefix ?? "", days: Expiration.Days };
}

/** The ids of enabled rules that delete or move something, but not on the twin. */
export function unsupportedRules(rules: readonly LifecycleRule[]): string[] {
    return rules
        .filter((rule) => rule.Status === "Enabled" && (rule.Expiration ?? rule.Transitions) !== undefined)
        .filter((rule) => expiration(rule) === undefined)
        .map(({ ID }, index) => ID ?? `rule ${index + 1}`);
}
