import type { Dimension, MetricAlarm, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { canSetOff } from "../../aws/cloudwatch";
import { root } from "../../aws/service";
import { unlessMissing } from "../provider/outcome";
import { type ProviderContext, resourceType } from "../provider/resource-type";
import { type ArgumentsOf, flag, listOf, mapOf, number, object, required, text } from "../provider/shape";
import { arn } from "./arn";
import { changeTags, tagList, tagMap } from "./tags";

const missing = ["ResourceNotFound"];

const alarmArguments = {
    name: text,
    alarmDescription: text,
    comparisonOperator: required(text),
    evaluationPeriods: required(number),
    datapointsToAlarm: number,
    metricName: text,
    namespace: text,
    dimensions: mapOf(text),
    period: number,
    statistic: text,
    extendedStatistic: text,
    threshold: number,
    thresholdMetricId: text,
    treatMissingData: text,
    evaluateLowSampleCountPercentiles: text,
    unit: text,
    actionsEnabled: flag,
    alarmActions: listOf(text),
    okActions: listOf(text),
    insufficientDataActions: listOf(text),
    metricQueries: listOf(
        object({
            id: required(text),
            accountId: text,
            expression: text,
            label: text,
            period: number,
            returnData: flag,
            metric: object({
                metricName: required(text),
                namespace: text,
                dimensions: mapOf(text),
                period: required(number),
                stat: required(text),
                unit: text,
            }),
        }),
    ),
    tags: mapOf(text),
};

type AlarmArguments = ArgumentsOf<typeof alarmArguments>;

export const metricAlarm = resourceType({
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    arguments: alarmArguments,
    replacedBy: [],
    naming: { property: "name", maximum: 255 },
    assumed: {
        actionsEnabled: true,
        treatMissingData: "missing",
        alarmActions: [],
        okActions: [],
        insufficientDataActions: [],
    },

    async create(inputs, context) {
        const { cloudwatch } = context.services;
        await cloudwatch.operations.PutMetricAlarm(
            { ...alarmInput(inputs, context), Tags: tagList(inputs.tags) },
            root,
        );
        return { id: String(inputs.name), outputs: { arn: alarmArn(inputs) } };
    },

    async read(id, { services: { cloudwatch } }, inputs) {
        const { MetricAlarms = [] } = await cloudwatch.operations.DescribeAlarms({ AlarmNames: [id] }, root);
        const [found] = MetricAlarms;
        if (found === undefined) return undefined;
        const { Tags } = await cloudwatch.operations.ListTagsForResource({ ResourceARN: found.AlarmArn }, root);
        // What is only recorded is not to be found.
        const isFound = (given: readonly string[] | undefined) => given === undefined || given.every(canSetOff);
        return {
            ...shown(found),
            ...(isFound(inputs?.alarmActions) && { alarmActions: found.AlarmActions }),
            ...(isFound(inputs?.okActions) && { okActions: found.OKActions }),
            ...(isFound(inputs?.insufficientDataActions) && {
                insufficientDataActions: found.InsufficientDataActions,
            }),
            tags: tagMap(Tags),
        };
    },

    async update({ inputs: earlier }, inputs, context) {
        const { cloudwatch } = context.services;
        await cloudwatch.operations.PutMetricAlarm(alarmInput(inputs, context), root);
        const ResourceARN = alarmArn(inputs);
        await changeTags(earlier.tags, inputs.tags, {
            remove: (TagKeys) => cloudwatch.operations.UntagResource({ ResourceARN, TagKeys }, root),
            add: (added) => cloudwatch.operations.TagResource({ ResourceARN, Tags: tagList(added) }, root),
        });
        return { arn: ResourceARN };
    },

    async delete({ id }, { services: { cloudwatch } }) {
        await unlessMissing(missing, () => cloudwatch.operations.DeleteAlarms({ AlarmNames: [id] }, root));
    },
});

/** The arguments that would make an alarm. */
function shown(alarm: MetricAlarm): Readonly<Record<string, unknown>> {
    return {
        arn: alarm.AlarmArn,
        name: alarm.AlarmName,
        alarmDescription: alarm.AlarmDescription,
        comparisonOperator: alarm.ComparisonOperator,
        evaluationPeriods: alarm.EvaluationPeriods,
        datapointsToAlarm: alarm.DatapointsToAlarm,
        metricName: alarm.MetricName,
        namespace: alarm.Namespace,
        dimensions: alarm.Metrics === undefined ? dimensionMap(alarm.Dimensions) : undefined,
        period: alarm.Period,
        statistic: alarm.Statistic,
        extendedStatistic: alarm.ExtendedStatistic,
        threshold: alarm.Threshold,
        treatMissingData: alarm.TreatMissingData ?? "missing",
        evaluateLowSampleCountPercentiles: alarm.EvaluateLowSampleCountPercentile,
        unit: alarm.Unit,
        actionsEnabled: alarm.ActionsEnabled,
        metricQueries: alarm.Metrics?.map(({ Id, AccountId, Expression, Label, Period, ReturnData, MetricStat }) => ({
            id: Id,
            accountId: AccountId,
            expression: Expression,
            label: Label,
            period: Period,
            returnData: ReturnData,
            metric: MetricStat && {
                metricName: MetricStat.Metric?.MetricName,
                namespace: MetricStat.Metric?.Namespace,
                dimensions: dimensionMap(MetricStat.Metric?.Dimensions),
                period: MetricStat.Period,
                stat: MetricStat.Stat,
                unit: MetricStat.Unit,
            },
        })),
    };
}

function dimensionMap(dimensions: readonly Dimension[] = []): Readonly<Record<string, string>> {
    return Object.fromEntries(dimensions.map(({ Name = "", Value = "" }) => [Name, Value]));
}

function alarmArn({ name }: AlarmArguments): string {
    return arn("cloudwatch", `alarm:${name}`);
}

function alarmInput(inputs: AlarmArguments, { tell }: Pick<ProviderContext, "tell">): PutMetricAlarmInput {
    const actions = (given: readonly string[] = []): string[] => {
        for (const action of given.filter((each) => !canSetOff(each))) {
            tell(
                "warning",
                `The action ${action} is only recorded here: the twin's alarms set off SNS topics and Lambda functions.`,
            );
        }
        return given.filter(canSetOff);
    };
    return {
        AlarmName: String(inputs.name),
        AlarmDescription: inputs.alarmDescription,
        // An operator that is none is refused by the service, in its words.
        ComparisonOperator: inputs.comparisonOperator as PutMetricAlarmInput["ComparisonOperator"],
        EvaluationPeriods: inputs.evaluationPeriods,
        DatapointsToAlarm: inputs.datapointsToAlarm,
        MetricName: inputs.metricName,
        Namespace: inputs.namespace,
        Dimensions: inputs.dimensions === undefined ? undefined : dimensionList(inputs.dimensions),
        Period: inputs.period,
        Statistic: inputs.statistic as PutMetricAlarmInput["Statistic"],
        ExtendedStatistic: inputs.extendedStatistic,
        Threshold: inputs.threshold,
        ThresholdMetricId: inputs.thresholdMetricId,
        TreatMissingData: inputs.treatMissingData,
        EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
        Unit: inputs.unit as PutMetricAlarmInput["Unit"],
        ActionsEnabled: inputs.actionsEnabled,
        AlarmActions: actions(inputs.alarmActions),
        OKActions: actions(inputs.okActions),
        InsufficientDataActions: actions(inputs.insufficientDataActions),
        Metrics: inputs.metricQueries?.map(({ id, accountId, expression, label, period, returnData, metric }) => ({
            Id: id,
            AccountId: accountId,
            Expression: expression,
            Label: label,
            Period: period,
            // The provider's default, other than the API's.
            ReturnData: returnData ?? false,
            MetricStat: metric && {
                Metric: {
                    MetricName: metric.metricName,
                    Namespace: metric.namespace,
                    Dimensions: dimensionList(metric.dimensions ?? {}),
                },
                Period: metric.period,
                Stat: metric.stat,
                Unit: metric.unit as PutMetricAlarmInput["Unit"],
            },
        })),
    };
}

function dimensionList(dimensions: Readonly<Record<string, string>>): { Name: string; Value: string }[] {
    return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
