import type { MetricAlarm, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { account, partition, region } from "../../service";
import type { Dimension } from "../metric";

/** What PutMetricAlarm set, with CloudWatch's defaults filled in. */
export type AlarmDefinition = Omit<PutMetricAlarmInput, "Tags"> & {
    readonly AlarmName: string;
    readonly ActionsEnabled: boolean;
    readonly ComparisonOperator: ComparisonOperator;
    readonly EvaluationPeriods: number;
    readonly Threshold: number;
};

export type StateValue = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface AlarmState {
    readonly value: StateValue;
    readonly reason: string;
    /** JSON. */
    readonly reasonData: string | undefined;
    /** When value or reason last changed, in milliseconds since 1970. */
    readonly updated: number;
    /** When the value last changed. */
    readonly transitioned: number;
}

export interface Alarm {
    readonly definition: AlarmDefinition;
    /** Milliseconds since 1970. */
    readonly configured: number;
    readonly state: AlarmState;
    readonly tags: Readonly<Record<string, string>>;
}

const comparisons = {
    GreaterThanOrEqualToThreshold: {
        breaches: (value: number, threshold: number) => value >= threshold,
        words: "greater than or equal to",
    },
    GreaterThanThreshold: {
        breaches: (value: number, threshold: number) => value > threshold,
        words: "greater than",
    },
    LessThanThreshold: {
        breaches: (value: number, threshold: number) => value < threshold,
        words: "less than",
    },
    LessThanOrEqualToThreshold: {
        breaches: (value: number, threshold: number) => value <= threshold,
        words: "less than or equal to",
    },
} as const;

export type ComparisonOperator = keyof typeof comparisons;

/** The operators that compare with a number; the others take a band, which the twin does not have. */
export const comparisonOperators: readonly string[] = Object.keys(comparisons);

export function isComparisonOperator(name: string | undefined): name is ComparisonOperator {
    return name !== undefined && Object.hasOwn(comparisons, name);
}

export function breaches({ ComparisonOperator, Threshold }: AlarmDefinition, value: number): boolean {
    return comparisons[ComparisonOperator].breaches(value, Threshold);
}

/** For example `greater than`. */
export function comparisonWords({ ComparisonOperator }: AlarmDefinition): string {
    return comparisons[ComparisonOperator].words;
}

/** Seconds: the alarm's own, or that of its metrics. */
export function alarmPeriod({ Period, Metrics = [] }: Pick<AlarmDefinition, "Period" | "Metrics">): number {
    const returned = Metrics.find(({ ReturnData = true }) => ReturnData);
    const ofMetric = Metrics.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat?.Period;
    return Period ?? returned?.Period ?? ofMetric ?? 60;
}

export function alarmArn(name: string): string {
    return `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`;
}

/** The name in an alarm's ARN; undefined when it is none of this account. */
export function alarmName(arn: string): string | undefined {
    return arn.startsWith(alarmArn("")) ? arn.slice(alarmArn("").length) : undefined;
}

export function dimensionsOf({ Dimensions = [] }: Pick<AlarmDefinition, "Dimensions">): Dimension[] {
    return Dimensions.map(({ Name = "", Value = "" }): Dimension => [Name, Value]);
}

/** An alarm as DescribeAlarms shows it. */
export function described({ definition, configured, state }: Alarm): MetricAlarm {
    return {
        ...definition,
        AlarmArn: alarmArn(definition.AlarmName),
        AlarmConfigurationUpdatedTimestamp: new Date(configured),
        StateValue: state.value,
        StateReason: state.reason,
        StateReasonData: state.reasonData,
        StateUpdatedTimestamp: new Date(state.updated),
        StateTransitionedTimestamp: new Date(state.transitioned),
    };
}
