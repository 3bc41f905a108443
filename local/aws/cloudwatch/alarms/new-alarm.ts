import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { notImplemented } from "../../protocol/json";
import { account, region } from "../../service";
import { validationError } from "../errors";
import { checkText, checkUnit, givenMetric } from "../given-metric";
import { readQueries } from "../query";
import { basicStatistics, statisticNamed } from "../statistic";
import { type AlarmDefinition, alarmPeriod, comparisonOperators, isComparisonOperator } from "./alarm";

const day = 86_400;
const mostActions = 5;
const longestAction = 1_024;
const mostMetrics = 10;
const missingDataTreatments = ["breaching", "notBreaching", "ignore", "missing"];
const unsupported = [
    "ThresholdMetricId",
    "EvaluationWindow",
    "WarmUpConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "ActionConfiguration",
] as const;
const metricMembers = [
    "MetricName",
    "Namespace",
    "Dimensions",
    "Period",
    "Statistic",
    "ExtendedStatistic",
    "Unit",
] as const;

/**
 * Checks what PutMetricAlarm gets and fills in the defaults.
 * @throws AwsError ValidationError with all that is wrong, NotImplemented for what the twin does not have.
 */
export function newAlarm({ Tags: _, ...input }: PutMetricAlarmInput): AlarmDefinition {
    for (const member of unsupported) {
        if (input[member] !== undefined) throw notImplemented("CloudWatch", `PutMetricAlarm with ${member}`);
    }
    const problems: string[] = [];
    const { AlarmName, ComparisonOperator, EvaluationPeriods, Threshold, DatapointsToAlarm } = input;
    checkText(problems, "AlarmName", AlarmName, 255);
    if ((input.AlarmDescription?.length ?? 0) > 1024) {
        problems.push("The parameter AlarmDescription must have at most 1024 characters.");
    }
    if (!isComparisonOperator(ComparisonOperator)) {
        if (ComparisonOperator?.includes("UpperThreshold") || ComparisonOperator?.includes("LowerThreshold")) {
            throw notImplemented("CloudWatch", `alarms on anomaly detection (${ComparisonOperator})`);
        }
        problems.push(
            `The parameter ComparisonOperator must be one of ${comparisonOperators.join(", ")}; it is ${ComparisonOperator}.`,
        );
    }
    if (Threshold === undefined || !Number.isFinite(Threshold))
        problems.push("The parameter Threshold must be a number.");
    if (EvaluationPeriods === undefined || !Number.isInteger(EvaluationPeriods) || EvaluationPeriods < 1) {
        problems.push(
            `The parameter EvaluationPeriods must be a whole number of 1 or more; it is ${EvaluationPeriods}.`,
        );
    } else if (
        DatapointsToAlarm !== undefined &&
        !(Number.isInteger(DatapointsToAlarm) && DatapointsToAlarm >= 1 && DatapointsToAlarm <= EvaluationPeriods)
    ) {
        problems.push(
            `The parameter DatapointsToAlarm must be a whole number from 1 to EvaluationPeriods (${EvaluationPeriods}); it is ${DatapointsToAlarm}.`,
        );
    }
    if (input.TreatMissingData !== undefined && !missingDataTreatments.includes(input.TreatMissingData)) {
        problems.push(
            `The parameter TreatMissingData must be one of ${missingDataTreatments.join(", ")}; it is ${input.TreatMissingData}.`,
        );
    }
    const { EvaluateLowSampleCountPercentile: lowSamples } = input;
    if (lowSamples !== undefined && lowSamples !== "evaluate" && lowSamples !== "ignore") {
        problems.push(
            `The parameter EvaluateLowSampleCountPercentile must be evaluate or ignore; it is ${lowSamples}.`,
        );
    }
    if (input.Metrics === undefined) checkMetric(problems, input);
    else checkMetrics(problems, input);
    checkReach(problems, alarmPeriod(input), EvaluationPeriods);
    for (const member of ["OKActions", "AlarmActions", "InsufficientDataActions"] as const) {
        checkActions(problems, member, input[member]);
    }
    if (problems.length > 0 || !isComparisonOperator(ComparisonOperator)) throw validationError(problems.join(" "));
    return {
        ...input,
        AlarmName: AlarmName ?? "",
        ActionsEnabled: input.ActionsEnabled ?? true,
        OKActions: input.OKActions ?? [],
        AlarmActions: input.AlarmActions ?? [],
        InsufficientDataActions: input.InsufficientDataActions ?? [],
        Dimensions: input.Dimensions ?? [],
        ComparisonOperator,
        EvaluationPeriods: EvaluationPeriods ?? 1,
        Threshold: Threshold ?? 0,
    };
}

function checkMetric(problems: string[], input: Omit<PutMetricAlarmInput, "Tags">): void {
    const { Period, Statistic, ExtendedStatistic } = input;
    givenMetric(problems, "", input);
    checkUnit(problems, "Unit", input.Unit);
    if (Period === undefined || !([10, 20, 30].includes(Period) || (Period > 0 && Period % 60 === 0))) {
        problems.push(`The parameter Period must be 10, 20, 30 or a multiple of 60; it is ${Period}.`);
    }
    if ((Statistic === undefined) === (ExtendedStatistic === undefined)) {
        problems.push("Exactly one of Statistic and ExtendedStatistic must be given.");
    }
    if (Statistic !== undefined && !basicStatistics.includes(Statistic)) {
        problems.push(`The parameter Statistic must be one of ${basicStatistics.join(", ")}; it is ${Statistic}.`);
    }
    if (ExtendedStatistic !== undefined && statisticNamed(ExtendedStatistic) === undefined) {
        problems.push(`The value ${ExtendedStatistic} for parameter ExtendedStatistic is not a statistic.`);
    }
}

function checkMetrics(problems: string[], input: Omit<PutMetricAlarmInput, "Tags">): void {
    const { Metrics = [] } = input;
    const both = metricMembers.filter((member) => {
        const value = input[member];
        return value !== undefined && !(Array.isArray(value) && value.length === 0);
    });
    if (both.length > 0) problems.push(`With Metrics, the parameters ${both.join(", ")} must not be given.`);
    const queries = readQueries(Metrics);
    const returned = queries.filter(({ returnData }) => returnData);
    if (returned.length !== 1) {
        problems.push(`Exactly one of Metrics must have ReturnData set to true; ${returned.length} have.`);
    }
    if (queries.filter(({ kind }) => kind === "metric").length > mostMetrics) {
        problems.push(`Metrics must have at most ${mostMetrics} metrics.`);
    }
}

function checkReach(problems: string[], period: number, periods: number | undefined): void {
    const most = period >= 3600 ? 7 * day : day;
    if (periods === undefined || period * periods <= most) return;
    problems.push(
        `Metrics cannot be checked across more than ${most === day ? "a day" : "seven days"} (EvaluationPeriods * Period must be <= ${most}).`,
    );
}

function checkActions(problems: string[], member: string, actions: readonly string[] = []): void {
    if (actions.length > mostActions) {
        problems.push(`The collection ${member} must have at most ${mostActions} members; it has ${actions.length}.`);
    }
    for (const action of actions) {
        if (!checkText(problems, `${member}.member`, action, longestAction)) continue;
        if (canSetOff(action)) continue;
        throw notImplemented(
            "CloudWatch",
            `alarm actions other than its own SNS topics and Lambda functions, such as ${action}`,
        );
    }
}

/** Is it something that the twin's alarms can set off? @param arn of an action */
export function canSetOff(arn: string): boolean {
    return isTopic(arn) || arn.startsWith(`arn:aws:lambda:${region}:${account}:function:`);
}

export function isTopic(arn: string): boolean {
    return arn.startsWith(`arn:aws:sns:${region}:${account}:`);
}
