import type { MetricData, MetricDefinition } from "@aws-sdk/client-sagemaker";

/** Reads a job's metrics from what it prints: of each, the last value counts. */
export class Metrics {
    readonly #definitions: readonly { name: string; pattern: RegExp }[];
    readonly #last = new Map<string, MetricData>();

    constructor(definitions: readonly MetricDefinition[] | undefined) {
        this.#definitions = (definitions ?? []).map(({ Name: name = "", Regex: regex = "" }) => ({
            name,
            pattern: new RegExp(regex, "g"),
        }));
    }

    /** The metrics that a line has in it, in its order for each of them. */
    scan(line: string, now = new Date()): MetricData[] {
        const found: MetricData[] = [];
        for (const { name, pattern } of this.#definitions) {
            for (const match of line.matchAll(pattern)) {
                const value = Number(match[1]?.trim() || Number.NaN);
                if (!Number.isFinite(value)) continue;
                const metric = { MetricName: name, Value: value, Timestamp: now };
                this.#last.set(name, metric);
                found.push(metric);
            }
        }
        return found;
    }

    get final(): MetricData[] {
        return [...this.#last.values()];
    }
}
