import { type Alarm, type AlarmDefinition, alarmArn, alarmPeriod, dimensionsOf } from "./alarm";
import { timestamp } from "./reason";

// How alarms describe themselves in events, to functions and in their history: as documented, in small letters.

/** The state as events have it. */
export function shownState({ state }: Alarm) {
    return {
        value: state.value,
        reason: state.reason,
        reasonData: state.reasonData,
        timestamp: timestamp(state.updated),
    };
}

/** What an alarm watches, as events have it. */
export function shownConfiguration(definition: AlarmDefinition) {
    return { description: definition.AlarmDescription, metrics: metricsOf(definition) };
}

function metricsOf(definition: AlarmDefinition) {
    if (definition.Metrics === undefined) {
        return [
            {
                id: "m1",
                metricStat: {
                    metric: {
                        namespace: definition.Namespace,
                        name: definition.MetricName,
                        dimensions: Object.fromEntries(dimensionsOf(definition)),
                    },
                    period: alarmPeriod(definition),
                    stat: definition.Statistic ?? definition.ExtendedStatistic,
                    unit: definition.Unit,
                },
                returnData: true,
            },
        ];
    }
    return definition.Metrics.map(({ Id, Expression, Label, ReturnData = true, MetricStat, Period }) => ({
        id: Id,
        expression: Expression,
        label: Label,
        period: Period,
        returnData: ReturnData,
        metricStat:
            MetricStat === undefined
                ? undefined
                : {
                      metric: {
                          namespace: MetricStat.Metric?.Namespace,
                          name: MetricStat.Metric?.MetricName,
                          dimensions: Object.fromEntries(dimensionsOf(MetricStat.Metric ?? {})),
                      },
                      period: MetricStat.Period,
                      stat: MetricStat.Stat,
                      unit: MetricStat.Unit,
                  },
    }));
}

/** The definition as the history and topics have it: members that hold nothing are left out. */
export function storedConfiguration({ definition, configured }: Alarm) {
    const { AlarmName, ...rest } = definition;
    const entries = Object.entries({
        alarmName: AlarmName,
        alarmArn: alarmArn(AlarmName),
        ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [memberName(name), value])),
        alarmConfigurationUpdatedTimestamp: timestamp(configured),
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** `OKActions` becomes `okActions`, `AlarmName` `alarmName`. */
function memberName(name: string): string {
    return name.replace(/^(OK|[A-Z])/, (start) => start.toLowerCase());
}
