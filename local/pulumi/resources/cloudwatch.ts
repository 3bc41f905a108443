import { recordOnlyType } from "../provider/record-only";
import type { ServiceResources } from "../provider/resource-type";
import { document, flag, listOf, mapOf, number, object, required, text } from "../provider/shape";
import { arn } from "./arn";
import { eventRule, eventTarget } from "./cloudwatch-events";
import { logGroup } from "./cloudwatch-logs";

const metricAlarm = recordOnlyType({
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    arguments: {
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
    },
    replacedBy: [],
    naming: { property: "name", maximum: 255 },
    because: "the twin has no CloudWatch metrics, so that no alarm goes off",
    id: ({ name }) => String(name),
    outputs: ({ name }) => ({ arn: arn("cloudwatch", `alarm:${name}`) }),
});

const dashboard = recordOnlyType({
    type: "aws:cloudwatch/dashboard:Dashboard",
    arguments: { dashboardName: required(text), dashboardBody: required(document) },
    replacedBy: ["dashboardName"],
    identity: ["dashboardName"],
    because: "the twin has no CloudWatch dashboards",
    id: ({ dashboardName }) => dashboardName,
    outputs: ({ dashboardName }) => ({ dashboardArn: arn("cloudwatch", `dashboard/${dashboardName}`) }),
});

export const cloudwatch: ServiceResources = { resources: [logGroup, eventRule, eventTarget, metricAlarm, dashboard] };
