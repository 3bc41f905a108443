import { type AlarmDefinition, breaches, type StateValue } from "./alarm";

/** What a metric came to in one period. */
export interface Datapoint {
    /** When the period began, in milliseconds since 1970. */
    readonly time: number;
    readonly value: number;
    /** Undefined for a metric math expression. */
    readonly sampleCount: number | undefined;
}

export interface Judgement {
    /** Undefined where the alarm keeps the state that it has. */
    readonly state: StateValue | undefined;
    /** The datapoints that were looked at, the oldest first. */
    readonly evaluated: readonly Datapoint[];
    /** How many missing ones the alarm's way to treat them stands for. */
    readonly filled: number;
}

/** Periods before those that are evaluated, whose data count where later ones are missing. */
const furtherPeriods = 2;

/** How many periods an alarm looks back: its evaluation range. */
export function evaluationRange({ EvaluationPeriods }: AlarmDefinition): number {
    return EvaluationPeriods + furtherPeriods;
}

/**
 * Decides by the rules of "Configuring how CloudWatch alarms treat missing data".
 * @param slots one for each period of the evaluation range, the oldest first; undefined where data are missing.
 */
export function judge(alarm: AlarmDefinition, slots: readonly (Datapoint | undefined)[]): Judgement {
    const { EvaluationPeriods: periods, DatapointsToAlarm: toAlarm = periods } = alarm;
    const real = slots.filter((slot) => slot !== undefined);
    const evaluated = real.slice(-periods);
    const filled = periods - evaluated.length;
    const breaching = evaluated.filter(({ value }) => breaches(alarm, value)).length;
    const verdict = (state: StateValue | undefined): Judgement => ({ state, evaluated, filled });

    if (lacksSamples(alarm, evaluated)) return verdict(undefined);
    if (breaching >= toAlarm) return verdict("ALARM");
    if (filled === 0) return verdict("OK");
    const treatment = missingDataTreatment(alarm);
    if (treatment === "breaching") return verdict(breaching + filled >= toAlarm ? "ALARM" : "OK");
    if (treatment === "notBreaching") return verdict("OK");
    if (evaluated.length === 0) return verdict(treatment === "ignore" ? undefined : "INSUFFICIENT_DATA");
    if (breaching < evaluated.length) return verdict("OK");
    // All that there is breaches, but it is too little. An alarm goes off by it only once the first of it is so old that
    // it would have gone off had the data after it breached as well.
    const age = slots.length - slots.findIndex((slot) => slot !== undefined);
    return verdict(treatment === "missing" && age >= toAlarm ? "ALARM" : undefined);
}

export function missingDataTreatment({ Namespace, TreatMissingData = "missing" }: AlarmDefinition): string {
    // As CloudWatch has it, whatever is set.
    return Namespace === "AWS/DynamoDB" ? "ignore" : TreatMissingData;
}

/** Has a percentile too few samples to tell, and does the alarm then keep its state? */
function lacksSamples(alarm: AlarmDefinition, evaluated: readonly Datapoint[]): boolean {
    if (alarm.EvaluateLowSampleCountPercentile !== "ignore") return false;
    const [, percent] = /^p([\d.]+)$/.exec(alarm.ExtendedStatistic ?? "") ?? [];
    if (percent === undefined) return false;
    const share = Number(percent) / 100;
    const needed = share >= 0.5 ? 10 / (1 - share) : 10 / share;
    return evaluated.some(({ sampleCount = 0 }) => sampleCount < needed);
}
