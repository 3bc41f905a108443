import type { TwinContext } from "../../context";
import { type Metric, metricKey } from "../metric";
import type { MetricStore } from "../metric-store";
import { evaluateQueries, intervalsOf, type Query, readQueries } from "../query";
import { type Alarm, type AlarmDefinition, alarmPeriod } from "./alarm";
import type { AlarmStore } from "./alarm-store";
import { type Datapoint, evaluationRange, judge } from "./judgement";
import { stateReason, stateReasonData } from "./reason";
import { transit } from "./transition";

/** Evaluates the alarms, each at its own interval. */
export interface Evaluator {
    /** An alarm is new, changed or in a state that was set by hand. */
    watch(name: string): void;
    /** An alarm is gone. */
    forget(name: string): void;
    close(): void;
}

/** What the evaluator knows of an alarm. */
interface Watched {
    /** The metrics that it looks at, by their keys. */
    readonly metrics: ReadonlyMap<string, Metric>;
    /** Undefined while it sleeps: no data are or will be in reach, and another look would find what the last one did. */
    cancel: (() => void) | undefined;
}

/** Milliseconds after the end of a period, in which its last data come in. */
const settling = 1_000;
const day = 86_400;

export function createEvaluator(context: TwinContext, metrics: MetricStore, alarms: AlarmStore): Evaluator {
    const { clock, report } = context;
    const watched = new Map<string, Watched>();

    function schedule(name: string, definition: AlarmDefinition): () => void {
        const interval = evaluationInterval(definition) * 1000;
        const next = (Math.floor((clock.now() - settling) / interval) + 1) * interval;
        return clock.at(next + settling, () => look(name, next));
    }

    /** @param end of the last period that is looked at */
    function look(name: string, end: number): void {
        const entry = watched.get(name);
        const alarm = alarms.find(name);
        if (entry === undefined || alarm === undefined) return;
        entry.cancel = undefined;
        try {
            evaluateAlarm(context, metrics, alarms, alarm, end);
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            report({ level: "error", source: "cloudwatch", message: `Alarm ${name} is not evaluated: ${reason}` });
        }
        const from = end - reach(alarm.definition);
        const wakes = [...entry.metrics.values()].some((metric) => (metrics.latest(metric) ?? 0) >= from);
        if (wakes) entry.cancel = schedule(name, alarm.definition);
    }

    function watch(name: string): void {
        forget(name);
        const alarm = alarms.find(name);
        if (alarm === undefined) return;
        watched.set(name, { metrics: metricsOf(alarm.definition), cancel: schedule(name, alarm.definition) });
    }

    function forget(name: string): void {
        watched.get(name)?.cancel?.();
        watched.delete(name);
    }

    const stopListening = metrics.onData((key) => {
        for (const [name, entry] of watched) {
            if (entry.cancel === undefined && entry.metrics.has(key)) watch(name);
        }
    });
    for (const { definition } of alarms.all()) watch(definition.AlarmName);

    return {
        watch,
        forget,
        close() {
            stopListening();
            for (const name of [...watched.keys()]) forget(name);
        },
    };
}

/** Seconds between evaluations, as AWS documents it. */
function evaluationInterval(definition: AlarmDefinition): number {
    const period = alarmPeriod(definition);
    if (period < 60) return 10;
    return period * definition.EvaluationPeriods > day ? 3600 : 60;
}

/** How far an alarm looks back, in milliseconds. */
function reach(definition: AlarmDefinition): number {
    return evaluationRange(definition) * alarmPeriod(definition) * 1000;
}

function evaluateAlarm(
    context: TwinContext,
    metrics: MetricStore,
    alarms: AlarmStore,
    alarm: Alarm,
    end: number,
): void {
    const { definition, state } = alarm;
    const slots = slotsOf(definition, metrics, end);
    const judgement = judge(definition, slots);
    const value = judgement.state;
    if (value !== undefined && value !== state.value) {
        const reasonData = stateReasonData(definition, judgement, context.clock.now());
        transit(context, alarms, alarm, { value, reason: stateReason(definition, value, judgement), reasonData });
    }
}

/** What there is for each period of the evaluation range, the oldest first. */
function slotsOf(definition: AlarmDefinition, metrics: MetricStore, end: number): (Datapoint | undefined)[] {
    const length = alarmPeriod(definition) * 1000;
    const from = end - reach(definition);
    const queries = queriesOf(definition);
    const [metric, ...others] = queries;
    const times = Array.from({ length: evaluationRange(definition) }, (_, index) => from + index * length);
    if (metric?.kind === "metric" && others.length === 0) {
        const intervals = intervalsOf(metrics.read(metric.metric, from, end, metric.unit), from, metric.period);
        return times.map((time) => {
            const interval = intervals.get(time);
            const value = interval === undefined ? undefined : metric.statistic(interval);
            return value === undefined ? undefined : { time, value, sampleCount: interval?.count };
        });
    }
    const returned = queries.find(({ returnData }) => returnData);
    const value = evaluateQueries(queries, metrics, { from, until: end }).get(returned?.id ?? "");
    if (value?.kind !== "series") {
        throw new Error(
            `its expression gives ${value?.kind === "list" ? "several time series" : "a number"}, not one time series`,
        );
    }
    return times.map((time) => {
        const point = value.series.get(time);
        return point === undefined ? undefined : { time, value: point, sampleCount: undefined };
    });
}

function queriesOf(definition: AlarmDefinition): Query[] {
    if (definition.Metrics !== undefined) return readQueries(definition.Metrics);
    const { Namespace = "", MetricName = "", Dimensions, Unit, Statistic, ExtendedStatistic } = definition;
    return readQueries([
        {
            Id: "m1",
            MetricStat: {
                Metric: { Namespace, MetricName, Dimensions },
                Period: alarmPeriod(definition),
                Stat: Statistic ?? ExtendedStatistic ?? "",
                Unit,
            },
        },
    ]);
}

function metricsOf(definition: AlarmDefinition): Map<string, Metric> {
    const metrics = queriesOf(definition).flatMap((query) => (query.kind === "metric" ? [query.metric] : []));
    return new Map(metrics.map((metric) => [metricKey(metric), metric]));
}
