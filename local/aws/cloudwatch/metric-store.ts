import type { TwinContext } from "../context";
import { type Aggregate, add, emptyAggregate, merge } from "./aggregate";
import { type Dimension, type Metric, metricKey, type Sample } from "./metric";

/** What is kept of one interval of a metric. */
export interface Point extends Aggregate {
    /** When the interval began, in milliseconds since 1970. */
    readonly time: number;
    readonly unit: string;
}

/** A metric that has data, and when its last data were of. */
export interface KnownMetric extends Metric {
    /** Milliseconds since 1970. */
    readonly latest: number;
}

/** The data of all metrics. */
export interface MetricStore {
    /** Takes a sample into memory; it is on disk within {@link flushIntervalMilliseconds}. */
    record(sample: Sample): void;
    /** Writes samples at once. To be called in a transaction. */
    write(samples: readonly Sample[]): void;
    /** Points in order of time. Times are milliseconds since 1970, the second one exclusive. @param unit of all units where undefined */
    read(metric: Metric, from: number, until: number, unit?: string): Point[];
    /** When the last interval with data began, be it in the future; undefined without any. */
    latest(metric: Metric): number | undefined;
    /** Metrics with data, in order of namespace, name and dimensions. */
    list(namespace?: string, name?: string): KnownMetric[];
    /** Calls back with the key of a metric that has an interval with new data. Returns a function that ends this. */
    onData(listener: (key: string) => void): () => void;
    close(): void;
}

/** A crash loses what was recorded since the last write. */
const flushIntervalMilliseconds = 3_000;
const second = 1_000;
const hour = 3_600_000;
const day = 24 * hour;

/** How long AWS keeps data of a resolution, in seconds; older ones are merged into the next one. */
const retentions = [
    { resolution: 1, kept: 3 * hour },
    { resolution: 60, kept: 15 * day },
    { resolution: 300, kept: 63 * day },
    { resolution: 3600, kept: 455 * day },
] as const;

interface Pending {
    readonly metric: Metric;
    readonly key: string;
    readonly unit: string;
    readonly resolution: number;
    readonly time: number;
    readonly aggregate: Aggregate;
}

export function openMetricStore({ store, clock, report }: TwinContext): MetricStore {
    const { database } = store;
    database.exec(`
        CREATE TABLE IF NOT EXISTS cloudwatch_metrics (
            id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,
            latest INTEGER NOT NULL, UNIQUE (namespace, name, dimensions)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS cloudwatch_points (
            metric INTEGER NOT NULL REFERENCES cloudwatch_metrics (id) ON DELETE CASCADE,
            resolution INTEGER NOT NULL, time INTEGER NOT NULL, unit TEXT NOT NULL, count REAL NOT NULL,
            sum REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL, distribution TEXT,
            PRIMARY KEY (metric, resolution, time, unit)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS cloudwatch_points_by_age ON cloudwatch_points (resolution, time);
    `);
    const found = database.prepare(
        "SELECT id, latest FROM cloudwatch_metrics WHERE namespace = ? AND name = ? AND dimensions = ?",
    );
    const met = database.prepare(`INSERT INTO cloudwatch_metrics (namespace, name, dimensions, latest)
        VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET latest = max(latest, excluded.latest) RETURNING id`);
    const point = database.prepare(
        "SELECT * FROM cloudwatch_points WHERE metric = ? AND resolution = ? AND time = ? AND unit = ?",
    );
    const put = database.prepare("INSERT OR REPLACE INTO cloudwatch_points VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const select = database.prepare(`SELECT * FROM cloudwatch_points
        WHERE metric = ? AND resolution = ? AND time >= ? AND time < ? ORDER BY time`);
    const list = database.prepare(`SELECT namespace, name, dimensions, latest FROM cloudwatch_metrics
        WHERE (:namespace IS NULL OR namespace = :namespace) AND (:name IS NULL OR name = :name)
        ORDER BY namespace, name, dimensions`);
    const old = database.prepare("SELECT * FROM cloudwatch_points WHERE resolution = ? AND time < ?");
    const erase = database.prepare("DELETE FROM cloudwatch_points WHERE resolution = ? AND time < ?");
    const eraseMetrics = database.prepare(
        "DELETE FROM cloudwatch_metrics WHERE id NOT IN (SELECT metric FROM cloudwatch_points)",
    );
    const pending = new Map<string, Pending>();
    const listeners = new Set<(key: string) => void>();

    /** Where a sample belongs, with nothing in it yet. */
    function intervalOf(sample: Sample): Omit<Pending, "aggregate"> {
        const { unit, resolution = 60 } = sample;
        const time = sample.time - mod(sample.time, resolution * second);
        return { metric: sample, key: metricKey(sample), unit, resolution, time };
    }

    function tell(key: string): void {
        try {
            for (const listener of listeners) listener(key);
        } catch (error) {
            // Whoever measures something has nothing to do with what an alarm makes of it.
            const reason = error instanceof Error ? error.message : "unknown";
            report({ level: "error", source: "cloudwatch", message: `An alarm does not wake: ${reason}` });
        }
    }

    function record(sample: Sample): void {
        const interval = intervalOf(sample);
        const place = `${interval.resolution} ${interval.time} ${interval.unit} ${interval.key}`;
        const known = pending.get(place);
        if (known !== undefined) {
            add(known.aggregate, sample.value);
            return;
        }
        const aggregate = emptyAggregate();
        add(aggregate, sample.value);
        pending.set(place, { ...interval, aggregate });
        tell(interval.key);
    }

    function save(metric: number, resolution: number, time: number, unit: string, aggregate: Aggregate): void {
        const stored = point.get(metric, resolution, time, unit);
        const total = stored === undefined ? emptyAggregate() : toPoint(stored);
        merge(total, aggregate);
        const { count, sum, minimum, maximum, distribution } = total;
        const values = distribution === undefined ? null : JSON.stringify([...distribution]);
        put.run(metric, resolution, time, unit, count, sum, minimum, maximum, values);
    }

    function savePending({ metric, resolution, time, unit, aggregate }: Pending): void {
        const row = met.get(metric.namespace, metric.name, JSON.stringify(metric.dimensions), time);
        save(Number(row?.id), resolution, time, unit, aggregate);
    }

    function flush(): void {
        if (pending.size === 0) return;
        store.transaction(() => {
            for (const each of pending.values()) savePending(each);
        });
        pending.clear();
    }

    /** Merges what is past the retention of its resolution into the next one, and forgets what is past the last. */
    function expire(): void {
        flush();
        store.transaction(() => {
            retentions.forEach(({ resolution, kept }, index) => {
                const next = retentions[index + 1]?.resolution;
                // Only whole intervals of the next resolution.
                const limit = clock.now() - kept;
                const before = limit - mod(limit, (next ?? 1) * second);
                if (next !== undefined) {
                    for (const row of old.all(resolution, before)) {
                        const { time, unit, ...aggregate } = toPoint(row);
                        save(Number(row.metric), next, time - mod(time, next * second), unit, aggregate);
                    }
                }
                erase.run(resolution, before);
            });
            eraseMetrics.run();
        });
    }

    function guarded(work: () => void): () => void {
        return () => {
            try {
                work();
            } catch (error) {
                const reason = error instanceof Error ? error.message : "unknown";
                report({ level: "error", source: "cloudwatch", message: `Metrics are not written: ${reason}` });
            }
        };
    }
    const flushing = setInterval(guarded(flush), flushIntervalMilliseconds).unref();
    guarded(expire)();
    const stopExpiring = clock.every(hour, guarded(expire));

    return {
        record,
        write(samples) {
            for (const sample of samples) {
                const aggregate = emptyAggregate();
                add(aggregate, sample.value);
                const interval = intervalOf(sample);
                savePending({ ...interval, aggregate });
                tell(interval.key);
            }
        },
        read({ namespace, name, dimensions }, from, until, unit) {
            flush();
            const row = found.get(namespace, name, JSON.stringify(dimensions));
            if (row === undefined) return [];
            return retentions
                .flatMap(({ resolution }) => select.all(Number(row.id), resolution, from, until).map(toPoint))
                .filter((each) => unit === undefined || each.unit === unit)
                .sort((a, b) => a.time - b.time);
        },
        latest({ namespace, name, dimensions }) {
            flush();
            const row = found.get(namespace, name, JSON.stringify(dimensions));
            return row === undefined ? undefined : Number(row.latest);
        },
        list(namespace, name) {
            flush();
            return list.all({ namespace: namespace ?? null, name: name ?? null }).map((row) => ({
                namespace: String(row.namespace),
                name: String(row.name),
                dimensions: JSON.parse(String(row.dimensions)) as Dimension[],
                latest: Number(row.latest),
            }));
        },
        onData(listener) {
            listeners.add(listener);
            return () => {
                listeners.delete(listener);
            };
        },
        close() {
            clearInterval(flushing);
            stopExpiring();
            guarded(flush)();
        },
    };
}

function mod(value: number, divisor: number): number {
    return ((value % divisor) + divisor) % divisor;
}

function toPoint(row: Record<string, unknown>): Point {
    return {
        time: Number(row.time),
        unit: String(row.unit),
        count: Number(row.count),
        sum: Number(row.sum),
        minimum: Number(row.minimum),
        maximum: Number(row.maximum),
        distribution:
            row.distribution === null ? undefined : new Map(JSON.parse(String(row.distribution)) as [number, number][]),
    };
}
