import { account, region } from "../../service";
import { type Alarm, type AlarmDefinition, alarmArn, alarmPeriod, dimensionsOf } from "./alarm";
import { shownConfiguration, shownState } from "./configuration";
import { timestamp } from "./reason";

/** How messages call the region. */
const regionName = "EU (Frankfurt)";

/** What topics get. */
export function topicMessage(before: Alarm, after: Alarm): { Subject: string; Message: string } {
    const { definition, configured, state } = after;
    return {
        // A subject has less than 100 characters.
        Subject: `${state.value}: "${definition.AlarmName}" in ${regionName}`.slice(0, 99),
        Message: JSON.stringify({
            AlarmName: definition.AlarmName,
            AlarmDescription: definition.AlarmDescription ?? null,
            AWSAccountId: account,
            AlarmConfigurationUpdatedTimestamp: timestamp(configured),
            NewStateValue: state.value,
            NewStateReason: state.reason,
            StateChangeTime: timestamp(state.updated),
            Region: regionName,
            AlarmArn: alarmArn(definition.AlarmName),
            OldStateValue: before.state.value,
            OKActions: definition.OKActions,
            AlarmActions: definition.AlarmActions,
            InsufficientDataActions: definition.InsufficientDataActions,
            Trigger: trigger(definition),
        }),
    };
}

function trigger(definition: AlarmDefinition) {
    const common = {
        EvaluationPeriods: definition.EvaluationPeriods,
        DatapointsToAlarm: definition.DatapointsToAlarm,
        ComparisonOperator: definition.ComparisonOperator,
        Threshold: definition.Threshold,
        TreatMissingData: definition.TreatMissingData ?? "missing",
        EvaluateLowSampleCountPercentile: definition.EvaluateLowSampleCountPercentile ?? "",
    };
    if (definition.Metrics !== undefined)
        return { Period: alarmPeriod(definition), ...common, Metrics: definition.Metrics };
    const { MetricName, Namespace, Statistic, ExtendedStatistic, Unit } = definition;
    return {
        MetricName,
        Namespace,
        ...(Statistic === undefined
            ? { StatisticType: "ExtendedStatistic", ExtendedStatistic }
            : { StatisticType: "Statistic", Statistic: topicStatistics[Statistic] ?? Statistic }),
        Unit: Unit ?? null,
        Dimensions: dimensionsOf(definition).map(([name, value]) => ({ value, name })),
        Period: alarmPeriod(definition),
        ...common,
    };
}

const topicStatistics: Readonly<Record<string, string>> = {
    Average: "AVERAGE",
    Maximum: "MAXIMUM",
    Minimum: "MINIMUM",
    SampleCount: "SAMPLE_COUNT",
    Sum: "SUM",
};

/** What functions are invoked with. */
export function functionEvent(before: Alarm, after: Alarm): string {
    const { definition, state } = after;
    return JSON.stringify({
        source: "aws.cloudwatch",
        alarmArn: alarmArn(definition.AlarmName),
        accountId: account,
        time: timestamp(state.updated),
        region,
        alarmData: {
            alarmName: definition.AlarmName,
            state: shownState(after),
            previousState: shownState(before),
            configuration: shownConfiguration(definition),
        },
    });
}
