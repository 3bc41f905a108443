import { type AlarmDefinition, alarmPeriod, breaches, comparisonWords, type StateValue } from "./alarm";
import { type Datapoint, type Judgement, missingDataTreatment } from "./judgement";

/** Why an alarm is in a state, as CloudWatch writes it. */
export function stateReason(alarm: AlarmDefinition, state: StateValue, { evaluated, filled }: Judgement): string {
    if (state === "INSUFFICIENT_DATA") return `Insufficient Data: ${datapoints(filled)} ${was(filled)} unknown.`;
    const { EvaluationPeriods: periods, DatapointsToAlarm: toAlarm } = alarm;
    const shown = evaluated.filter(({ value }) => breaches(alarm, value) === (state === "ALARM"));
    const parts: string[] = [];
    if (evaluated.length === 0)
        parts.push(`no datapoints were received for ${periods} ${periods === 1 ? "period" : "periods"}`);
    else if (shown.length > 0) {
        const count =
            toAlarm === undefined ? datapoints(shown.length) : `${shown.length} out of the last ${periods} datapoints`;
        const not = state === "ALARM" ? "" : "not ";
        const list = shown.map(shownDatapoint).reverse().join(", ");
        parts.push(
            `${count} [${list}] ${was(shown.length)} ${not}${comparisonWords(alarm)} the threshold (${double(alarm.Threshold)})`,
        );
    }
    const treatment = treatments[missingDataTreatment(alarm)];
    if (filled > 0 && treatment !== undefined) {
        parts.push(
            `${filled} missing ${filled === 1 ? "datapoint" : "datapoints"} ${was(filled)} treated as [${treatment}]`,
        );
    }
    const minimum = toAlarm === undefined || evaluated.length === 0 ? "" : ` (${minimumFor(state, toAlarm, periods)})`;
    return `Threshold Crossed: ${parts.join(" and ")}${minimum}.`;
}

/** The same for programs, as JSON. */
export function stateReasonData(alarm: AlarmDefinition, { evaluated }: Judgement, now: number): string {
    const start = evaluated[0];
    return JSON.stringify({
        version: "1.0",
        queryDate: timestamp(now),
        ...(start === undefined ? {} : { startDate: timestamp(start.time) }),
        ...(alarm.Unit === undefined ? {} : { unit: alarm.Unit }),
        statistic: alarm.Statistic ?? alarm.ExtendedStatistic,
        period: alarmPeriod(alarm),
        recentDatapoints: evaluated.map(({ value }) => value),
        threshold: alarm.Threshold,
        ...(evaluated.length === 0
            ? {}
            : {
                  evaluatedDatapoints: evaluated
                      .map(({ time, sampleCount, value }) => ({ timestamp: timestamp(time), sampleCount, value }))
                      .reverse(),
              }),
    });
}

const treatments: Readonly<Record<string, string>> = { breaching: "Breaching", notBreaching: "NonBreaching" };

/** A time as alarms write it: `2019-10-02T17:04:40.985+0000`. */
export function timestamp(milliseconds: number): string {
    return new Date(milliseconds).toISOString().replace("Z", "+0000");
}

function minimumFor(state: StateValue, toAlarm: number, periods: number): string {
    const needed = state === "ALARM" ? toAlarm : periods - toAlarm + 1;
    return `minimum ${datapoints(needed)} for ${state === "ALARM" ? "OK -> ALARM" : "ALARM -> OK"} transition`;
}

/** For example `2.0 (18/11/19 07:02:00)`. */
function shownDatapoint({ time, value }: Datapoint): string {
    const [date = "", clock = ""] = new Date(time).toISOString().slice(2, 19).split("T");
    return `${double(value)} (${date.split("-").reverse().join("/")} ${clock})`;
}

function double(value: number): string {
    return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function datapoints(count: number): string {
    return count === 1 ? "1 datapoint" : `${count} datapoints`;
}

function was(count: number): string {
    return count === 1 ? "was" : "were";
}
