import { randomUUID } from "node:crypto";
import { recordOnlyType } from "../provider/record-only";
import type { ServiceResources } from "../provider/resource-type";
import { flag, listOf, mapOf, number, object, oneOf, required, text } from "../provider/shape";
import { arn } from "./arn";

const because = "nothing scales on this machine; an endpoint keeps the number of instances that it was made with";

const target = recordOnlyType({
    type: "aws:appautoscaling/target:Target",
    arguments: {
        serviceNamespace: required(text),
        resourceId: required(text),
        scalableDimension: required(text),
        minCapacity: required(number),
        maxCapacity: required(number),
        roleArn: text,
        suspendedState: object({
            dynamicScalingInSuspended: flag,
            dynamicScalingOutSuspended: flag,
            scheduledScalingSuspended: flag,
        }),
        tags: mapOf(text),
    },
    replacedBy: ["serviceNamespace", "resourceId", "scalableDimension"],
    identity: ["serviceNamespace", "resourceId", "scalableDimension"],
    because,
    validate({ minCapacity, maxCapacity }) {
        if (minCapacity >= 0 && minCapacity <= maxCapacity) return [];
        return [
            { property: "minCapacity", reason: `is ${minCapacity}; it must be from 0 to maxCapacity, ${maxCapacity}` },
        ];
    },
    id: ({ resourceId }) => resourceId,
    outputs: ({ resourceId }) => ({ arn: arn("application-autoscaling", `scalable-target/${resourceId}`) }),
});

const policy = recordOnlyType({
    type: "aws:appautoscaling/policy:Policy",
    arguments: {
        name: text,
        policyType: oneOf("TargetTrackingScaling", "StepScaling"),
        serviceNamespace: required(text),
        resourceId: required(text),
        scalableDimension: required(text),
        targetTrackingScalingPolicyConfiguration: object({
            targetValue: required(number),
            disableScaleIn: flag,
            scaleInCooldown: number,
            scaleOutCooldown: number,
            predefinedMetricSpecification: object({ predefinedMetricType: required(text), resourceLabel: text }),
            customizedMetricSpecification: object({
                metricName: text,
                namespace: text,
                statistic: text,
                unit: text,
                dimensions: listOf(object({ name: required(text), value: required(text) })),
            }),
        }),
        stepScalingPolicyConfiguration: object({
            adjustmentType: text,
            cooldown: number,
            metricAggregationType: text,
            minAdjustmentMagnitude: number,
            stepAdjustments: listOf(
                object({
                    metricIntervalLowerBound: text,
                    metricIntervalUpperBound: text,
                    scalingAdjustment: required(number),
                }),
            ),
        }),
    },
    replacedBy: ["serviceNamespace", "resourceId", "scalableDimension", "policyType"],
    naming: { property: "name", maximum: 255 },
    because,
    id: ({ name }) => String(name),
    outputs: ({ name }) => ({
        arn: arn("autoscaling", `scalingPolicy:${randomUUID()}:policyName/${name}`),
        alarmArns: [],
    }),
});

export const appautoscaling: ServiceResources = { resources: [target, policy] };
