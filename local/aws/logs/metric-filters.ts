import { type CloudWatch, isDimensionValue, sortedDimensions } from "../cloudwatch";
import type { TwinContext } from "../context";
import type { LogEvent } from "./events";
import { type FilterPattern, type FoundValue, filterPattern } from "./filter";

/** A metric that is made of what a group logs. */
export interface MetricFilter {
    readonly group: string;
    readonly name: string;
    readonly pattern: string;
    readonly metric: MetricTransformation;
    /** Milliseconds since 1970. */
    readonly created: number;
}

export interface MetricTransformation {
    readonly namespace: string;
    readonly name: string;
    readonly unit: string;
    /** A number, or what names one in the line, such as `$.latency`. */
    readonly value: string;
    /** What a line counts that does not match. */
    readonly defaultValue?: number;
    /** By name, what names the value in the line. */
    readonly dimensions: Readonly<Record<string, string>>;
}

/** The metric filters of all groups. What writes is to be called in a transaction. */
export interface MetricFilters {
    /** In order of names. */
    all(group?: string): MetricFilter[];
    put(filter: MetricFilter): void;
    /** @returns whether there was one. */
    remove(group: string, name: string): boolean;
    /** Forgets those of a group that is deleted. */
    removeAll(group: string): void;
    /** Makes metrics of what was logged. */
    apply(cloudwatch: CloudWatch, group: string, events: readonly LogEvent[]): void;
}

type Compiled = MetricFilter & { readonly finds: FilterPattern };

export function openMetricFilters({ store: { database } }: TwinContext): MetricFilters {
    database.exec(`CREATE TABLE IF NOT EXISTS logs_metric_filters (
        log_group TEXT NOT NULL, name TEXT NOT NULL, filter TEXT NOT NULL, PRIMARY KEY (log_group, name)
    ) STRICT`);
    const select = database.prepare(
        "SELECT filter FROM logs_metric_filters WHERE (:group IS NULL OR log_group = :group) ORDER BY name, log_group",
    );
    const put = database.prepare("INSERT OR REPLACE INTO logs_metric_filters VALUES (?, ?, ?)");
    const remove = database.prepare("DELETE FROM logs_metric_filters WHERE log_group = ? AND name = ?");
    const removeAll = database.prepare("DELETE FROM logs_metric_filters WHERE log_group = ?");
    /** Compiled once; every line of a group is held against them. */
    const compiled = new Map<string, readonly Compiled[]>();

    const all = (group?: string) =>
        select.all({ group: group ?? null }).map(({ filter }) => JSON.parse(String(filter)) as MetricFilter);

    function compiledOf(group: string): readonly Compiled[] {
        const known = compiled.get(group);
        if (known !== undefined) return known;
        const filters = all(group).map((filter) => ({ ...filter, finds: filterPattern(filter.pattern) }));
        compiled.set(group, filters);
        return filters;
    }

    return {
        all,
        put(filter) {
            put.run(filter.group, filter.name, JSON.stringify(filter));
            compiled.delete(filter.group);
        },
        remove(group, name) {
            compiled.delete(group);
            return remove.run(group, name).changes > 0;
        },
        removeAll(group) {
            compiled.delete(group);
            removeAll.run(group);
        },
        apply(cloudwatch, group, events) {
            for (const { metric, finds } of compiledOf(group)) {
                for (const { message, timestamp } of events) {
                    const sample = sampleOf(metric, finds(message));
                    if (sample === undefined) continue;
                    const { namespace, name, unit } = metric;
                    const value = { values: [[sample.value, 1]] as const };
                    const { dimensions } = sample;
                    cloudwatch.record([{ namespace, name, unit, time: timestamp, dimensions, value }]);
                }
            }
        },
    };
}

/** What a line counts; undefined where it counts nothing. */
function sampleOf(metric: MetricTransformation, found: FoundValue | undefined) {
    if (found === undefined) {
        return metric.defaultValue === undefined ? undefined : { value: metric.defaultValue, dimensions: [] };
    }
    const given = metric.value.startsWith("$") ? found(metric.value) : metric.value;
    const value = given === undefined || given === "" ? Number.NaN : Number(given);
    if (!Number.isFinite(value)) return undefined;
    const dimensions: [string, string][] = [];
    for (const [name, reference] of Object.entries(metric.dimensions)) {
        const named = found(reference);
        // A line without one of them makes no metric.
        if (named === undefined || !isDimensionValue(String(named))) return undefined;
        dimensions.push([name, String(named)]);
    }
    return { value, dimensions: sortedDimensions(dimensions) };
}
