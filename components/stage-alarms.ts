import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { input, integer, listOf, options, type Rule, text } from "./argument-rules";
import { newResource } from "./new-resource";
import { type Transform, transformed } from "./transform";

/** When a stage alarms: four alarms of CloudWatch, each paid by the month. */
export interface StageAlarms {
    /**
     * A record had waited longer than so many seconds when the function got it: 1 to `maxAge`, at which it is given up.
     * @default 3600, or half of `maxAge` if that is less
     */
    readonly age?: number;
    /**
     * So many records or more were rejected, or so many went to the failure bucket after their last attempt, within five
     * minutes: 1 or more. That a failure could not be kept there always alarms. @default 1
     */
    readonly failures?: number;
    /**
     * ARNs of what is told when an alarm goes off and when it is over, such as SNS topics: at most 5.
     * @default none: the alarms are seen in CloudWatch alone
     */
    readonly actions?: readonly pulumi.Input<string>[];
}

const DEFAULT_AGE = 3600;

/** Alarms with their defaults. */
export function resolvedAlarms({ age, failures = 1, actions = [] }: StageAlarms, maxAge: number) {
    return { age: age ?? Math.min(DEFAULT_AGE, Math.ceil(maxAge / 2)), failures, actions };
}

/** What a stage's alarms may be. */
export function alarmsRule(maxAge: number): Rule {
    return options<StageAlarms>({
        age: integer({ from: 1, to: maxAge, unit: "seconds, the stage's maxAge" }),
        failures: integer({ from: 1, unit: "records" }),
        actions: listOf(input(text("an ARN, such as an SNS topic's", /^arn:/)), "a list of ARNs", 5),
    });
}

/** The counts of a mapping's records that an alarm needs: without them Lambda does not publish them. */
export const countedMapping = { metricsConfig: { metrics: ["EventCount"] } };

/** Makes a stage's alarms. */
export function stageAlarms(
    stage: string,
    settings: {
        readonly parent: pulumi.Resource;
        readonly alarms: ReturnType<typeof resolvedAlarms>;
        /** As in the stage's own metrics. */
        readonly pipeline: string;
        readonly functionName: pulumi.Input<string>;
        readonly mapping: aws.lambda.EventSourceMapping;
        readonly transform: Transform<aws.cloudwatch.MetricAlarmArgs> | undefined;
    },
): readonly aws.cloudwatch.MetricAlarm[] {
    const { parent, alarms, mapping, functionName: FunctionName } = settings;
    const alarm = (name: string, args: aws.cloudwatch.MetricAlarmArgs) =>
        newResource(
            aws.cloudwatch.MetricAlarm,
            `${stage}-${name}-alarm`,
            transformed(
                {
                    comparisonOperator: "GreaterThanOrEqualToThreshold",
                    evaluationPeriods: 1,
                    // Without records there is nothing to count.
                    treatMissingData: "notBreaching",
                    alarmActions: [...alarms.actions],
                    okActions: [...alarms.actions],
                    ...args,
                },
                settings.transform,
            ),
            { parent },
        );
    const count = (name: string, alarmDescription: string, metric: Metric, threshold: number) =>
        alarm(name, { alarmDescription, ...metric, statistic: "Sum", period: 300, threshold });
    return [
        alarm("age", {
            alarmDescription: `Records wait more than ${alarms.age} seconds for the stage ${stage}.`,
            namespace: "AWS/Lambda",
            metricName: "IteratorAge",
            dimensions: { FunctionName },
            comparisonOperator: "GreaterThanThreshold",
            statistic: "Maximum",
            period: 60,
            threshold: alarms.age * 1000,
        }),
        count(
            "rejected",
            `The stage ${stage} rejects records: they are in the failure bucket with the reason.`,
            { namespace: "sortline", metricName: "Rejected", dimensions: { service: settings.pipeline, stage } },
            alarms.failures,
        ),
        count(
            "exhausted",
            `Records of the stage ${stage} ran out of attempts or grew too old: they are in the failure bucket.`,
            {
                namespace: "AWS/Lambda",
                metricName: "OnFailureDestinationDeliveredEventCount",
                dimensions: { EventSourceMappingUUID: mapping.uuid },
            },
            alarms.failures,
        ),
        count(
            "undelivered",
            `Failed records of the stage ${stage} could not be written to the failure bucket.`,
            { namespace: "AWS/Lambda", metricName: "DestinationDeliveryFailures", dimensions: { FunctionName } },
            1,
        ),
    ];
}

type Metric = Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions">;
