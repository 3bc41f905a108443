import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { notImplemented } from "../protocol/json";
import { account } from "../service";
import { type Aggregate, emptyAggregate, merge } from "./aggregate";
import { validationError } from "./errors";
import { checkUnit, givenMetric } from "./given-metric";
import { evaluate, type Series, type Value } from "./math/evaluate";
import { type Expression, parseExpression, referencesOf } from "./math/syntax";
import type { Metric } from "./metric";
import type { MetricStore, Point } from "./metric-store";
import { type Statistic, statisticNamed } from "./statistic";

/** What one query of a request or an alarm asks for. */
export type Query = {
    readonly id: string;
    readonly label: string | undefined;
    readonly returnData: boolean;
    /** Seconds. */
    readonly period: number;
} & (
    | {
          readonly kind: "metric";
          readonly metric: Metric;
          readonly statistic: Statistic;
          readonly statisticName: string;
          readonly unit: string | undefined;
      }
    | { readonly kind: "expression"; readonly expression: Expression }
);

/** An interval of time, in milliseconds since 1970, the end exclusive. */
export interface TimeRange {
    readonly from: number;
    readonly until: number;
}

/** Periods in seconds: those of high-resolution metrics, or whole minutes. */
export function isPeriod(period: number): boolean {
    return [1, 5, 10, 20, 30].includes(period) || (Number.isInteger(period) && period > 0 && period % 60 === 0);
}

const defaultExpressionPeriod = 60;
const longestExpression = 2048;
/** As many as GetMetricData gives at most. */
const mostIntervals = 100_800;

/**
 * Reads the queries of a request.
 * @throws AwsError ValidationError with all that is wrong, NotImplemented for what the twin does not have.
 */
export function readQueries(given: readonly MetricDataQuery[]): Query[] {
    const problems: string[] = [];
    const ids = new Set<string>();
    const metrics = new Map<string, Query>();
    for (const [index, query] of given.entries()) {
        const at = `MetricDataQueries.member.${index + 1}.`;
        const { Id: id = "" } = query;
        if (!/^[a-z][A-Za-z0-9_]{0,254}$/.test(id)) {
            problems.push(
                `The value '${id}' of ${at}Id must begin with a small letter and have only letters, digits and _.`,
            );
        } else if (ids.has(id)) problems.push(`The value '${id}' of ${at}Id is used twice.`);
        ids.add(id);
        if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
            problems.push(`Exactly one of ${at}MetricStat and ${at}Expression must be given.`);
        }
        if (query.AccountId !== undefined && query.AccountId !== account) {
            problems.push(`The value of ${at}AccountId must be ${account}: the twin has no other account.`);
        }
        if (query.MetricStat !== undefined) metrics.set(id, readMetric(problems, at, query));
    }
    if (problems.length > 0) throw validationError(problems.join(" "));
    const expressions = new Map<string, Expression>();
    for (const { Id = "", Expression } of given) {
        if (Expression === undefined) continue;
        if (Expression.length > longestExpression) {
            throw validationError(`The expression '${Id}' has more than ${longestExpression} characters.`);
        }
        expressions.set(Id, parseExpression(Expression));
    }
    const known = new Set<string>();
    for (const id of expressions.keys()) checkReferences(id, { ids, expressions, known });
    return given.map((query) => {
        const { Id: id = "", Label: label, ReturnData: returnData = true, Period } = query;
        const metric = metrics.get(id);
        if (metric !== undefined) return metric;
        const expression = expressions.get(id) ?? { kind: "number", value: 0 };
        const period = Period ?? periodOf(id, metrics) ?? defaultExpressionPeriod;
        return { kind: "expression", id, label, returnData, period, expression };
    });
}

function readMetric(problems: string[], at: string, query: MetricDataQuery): Query {
    const { MetricStat: given, Id: id = "", Label: label, ReturnData: returnData = true } = query;
    const metric = givenMetric(problems, `${at}MetricStat.Metric.`, given?.Metric ?? {});
    const { Period: period = Number.NaN, Stat: statisticName = "", Unit: unit } = given ?? {};
    if (!isPeriod(period)) {
        problems.push(
            `The value of ${at}MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60 seconds; it is ${period}.`,
        );
    }
    const statistic = statisticNamed(statisticName);
    if (statistic === undefined)
        problems.push(`The value '${statisticName}' of ${at}MetricStat.Stat is not a statistic.`);
    checkUnit(problems, `${at}MetricStat.Unit`, unit);
    return {
        kind: "metric",
        id,
        label,
        returnData,
        period,
        metric,
        statistic: statistic ?? (() => undefined),
        statisticName,
        unit,
    };
}

/** Everything that is named must be there, and nothing may depend on itself. */
function checkReferences(
    id: string,
    all: {
        readonly ids: ReadonlySet<string>;
        readonly expressions: ReadonlyMap<string, Expression>;
        /** Those that were checked: many may name the same. */
        readonly known: Set<string>;
    },
    above: readonly string[] = [],
): void {
    if (above.includes(id)) throw validationError(`The expression '${id}' depends on itself.`);
    const expression = all.expressions.get(id);
    if (expression === undefined || all.known.has(id)) return;
    for (const reference of referencesOf(expression)) {
        if (!all.ids.has(reference)) {
            throw validationError(
                `The expression '${id}' names '${reference}', which no query of the request has as its Id.`,
            );
        }
        checkReferences(reference, all, [...above, id]);
    }
    all.known.add(id);
}

function periodOf(id: string, metrics: ReadonlyMap<string, Query>): number | undefined {
    const periods = new Set([...metrics.values()].map(({ period }) => period));
    if (periods.size > 1)
        throw notImplemented("CloudWatch", `expressions such as '${id}' beside metrics of different periods`);
    return [...periods][0];
}

/** The points of a metric merged into intervals, by the time at which each begins. */
export function intervalsOf(points: readonly Point[], from: number, period: number): Map<number, Aggregate> {
    const length = period * 1000;
    const intervals = new Map<number, Aggregate>();
    for (const point of points) {
        const time = from + Math.floor((point.time - from) / length) * length;
        const interval = intervals.get(time) ?? emptyAggregate();
        merge(interval, point);
        intervals.set(time, interval);
    }
    return intervals;
}

/** A statistic of each interval that has one. */
function statisticSeries(intervals: ReadonlyMap<number, Aggregate>, statistic: Statistic): Series {
    const series = new Map<number, number>();
    for (const [time, interval] of intervals) {
        const value = statistic(interval);
        if (value !== undefined) series.set(time, value);
    }
    return series;
}

/**
 * What each query comes to, by its id.
 * @throws AwsError ValidationError where the parts of an expression do not fit together.
 */
export function evaluateQueries(
    queries: readonly Query[],
    store: MetricStore,
    { from, until }: TimeRange,
): Map<string, Value> {
    const metrics = new Map<string, Series>();
    const values = new Map<string, Value>();
    for (const query of queries) {
        if (query.kind !== "metric") continue;
        const points = store.read(query.metric, from, until, query.unit);
        const series = statisticSeries(intervalsOf(points, from, query.period), query.statistic);
        metrics.set(query.id, series);
        values.set(query.id, { kind: "series", series });
    }
    function compute(id: string): Value {
        const known = values.get(id);
        if (known !== undefined) return known;
        const query = queries.find((each) => each.id === id);
        if (query?.kind !== "expression") throw validationError(`There is no query with the Id '${id}'.`);
        const length = query.period * 1000;
        if ((until - from) / length > mostIntervals) {
            throw validationError(
                `The expression '${id}' spans more than ${mostIntervals} periods. Increase its period, or decrease the time range.`,
            );
        }
        const times = Array.from({ length: Math.ceil((until - from) / length) }, (_, index) => from + index * length);
        const value = evaluate(query.expression, { compute, metrics, times, period: query.period });
        values.set(id, value);
        return value;
    }
    for (const { id } of queries) compute(id);
    return values;
}
