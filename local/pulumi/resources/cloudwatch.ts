import { recordOnlyType } from "../provider/record-only";
import type { ServiceResources } from "../provider/resource-type";
import { document, required, text } from "../provider/shape";
import { arn } from "./arn";
import { metricAlarm } from "./cloudwatch-alarm";
import { eventBus } from "./cloudwatch-event-bus";
import { eventApiDestination, eventConnection } from "./cloudwatch-event-destinations";
import { eventRule, eventTarget } from "./cloudwatch-events";
import { logGroup } from "./cloudwatch-logs";
import { logMetricFilter } from "./cloudwatch-metric-filter";

const dashboard = recordOnlyType({
    type: "aws:cloudwatch/dashboard:Dashboard",
    arguments: { dashboardName: required(text), dashboardBody: required(document) },
    replacedBy: ["dashboardName"],
    identity: ["dashboardName"],
    because: "the twin has no CloudWatch dashboards",
    id: ({ dashboardName }) => dashboardName,
    outputs: ({ dashboardName }) => ({ dashboardArn: arn("cloudwatch", `dashboard/${dashboardName}`) }),
});

export const cloudwatch: ServiceResources = {
    resources: [
        logGroup,
        logMetricFilter,
        eventBus,
        eventRule,
        eventTarget,
        eventConnection,
        eventApiDestination,
        metricAlarm,
        dashboard,
    ],
};
