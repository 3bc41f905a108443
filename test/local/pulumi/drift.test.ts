// What others change about a deployed resource, of each type: a refresh finds it, and an update puts it back.
import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../../local/aws/service";
import type { Services } from "../../../local/aws/services";
import type { Properties } from "../../../local/pulumi/values";
import { startTwinUnderTest, type TwinUnderTest } from "../twin-under-test";
import { programs } from "./engine";
import { elided } from "./engine-assets";
import { type EngineStandIn, engineStandIn, type StandInResource } from "./engine-stand-in";
import type { ProviderClient } from "./provider-client";

/** What a case may use of the resource that it changes. */
interface Changed {
    readonly services: Services;
    readonly id: string;
    readonly outputs: Properties;
    /** An output of another resource of the program. */
    of(type: string, output: string): string;
}

/** Resource: its arguments that are different afterwards, and how others make them so. */
type Case = readonly [resource: string, changed: readonly string[], change: (of: Changed) => Promise<unknown>];

const added = { added: "by others" };
const addedList = [{ Key: "added", Value: "by others" }];
const allow = (Action: string, Resource: string, more: object = {}) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource, ...more }] });
const arnOf = ({ outputs }: Changed) => String(outputs.arn);
const name = ({ outputs }: Changed) => String(outputs.name);
const bucket = ({ outputs }: Changed) => String(outputs.bucket);

const tags: readonly Case[] = [
    [
        "kinesis/stream:Stream stream",
        ["tags"],
        (of) => of.services.kinesis.operations.AddTagsToStream({ StreamName: name(of), Tags: added }, root),
    ],
    [
        "kinesis/stream:Stream stream",
        ["tags"],
        (of) => of.services.kinesis.operations.RemoveTagsFromStream({ StreamName: name(of), TagKeys: ["stage"] }, root),
    ],
    [
        "kinesis/stream:Stream stream",
        ["tags"],
        (of) => of.services.kinesis.operations.AddTagsToStream({ StreamName: name(of), Tags: { stage: "9" } }, root),
    ],
    [
        "s3/bucket:Bucket bucket",
        ["tags"],
        (of) =>
            of.services.s3.operations.PutBucketTagging({ Bucket: bucket(of), Tagging: { TagSet: addedList } }, root),
    ],
    [
        "s3/bucket:Bucket bucket",
        ["tags"],
        (of) => of.services.s3.operations.DeleteBucketTagging({ Bucket: bucket(of) }, root),
    ],
    [
        "s3/bucketObject:BucketObject code.txt",
        ["tags"],
        (of) =>
            of.services.s3.operations.PutObjectTagging(
                { Bucket: bucket(of), Key: "code.txt", Tagging: { TagSet: addedList } },
                root,
            ),
    ],
    [
        "sqs/queue:Queue queue",
        ["tags"],
        ({ services, id }) => services.sqs.operations.UntagQueue({ QueueUrl: id, TagKeys: ["temporary"] }, root),
    ],
    [
        "sqs/queue:Queue fifo",
        ["tags"],
        ({ services, id }) => services.sqs.operations.TagQueue({ QueueUrl: id, Tags: added }, root),
    ],
    [
        "sns/topic:Topic topic",
        ["tags"],
        ({ services, id }) => services.sns.operations.TagResource({ ResourceArn: id, Tags: addedList }, root),
    ],
    [
        "dynamodb/table:Table table",
        ["tags"],
        (of) => of.services.dynamodb.operations.UntagResource({ ResourceArn: arnOf(of), TagKeys: ["stage"] }, root),
    ],
    [
        "cloudwatch/logGroup:LogGroup logs",
        ["tags"],
        (of) => of.services.logs.operations.TagResource({ resourceArn: arnOf(of), tags: added }, root),
    ],
    [
        "iam/role:Role role",
        ["tags"],
        ({ services, id }) => services.iam.operations.TagRole({ RoleName: id, Tags: addedList }, root),
    ],
    [
        "lambda/function:Function handler",
        ["tags"],
        (of) => of.services.lambda.operations.TagResource({ Resource: arnOf(of), Tags: { stage: "9" } }, root),
    ],
    [
        "lambda/eventSourceMapping:EventSourceMapping mapping",
        ["tags"],
        (of) => of.services.lambda.operations.TagResource({ Resource: arnOf(of), Tags: added }, root),
    ],
    [
        "cloudwatch/eventRule:EventRule nightly",
        ["tags"],
        (of) => of.services.events.operations.UntagResource({ ResourceARN: arnOf(of), TagKeys: ["stage"] }, root),
    ],
    [
        "cloudwatch/eventBus:EventBus bus",
        ["tags"],
        (of) => of.services.events.operations.TagResource({ ResourceARN: arnOf(of), Tags: addedList }, root),
    ],
    [
        "cloudwatch/metricAlarm:MetricAlarm alarm",
        ["tags"],
        (of) => of.services.cloudwatch.operations.TagResource({ ResourceARN: arnOf(of), Tags: addedList }, root),
    ],
    ...(
        [
            "sagemaker/modelPackageGroup:ModelPackageGroup models",
            "sagemaker/model:Model model",
            "sagemaker/endpointConfiguration:EndpointConfiguration configuration",
        ] as const
    ).map(
        (resource): Case => [
            resource,
            ["tags"],
            (of) => of.services.sagemaker.operations.AddTags({ ResourceArn: arnOf(of), Tags: addedList }, root),
        ],
    ),
    [
        "ssm/parameter:Parameter word",
        ["tags"],
        ({ services, id }) =>
            services.ssm.operations.AddTagsToResource(
                { ResourceType: "Parameter", ResourceId: id, Tags: addedList },
                root,
            ),
    ],
];

const queueAttributes =
    (Attributes: Record<string, string>) =>
    ({ services, id }: Changed) =>
        services.sqs.operations.SetQueueAttributes({ QueueUrl: id, Attributes }, root);
const handlerSettings =
    (settings: object) =>
    ({ services, id }: Changed) =>
        services.lambda.operations.UpdateFunctionConfiguration({ FunctionName: id, ...settings }, root);
const mappingSettings =
    (settings: object) =>
    ({ services, id }: Changed) =>
        services.lambda.operations.UpdateEventSourceMapping({ UUID: id, ...settings }, root);

const settings: readonly Case[] = [
    [
        "kinesis/stream:Stream stream",
        ["retentionPeriod"],
        (of) =>
            of.services.kinesis.operations.IncreaseStreamRetentionPeriod(
                { StreamName: name(of), RetentionPeriodHours: 72 },
                root,
            ),
    ],
    ["sqs/queue:Queue queue", ["visibilityTimeoutSeconds"], queueAttributes({ VisibilityTimeout: "61" })],
    ["sqs/queue:Queue queue", ["delaySeconds"], queueAttributes({ DelaySeconds: "77" })],
    ["sqs/queue:Queue queue", ["maxMessageSize"], queueAttributes({ MaximumMessageSize: "2048" })],
    ["sqs/queue:Queue fifo", ["contentBasedDeduplication"], queueAttributes({ ContentBasedDeduplication: "true" })],
    [
        "sqs/queuePolicy:QueuePolicy queue-policy",
        ["policy"],
        (of) =>
            queueAttributes({ Policy: allow("sqs:*", of.of("sqs/queue:Queue queue", "arn"), { Principal: "*" }) })(of),
    ],
    [
        "sns/topic:Topic topic",
        ["displayName"],
        ({ services, id }) =>
            services.sns.operations.SetTopicAttributes(
                { TopicArn: id, AttributeName: "DisplayName", AttributeValue: "" },
                root,
            ),
    ],
    [
        "sns/topicSubscription:TopicSubscription subscription",
        ["rawMessageDelivery"],
        ({ services, id }) =>
            services.sns.operations.SetSubscriptionAttributes(
                { SubscriptionArn: id, AttributeName: "RawMessageDelivery", AttributeValue: "true" },
                root,
            ),
    ],
    [
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock access",
        ["ignorePublicAcls"],
        ({ services, id }) =>
            services.s3.operations.PutPublicAccessBlock(
                {
                    Bucket: id,
                    PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true },
                },
                root,
            ),
    ],
    [
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration encryption",
        ["rules"],
        ({ services, id }) =>
            services.s3.operations.PutBucketEncryption(
                {
                    Bucket: id,
                    ServerSideEncryptionConfiguration: {
                        Rules: [
                            {
                                BucketKeyEnabled: true,
                                ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
                            },
                        ],
                    },
                },
                root,
            ),
    ],
    [
        "s3/bucketVersioning:BucketVersioning versioning",
        ["versioningConfiguration"],
        ({ services, id }) =>
            services.s3.operations.PutBucketVersioning(
                { Bucket: id, VersioningConfiguration: { Status: "Suspended" } },
                root,
            ),
    ],
    [
        "s3/bucketOwnershipControls:BucketOwnershipControls ownership",
        ["rule"],
        ({ services, id }) =>
            services.s3.operations.PutBucketOwnershipControls(
                { Bucket: id, OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }] } },
                root,
            ),
    ],
    [
        "s3/bucketPolicy:BucketPolicy policy",
        ["policy"],
        ({ services, id }) =>
            services.s3.operations.PutBucketPolicy(
                {
                    Bucket: id,
                    Policy: allow("s3:GetObject", `arn:aws:s3:::${id}/*`, {
                        Principal: { Service: "ses.amazonaws.com" },
                    }),
                },
                root,
            ),
    ],
    [
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration lifecycle",
        ["rules"],
        ({ services, id }) =>
            services.s3.operations.PutBucketLifecycleConfiguration(
                {
                    Bucket: id,
                    LifecycleConfiguration: {
                        Rules: [
                            {
                                ID: "expire",
                                Status: "Enabled",
                                Filter: { Prefix: "old/" },
                                Expiration: { Days: 1 },
                                NoncurrentVersionExpiration: { NoncurrentDays: 1 },
                            },
                        ],
                    },
                },
                root,
            ),
    ],
    [
        "s3/bucketNotification:BucketNotification inbox-notification",
        ["eventbridge"],
        async ({ services, id }) => {
            const { QueueConfigurations } = await services.s3.operations.GetBucketNotificationConfiguration(
                { Bucket: id },
                root,
            );
            const NotificationConfiguration = { QueueConfigurations };
            await services.s3.operations.PutBucketNotificationConfiguration(
                { Bucket: id, NotificationConfiguration },
                root,
            );
        },
    ],
    [
        "s3/bucketNotification:BucketNotification notification",
        ["eventbridge"],
        async ({ services, id }) => {
            const { LambdaFunctionConfigurations } = await services.s3.operations.GetBucketNotificationConfiguration(
                { Bucket: id },
                root,
            );
            const NotificationConfiguration = { LambdaFunctionConfigurations, EventBridgeConfiguration: {} };
            await services.s3.operations.PutBucketNotificationConfiguration(
                { Bucket: id, NotificationConfiguration },
                root,
            );
        },
    ],
    [
        "s3/bucketObject:BucketObject code.txt",
        ["cacheControl", "metadata"],
        (of) =>
            of.services.s3.operations.PutObject(
                {
                    Bucket: bucket(of),
                    Key: "code.txt",
                    Body: "first",
                    ContentType: "text/plain",
                    CacheControl: "no-store",
                    Metadata: added,
                },
                root,
            ),
    ],
    [
        "dynamodb/table:Table table",
        ["ttl"],
        ({ services, id }) =>
            services.dynamodb.operations.UpdateTimeToLive(
                { TableName: id, TimeToLiveSpecification: { AttributeName: "expires", Enabled: true } },
                root,
            ),
    ],
    [
        "cloudwatch/logGroup:LogGroup logs",
        ["retentionInDays"],
        ({ services, id }) => services.logs.operations.DeleteRetentionPolicy({ logGroupName: id }, root),
    ],
    [
        "cloudwatch/logMetricFilter:LogMetricFilter slow",
        ["metricTransformation"],
        (of) =>
            of.services.logs.operations.PutMetricFilter(
                {
                    logGroupName: of.of("cloudwatch/logGroup:LogGroup logs", "name"),
                    filterName: name(of),
                    filterPattern: "{ $.took > 100 }",
                    metricTransformations: [
                        { metricName: "Slow", metricNamespace: "services", metricValue: "1", unit: "Count" },
                    ],
                },
                root,
            ),
    ],
    [
        "iam/role:Role role",
        ["inlinePolicies"],
        ({ services, id }) =>
            services.iam.operations.PutRolePolicy(
                { RoleName: id, PolicyName: "first", PolicyDocument: allow("kinesis:*", "*") },
                root,
            ),
    ],
    [
        "iam/role:Role role",
        ["managedPolicyArns"],
        ({ services, id }) =>
            services.iam.operations.DetachRolePolicy(
                { RoleName: id, PolicyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" },
                root,
            ),
    ],
    [
        "iam/role:Role role",
        ["maxSessionDuration"],
        ({ services, id }) =>
            services.iam.operations.UpdateRole({ RoleName: id, Description: "first", MaxSessionDuration: 7200 }, root),
    ],
    [
        "iam/rolePolicy:RolePolicy policy",
        ["policy"],
        (of) =>
            of.services.iam.operations.PutRolePolicy(
                {
                    RoleName: of.of("iam/role:Role role", "name"),
                    PolicyName: name(of),
                    PolicyDocument: allow("s3:*", "*"),
                },
                root,
            ),
    ],
    ["lambda/function:Function handler", ["environment"], handlerSettings({ Environment: { Variables: {} } })],
    [
        "lambda/function:Function handler",
        ["environment"],
        handlerSettings({ Environment: { Variables: { STAGE: "first", ADDED: "" } } }),
    ],
    ["lambda/function:Function handler", ["timeout"], handlerSettings({ Timeout: 30 })],
    ["lambda/function:Function handler", ["tracingConfig"], handlerSettings({ TracingConfig: { Mode: "Active" } })],
    ["lambda/function:Function handler", ["loggingConfig"], handlerSettings({ LoggingConfig: { LogFormat: "Text" } })],
    [
        "lambda/function:Function handler",
        ["reservedConcurrentExecutions"],
        ({ services, id }) =>
            services.lambda.operations.PutFunctionConcurrency(
                { FunctionName: id, ReservedConcurrentExecutions: 0 },
                root,
            ),
    ],
    [
        "lambda/permission:Permission permission",
        ["sourceAccount", "sourceArn"],
        async ({ services, id, outputs }) => {
            const FunctionName = String(outputs.function);
            await services.lambda.operations.RemovePermission({ FunctionName, StatementId: id }, root);
            await services.lambda.operations.AddPermission(
                {
                    FunctionName,
                    StatementId: id,
                    Action: "lambda:InvokeFunction",
                    Principal: "s3.amazonaws.com",
                },
                root,
            );
        },
    ],
    [
        "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig invoke",
        ["maximumEventAgeInSeconds"],
        ({ services, outputs }) =>
            services.lambda.operations.UpdateFunctionEventInvokeConfig(
                { FunctionName: String(outputs.functionName), MaximumEventAgeInSeconds: 60 },
                root,
            ),
    ],
    [
        "lambda/eventSourceMapping:EventSourceMapping mapping",
        ["maximumRetryAttempts"],
        mappingSettings({ MaximumRetryAttempts: 3 }),
    ],
    [
        "lambda/eventSourceMapping:EventSourceMapping mapping",
        ["filterCriteria"],
        mappingSettings({ FilterCriteria: { Filters: [{ Pattern: '{"data":{"a":[1]}}' }] } }),
    ],
    [
        "lambda/eventSourceMapping:EventSourceMapping mapping",
        ["metricsConfig"],
        mappingSettings({ MetricsConfig: { Metrics: ["EventCount"] } }),
    ],
    ["lambda/eventSourceMapping:EventSourceMapping mapping", ["enabled"], mappingSettings({ Enabled: false })],
    [
        "cloudwatch/eventRule:EventRule rule",
        ["state"],
        (of) => of.services.events.operations.DisableRule({ Name: name(of) }, root),
    ],
    [
        "cloudwatch/eventRule:EventRule nightly",
        ["state"],
        (of) => of.services.events.operations.DisableRule({ Name: name(of) }, root),
    ],
    [
        "cloudwatch/eventTarget:EventTarget target",
        ["inputPath"],
        ({ services, outputs }) =>
            services.events.operations.PutTargets(
                {
                    Rule: String(outputs.rule),
                    Targets: [{ Id: String(outputs.targetId), Arn: String(outputs.arn), InputPath: "$.detail" }],
                },
                root,
            ),
    ],
    [
        "cloudwatch/eventTarget:EventTarget on-bus",
        ["httpTarget"],
        async ({ services, outputs }) => {
            const [Rule, EventBusName] = [String(outputs.rule), String(outputs.eventBusName)];
            const { Targets = [] } = await services.events.operations.ListTargetsByRule({ Rule, EventBusName }, root);
            const changed = Targets.map((target) => ({
                ...target,
                HttpParameters: {
                    ...target.HttpParameters,
                    HeaderParameters: { ...target.HttpParameters?.HeaderParameters, "x-added": "1" },
                },
            }));
            await services.events.operations.PutTargets({ Rule, EventBusName, Targets: changed }, root);
        },
    ],
    [
        "cloudwatch/eventBus:EventBus bus",
        ["description"],
        ({ services, id }) => services.events.operations.UpdateEventBus({ Name: id, Description: "" }, root),
    ],
    [
        "cloudwatch/eventConnection:EventConnection connection",
        ["description"],
        ({ services, id }) => services.events.operations.UpdateConnection({ Name: id, Description: "theirs" }, root),
    ],
    [
        "cloudwatch/eventApiDestination:EventApiDestination destination",
        ["description", "invocationRateLimitPerSecond"],
        ({ services, id }) =>
            services.events.operations.UpdateApiDestination(
                { Name: id, Description: "theirs", InvocationRateLimitPerSecond: 1 },
                root,
            ),
    ],
    [
        "cloudwatch/metricAlarm:MetricAlarm alarm",
        ["okActions", "treatMissingData"],
        async (of) => {
            const { MetricAlarms = [] } = await of.services.cloudwatch.operations.DescribeAlarms(
                { AlarmNames: [of.id] },
                root,
            );
            const {
                AlarmName,
                ComparisonOperator,
                EvaluationPeriods,
                MetricName,
                Namespace,
                Period,
                Statistic,
                Threshold,
            } = MetricAlarms[0] ?? {};
            await of.services.cloudwatch.operations.PutMetricAlarm(
                {
                    ...{ AlarmName, ComparisonOperator, EvaluationPeriods, MetricName, Namespace, Period, Statistic },
                    Threshold,
                    TreatMissingData: "breaching",
                    OKActions: [of.of("sns/topic:Topic topic", "arn")],
                },
                root,
            );
        },
    ],
    [
        "ssm/parameter:Parameter word",
        ["value"],
        ({ services, id }) =>
            services.ssm.operations.PutParameter({ Name: id, Value: "theirs", Overwrite: true }, root),
    ],
];

describe("what others change about a deployed resource", () => {
    let twin: TwinUnderTest;
    let engine: EngineStandIn;
    const deployed = new Map<string, StandInResource>();

    before(async () => {
        twin = await startTwinUnderTest();
        engine = engineStandIn(twin.twin);
        await engine.up(join(programs, "services"));
        for (const each of engine.state.values()) deployed.set(`${each.type.slice("aws:".length)} ${each.name}`, each);
        const inputs = { name: "/services/word", type: "SecureString", value: "ours", tags: { stage: "first" } };
        const type = "aws:ssm/parameter:Parameter";
        const urn = `urn:pulumi:dev::services::${type}::word`;
        const { id, outputs } = await engine.ask((provider) => provider.create(urn, inputs));
        deployed.set("ssm/parameter:Parameter word", { urn, type, name: "word", id, inputs, outputs });
    });
    after(() => twin.close());

    function find(resource: string): StandInResource {
        const found = deployed.get(resource);
        assert.ok(found, `The program has no ${resource}.`);
        return found;
    }

    /** The resource as a refresh finds it, and the arguments in which the program differs from that. */
    async function refreshed(provider: ProviderClient, { urn, id, inputs, outputs }: StandInResource) {
        const found = await provider.read(urn, id, { inputs: elided(inputs), outputs: elided(outputs) });
        assert.ok(found);
        const { changes, replaces } = await provider.diff(urn, id, found, elided(inputs));
        return { found, changes, replaces };
    }

    it("is nothing after a deployment, for every type", async () => {
        await engine.ask(async (provider) => {
            for (const [resource, known] of deployed) {
                const { found, changes } = await refreshed(provider, known);
                assert.deepEqual(changes, [], resource);
                assert.deepEqual(found.inputs, elided(known.inputs), resource);
            }
        });
    });

    for (const [resource, changed, change] of [...tags, ...settings]) {
        it(`is found in ${changed.join(", ")} of ${resource}, and put back`, async () => {
            const known = find(resource);
            const { urn, id, inputs, outputs } = known;
            const of = (other: string, output: string) => String(find(other).outputs[output]);
            await change({ services: twin.twin.services, id, outputs, of });
            await engine.ask(async (provider) => {
                const { found, changes, replaces } = await refreshed(provider, known);
                assert.deepEqual(changes, changed);
                if (changed.includes("tags")) assert.deepEqual(found.outputs.tagsAll, found.inputs.tags ?? {});
                if (replaces.length > 0) {
                    await provider.delete(urn, id, found);
                    await provider.create(urn, inputs);
                } else {
                    await provider.update(urn, id, found, inputs);
                }
                assert.deepEqual((await refreshed(provider, known)).changes, []);
            });
        });
    }
});
