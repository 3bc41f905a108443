// The resources that a request is about, by the names that a fault plan knows them by.

import type { Services } from "../services";

export type Members = Readonly<Record<string, unknown>>;

/** By service: the members that name a resource, by its name, address or ARN, or several of them. */
const naming: Readonly<Record<string, readonly string[]>> = {
    kinesis: ["StreamName", "StreamARN", "ResourceARN"],
    sqs: ["QueueUrl", "QueueName", "SourceArn"],
    sns: ["TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn", "Name"],
    dynamodb: ["TableName", "ResourceArn"],
    logs: ["logGroupName", "logGroupIdentifier", "resourceArn"],
    events: ["EventBusName", "Name", "Rule", "ResourceARN"],
    lambda: ["FunctionName", "UUID", "Resource"],
    ssm: ["Name", "Names", "ResourceId"],
    monitoring: ["AlarmName", "AlarmNames", "ResourceARN"],
    sagemaker: [
        "EndpointName",
        "EndpointConfigName",
        "TrainingJobName",
        "HyperParameterTuningJobName",
        "ModelName",
        "ModelPackageGroupName",
        "ModelPackageName",
        "ResourceArn",
    ],
};

/** By service: operations whose requests name no resource, so that no rule can tell their calls apart by it. */
const nameless: Readonly<Record<string, readonly string[]>> = {
    kinesis: ["ListStreams"],
    s3: ["ListBuckets"],
    sqs: ["ListQueues", "CancelMessageMoveTask"],
    sns: ["ListTopics", "ListSubscriptions"],
    dynamodb: ["ListTables"],
    logs: ["DescribeLogGroups"],
    events: ["ListEventBuses", "TestEventPattern", "ListConnections", "ListApiDestinations"],
    lambda: ["ListFunctions"],
    sagemaker: [
        "ListTrainingJobs",
        "ListHyperParameterTuningJobs",
        "ListModelPackageGroups",
        "ListModels",
        "ListEndpointConfigs",
        "ListEndpoints",
    ],
    monitoring: ["PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics", "DescribeAlarmsForMetric"],
    sts: ["GetCallerIdentity"],
};

/** Whether requests of an operation say which resource they are about. */
export function namesResources(service: string, operation: string): boolean {
    return nameless[service]?.includes(operation) !== true;
}

/** The names of the resources that a request is about; none where it names none. */
export function resourcesOf(
    service: string,
    operation: string,
    members: Members,
    { kinesis }: Pick<Services, "kinesis">,
): string[] {
    const told = (naming[service] ?? []).flatMap((name) => members[name]);
    if (service === "dynamodb") told.push(...Object.keys(Object(members.RequestItems)));
    if (operation === "PutEvents" && Array.isArray(members.Entries)) {
        told.push(...members.Entries.map((entry) => Object(entry).EventBusName ?? "default"));
    }
    if (service === "kinesis") {
        for (const token of [members.ShardIterator, members.NextToken]) {
            if (typeof token === "string") told.push(kinesis.streamOf(token));
        }
    }
    const names = told.filter((value) => typeof value === "string").map((value) => nameOf(service, value));
    return [...new Set(names)].sort();
}

/** The name in an address or ARN. Names of parameters, log groups and rules may hold slashes themselves. */
function nameOf(service: string, told: string): string {
    const resource = told.startsWith("arn:") ? told.split(":").slice(5).join(":") : undefined;
    switch (service) {
        case "sqs":
            return resource ?? told.slice(told.lastIndexOf("/") + 1);
        case "sns":
            return (resource ?? told).replace(/:.*$/, "");
        case "lambda":
            return (resource ?? told).replace(/^.*(function|event-source-mapping):/, "").replace(/:.*$/, "");
        case "logs":
            return (resource ?? told).replace(/^log-group:/, "").replace(/:.*$/, "");
        case "ssm":
            // A version or label may follow. An ARN does not say whether a name without folders begins with a slash.
            return (resource?.replace(/^parameter(\/(?=[^/]+$))?/, "") ?? told).replace(/:.*$/, "");
        case "monitoring":
            return resource?.replace(/^alarm:/, "") ?? told;
        case "events":
            return resource === undefined ? told : eventsName(resource);
        default:
            return resource?.split("/")[1] ?? told;
    }
}

/** Rules of buses have the bus before their name; what leads outside of AWS has a random part after it. */
function eventsName(resource: string): string {
    const [kind, ...parts] = resource.split("/");
    return (kind === "rule" ? parts.at(-1) : kind === "event-bus" ? parts.join("/") : parts[0]) ?? resource;
}
