import type {
    GetMetricDataInput,
    GetMetricDataOutput,
    GetMetricStatisticsInput,
    GetMetricStatisticsOutput,
    ListMetricsInput,
    ListMetricsOutput,
    MetricDataResult,
    PutMetricDataInput,
    StandardUnit,
} from "@aws-sdk/client-cloudwatch";
import type { TwinContext } from "../context";
import { notImplemented } from "../protocol/json";
import { account, type Operation } from "../service";
import type { Aggregate } from "./aggregate";
import { invalidCombination, invalidValue, refuseAll, required, validationError } from "./errors";
import { checkUnit, givenMetric, givenSample } from "./given-metric";
import type { Value } from "./math/evaluate";
import type { MetricStore } from "./metric-store";
import { page } from "./page";
import { evaluateQueries, intervalsOf, isPeriod, type Query, readQueries, type TimeRange } from "./query";
import { basicStatistics, type Statistic, statisticNamed } from "./statistic";

export interface MetricOperations {
    PutMetricData: Operation<PutMetricDataInput, object>;
    GetMetricData: Operation<GetMetricDataInput, GetMetricDataOutput>;
    GetMetricStatistics: Operation<GetMetricStatisticsInput, GetMetricStatisticsOutput>;
    ListMetrics: Operation<ListMetricsInput, ListMetricsOutput>;
}

const mostData = 1_000;
const mostQueries = 500;
const mostDatapoints = 100_800;
const mostStatisticDatapoints = 1_440;
const metricsOfPage = 500;
const hour = 3_600_000;
const twoWeeks = 14 * 24 * hour;

/** Metrics and their data. */
export function metricOperations({ iam, store, clock }: TwinContext, metrics: MetricStore): MetricOperations {
    return {
        async PutMetricData({ Namespace, MetricData = [], EntityMetricData }, caller) {
            iam.authorize(caller, "cloudwatch:PutMetricData", "*", {
                code: "AccessDenied",
                context: { "cloudwatch:namespace": Namespace ?? "" },
            });
            if (EntityMetricData !== undefined)
                throw notImplemented("CloudWatch", "PutMetricData with EntityMetricData");
            const problems: string[] = [];
            if (MetricData.length < 1 || MetricData.length > mostData) {
                problems.push(
                    `The collection MetricData must have 1 to ${mostData} members; it has ${MetricData.length}.`,
                );
            }
            if (Namespace?.startsWith("AWS/")) {
                problems.push(
                    "The value AWS/ for parameter Namespace is invalid: namespaces that begin with it are AWS's own.",
                );
            }
            const samples = MetricData.map((datum, index) =>
                givenSample(problems, `MetricData.member.${index + 1}.`, Namespace, datum, clock.now()),
            );
            refuseAll(problems);
            await store.commit(() => metrics.write(samples));
            return {};
        },

        async GetMetricData(input, caller) {
            iam.authorize(caller, "cloudwatch:GetMetricData", "*", { code: "AccessDenied" });
            const { MetricDataQueries: given = [], ScanBy, MaxDatapoints = mostDatapoints, NextToken } = input;
            if (given.length < 1 || given.length > mostQueries) {
                throw validationError(
                    `The collection MetricDataQueries must have 1 to ${mostQueries} members; it has ${given.length}.`,
                );
            }
            if (!(MaxDatapoints >= 1 && MaxDatapoints <= mostDatapoints)) {
                throw validationError(
                    `The parameter MaxDatapoints must be 1 to ${mostDatapoints}; it is ${MaxDatapoints}.`,
                );
            }
            const queries = readQueries(given);
            const range = timeRange(input, Math.min(...queries.map(({ period }) => period)));
            const values = evaluateQueries(queries, metrics, range);
            const results = queries
                .filter(({ returnData }) => returnData)
                .flatMap((query) => resultsOf(query, values, range));
            const ascending = ScanBy === "TimestampAscending";
            const points = results.flatMap((result, index) =>
                sortedPoints(result.series, ascending).map((point) => ({ index, point })),
            );
            const part = page(points, MaxDatapoints, NextToken);
            return {
                MetricDataResults: results.map(({ id, label }, index): MetricDataResult => {
                    const own = part.items.filter((each) => each.index === index).map(({ point }) => point);
                    const later = part.NextToken !== undefined && points.findLast((each) => each.index === index);
                    return {
                        Id: id,
                        Label: label,
                        Timestamps: own.map(([time]) => new Date(time)),
                        Values: own.map(([, value]) => value),
                        StatusCode: later && !part.items.includes(later) ? "PartialData" : "Complete",
                    };
                }),
                Messages: [],
                NextToken: part.NextToken,
            };
        },

        async GetMetricStatistics(input, caller) {
            iam.authorize(caller, "cloudwatch:GetMetricStatistics", "*", { code: "AccessDenied" });
            const { Statistics = [], ExtendedStatistics = [], Unit } = input;
            const period = required(input.Period, "Period");
            const problems: string[] = [];
            const metric = givenMetric(problems, "", input);
            checkUnit(problems, "Unit", Unit);
            if (!isPeriod(period)) {
                problems.push(`The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60; it is ${period}.`);
            }
            for (const name of Statistics) {
                if (!basicStatistics.includes(name)) {
                    problems.push(
                        `The parameter Statistics must have members out of ${basicStatistics.join(", ")}; one is ${name}.`,
                    );
                }
            }
            const extended = ExtendedStatistics.map((name): [string, Statistic] => {
                const statistic = basicStatistics.includes(name) ? undefined : statisticNamed(name);
                if (statistic === undefined)
                    problems.push(`The value ${name} for parameter ExtendedStatistics is not a statistic.`);
                return [name, statistic ?? (() => undefined)];
            });
            refuseAll(problems);
            if (Statistics.length + extended.length === 0) {
                throw invalidCombination("At least one of Statistics and ExtendedStatistics must be given.");
            }
            const range = timeRange(input, period);
            const asked = Math.ceil((range.until - range.from) / (period * 1000));
            if (asked > mostStatisticDatapoints) {
                throw invalidCombination(
                    `You have requested up to ${asked.toLocaleString("en-US")} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
                );
            }
            const points = metrics.read(metric, range.from, range.until, Unit);
            return {
                Label: metric.name,
                Datapoints: [...new Set(points.map(({ unit }) => unit))].flatMap((unit) => {
                    const ofUnit = points.filter((point) => point.unit === unit);
                    return [...intervalsOf(ofUnit, range.from, period)].map(([time, interval]) => ({
                        Timestamp: new Date(time),
                        ...Object.fromEntries(Statistics.map((name) => [name, statisticNamed(name)?.(interval)])),
                        ...extendedOf(extended, interval),
                        Unit: unit as StandardUnit,
                    }));
                }),
            };
        },

        async ListMetrics(input, caller) {
            iam.authorize(caller, "cloudwatch:ListMetrics", "*", { code: "AccessDenied" });
            const { Namespace, MetricName, Dimensions = [], RecentlyActive, OwningAccount, NextToken } = input;
            const problems: string[] = [];
            if (Dimensions.length > 10) problems.push("The collection Dimensions must have at most 10 members.");
            if (RecentlyActive !== undefined && RecentlyActive !== "PT3H") {
                problems.push(`The parameter RecentlyActive must be PT3H; it is ${RecentlyActive}.`);
            }
            refuseAll(problems);
            // Two weeks after its last data a metric is no longer listed.
            const since = clock.now() - (RecentlyActive === "PT3H" ? 3 * hour : twoWeeks);
            const found =
                OwningAccount !== undefined && OwningAccount !== account ? [] : metrics.list(Namespace, MetricName);
            const { items, NextToken: next } = page(
                found.filter(
                    ({ dimensions, latest }) =>
                        latest >= since &&
                        Dimensions.every(({ Name, Value }) =>
                            dimensions.some(
                                ([name, value]) => name === Name && (Value === undefined || value === Value),
                            ),
                        ),
                ),
                metricsOfPage,
                NextToken,
            );
            return {
                Metrics: items.map(({ namespace, name, dimensions }) => ({
                    Namespace: namespace,
                    MetricName: name,
                    Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
                })),
                NextToken: next,
                ...(input.IncludeLinkedAccounts ? { OwningAccounts: items.map(() => account) } : {}),
            };
        },
    };
}

/** The times of a request, the first rounded down to the period, of long ones to the minute. */
function timeRange(input: { StartTime?: Date | undefined; EndTime?: Date | undefined }, period: number): TimeRange {
    const start = required(input.StartTime, "StartTime").getTime();
    const until = required(input.EndTime, "EndTime").getTime();
    if (Number.isNaN(start) || Number.isNaN(until))
        throw invalidValue("The parameters StartTime and EndTime must be times.");
    if (start >= until) throw invalidValue("The parameter StartTime must be less than the parameter EndTime.");
    const step = Math.min(period, 60) * 1000;
    return { from: Math.floor(start / step) * step, until };
}

interface Result {
    readonly id: string;
    readonly label: string;
    readonly series: ReadonlyMap<number, number>;
}

/** An array of time series has a result each, all with the query's id. */
function resultsOf(query: Query, values: ReadonlyMap<string, Value>, range: TimeRange): Result[] {
    const label = query.label ?? (query.kind === "metric" ? query.metric.name : query.id);
    const value = values.get(query.id);
    if (value === undefined) return [];
    if (value.kind === "list") return value.series.map((series) => ({ id: query.id, label, series }));
    const series = value.kind === "series" ? value.series : new Map([[range.from, value.value]]);
    return [{ id: query.id, label, series }];
}

function sortedPoints(series: ReadonlyMap<number, number>, ascending: boolean): [number, number][] {
    return [...series].sort(([a], [b]) => (ascending ? a - b : b - a));
}

function extendedOf(statistics: readonly [string, Statistic][], interval: Aggregate) {
    const values = statistics.flatMap(([name, statistic]): [string, number][] => {
        const value = statistic(interval);
        return value === undefined ? [] : [[name, value]];
    });
    return statistics.length === 0 ? {} : { ExtendedStatistics: Object.fromEntries(values) };
}
