import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Autoscaling } from "./capacity";

/** Lets the number of an endpoint's instances follow the requests that they handle at a time. */
export function autoscale(
    name: string,
    options: {
        readonly parent: pulumi.Resource;
        readonly endpoint: aws.sagemaker.Endpoint;
        readonly variant: string;
        readonly autoscaling: Autoscaling;
    },
): void {
    const { parent, endpoint, variant, autoscaling } = options;
    const target = new aws.appautoscaling.Target(
        `${name}-scaling`,
        {
            serviceNamespace: "sagemaker",
            scalableDimension: "sagemaker:variant:DesiredInstanceCount",
            resourceId: pulumi.interpolate`endpoint/${endpoint.name}/variant/${variant}`,
            minCapacity: autoscaling.min,
            maxCapacity: autoscaling.max,
        },
        { parent },
    );
    new aws.appautoscaling.Policy(
        `${name}-scaling-policy`,
        {
            policyType: "TargetTrackingScaling",
            serviceNamespace: target.serviceNamespace,
            scalableDimension: target.scalableDimension,
            resourceId: target.resourceId,
            targetTrackingScalingPolicyConfiguration: {
                targetValue: autoscaling.concurrency,
                predefinedMetricSpecification: {
                    // Measured every ten seconds; the older metric takes a minute.
                    predefinedMetricType: "SageMakerVariantConcurrentRequestsPerModelHighResolution",
                },
            },
        },
        { parent },
    );
}
