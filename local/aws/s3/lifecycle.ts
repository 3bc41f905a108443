import type { LifecycleRule } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import type { Buckets } from "./buckets";
import { applies, dueAfter, expiryTime, isEnabled, isExpiredNoncurrent, rulePrefix } from "./lifecycle-rules";
import { discardUpload } from "./multipart";
import type { ObjectStore } from "./object-store";
import type { Uploads } from "./uploads";
import type { ListedVersion } from "./versions";

const hour = 60 * 60 * 1000;

export interface Lifecycle {
    /** Resolves when nothing is being removed any longer. */
    stop(): Promise<void>;
}

/**
 * Carries out the buckets' lifecycle rules: now, and every hour of the twin's clock, where S3 does it within a day.
 * What moves objects to another storage class is not carried out, which is said when such a rule is put.
 */
export function startLifecycle(
    { store, clock, report }: Pick<TwinContext, "store" | "clock" | "report">,
    objects: ObjectStore,
    uploads: Uploads,
): Lifecycle {
    const { buckets, versions } = objects;
    let stopped = false;
    let running = Promise.resolve();

    async function carryOut(): Promise<void> {
        let actions = 0;
        for (const { name } of buckets.list()) {
            for (const rule of lifecycleRules(buckets, name)) {
                for (const action of [...removals(name, rule), ...aborts(name, rule)]) {
                    if (stopped) return;
                    await action();
                    actions++;
                }
            }
        }
        // What is gone may have left a delete marker behind that is due as well.
        if (actions > 0) await carryOut();
    }

    /** What a rule removes now. Found before anything is removed: a list that is being read must not change. */
    function* removals(bucket: string, rule: LifecycleRule): Iterable<() => Promise<unknown>> {
        const now = clock.now();
        let key: string | undefined;
        let noncurrent = 0;
        for (const version of [...versions.all(bucket, { prefix: rulePrefix(rule), after: "" })]) {
            if (version.key !== key) {
                key = version.key;
                noncurrent = 0;
            }
            const newer = version.latest ? 0 : noncurrent++;
            if (!applies(rule, version)) continue;
            const { version: id } = version;
            if (version.latest && version.kind === "object") {
                const due = expiryTime(rule, version.modified);
                if (due !== undefined && due <= now) yield () => expire(bucket, version);
            } else if (version.latest) {
                if (isExpiredMarker(bucket, rule, version, now)) {
                    yield () => objects.removeVersion(bucket, version.key, id, "lifecycle");
                }
            } else if (isExpiredNoncurrent(rule, version, newer, now)) {
                yield () => objects.removeVersion(bucket, version.key, id, "lifecycle");
            }
        }
    }

    /** Unless it was replaced since it was found. */
    async function expire(bucket: string, { key, version, modified }: ListedVersion): Promise<void> {
        const current = versions.latest(bucket, key);
        if (current?.version === version && current.modified === modified)
            await objects.remove(bucket, key, "lifecycle");
    }

    /** A delete marker of which nothing is left to mark. */
    function isExpiredMarker(
        bucket: string,
        rule: LifecycleRule,
        { key, modified }: ListedVersion,
        now: number,
    ): boolean {
        const { Days, ExpiredObjectDeleteMarker } = rule.Expiration ?? {};
        if (ExpiredObjectDeleteMarker !== true && (Days === undefined || dueAfter(modified, Days) > now)) return false;
        let count = 0;
        for (const other of versions.all(bucket, { prefix: key, after: "" })) {
            if (other.key !== key || ++count > 1) break;
        }
        return count === 1;
    }

    function aborts(bucket: string, rule: LifecycleRule): (() => Promise<void>)[] {
        const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
        if (days === undefined) return [];
        return uploads
            .list(bucket, rulePrefix(rule))
            .filter(({ initiated }) => dueAfter(initiated, days) <= clock.now())
            .map(
                ({ id }) =>
                    () =>
                        discardUpload(store, objects, uploads, id),
            );
    }

    function run(): void {
        running = running.then(carryOut).catch((error: unknown) => {
            const message = error instanceof Error ? error.message : "unknown";
            report({ level: "warning", source: "s3", message: `Expired objects could not be deleted: ${message}` });
        });
    }

    run();
    const end = clock.every(hour, run);
    return {
        stop() {
            stopped = true;
            end();
            return running;
        },
    };
}

/** The enabled rules of a bucket. */
function lifecycleRules(buckets: Pick<Buckets, "document">, bucket: string): LifecycleRule[] {
    return (buckets.document<{ Rules?: LifecycleRule[] }>(bucket, "lifecycle")?.Rules ?? []).filter(isEnabled);
}
