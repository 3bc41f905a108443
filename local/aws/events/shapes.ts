import { oneOf, range, type Shape, type StringShape, type Structure, structure, text } from "../protocol/shape";
import type { EventsOperations } from ".";

const name = text(1, 64, "[\\.\\-_A-Za-z0-9]+");
const busName = text(1, 256, "[/\\.\\-_A-Za-z0-9]+");
const busNameOrArn = text(
    1,
    1600,
    "(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+",
);
const arn = text(1, 1600);
const connectionArn = text(
    1,
    1600,
    "^arn:aws([a-z]|\\-)*:events:([a-z]|\\d|\\-)*:([0-9]{12})?:connection\\/[\\.\\-_A-Za-z0-9]+\\/[\\-A-Za-z0-9]+$",
);
const any: StringShape = { type: "string" };
const description = text(0, 512);
const token = text(1, 2048);
const limit = range(1, 100);
const flag: Shape = { type: "boolean" };
const unsupported: Shape = { type: "unsupported" };
const tags: Shape = listOf(structure({ Key: text(1, 128), Value: text(0, 256) }, "Key", "Value"));
const deadLetters = structure({ Arn: arn });

const target = structure(
    {
        Id: name,
        Arn: arn,
        RoleArn: arn,
        Input: text(0, 8192),
        InputPath: text(0, 256),
        InputTransformer: structure(
            {
                InputPathsMap: {
                    type: "map",
                    key: text(1, 256, "[A-Za-z0-9\\_\\-]+"),
                    value: text(0, 256),
                    max: 100,
                },
                InputTemplate: text(1, 8192),
            },
            "InputTemplate",
        ),
        KinesisParameters: structure({ PartitionKeyPath: text(0, 256) }, "PartitionKeyPath"),
        SqsParameters: structure({ MessageGroupId: text(0, 100) }),
        HttpParameters: structure({
            PathParameterValues: listOf(any),
            HeaderParameters: mapOf(text(0, 512), text(0, 512)),
            QueryStringParameters: mapOf(text(0, 512), text(0, 512)),
        }),
        DeadLetterConfig: deadLetters,
        RetryPolicy: structure({
            MaximumRetryAttempts: range(0, 185),
            MaximumEventAgeInSeconds: range(60, 86_400),
        }),
        RunCommandParameters: unsupported,
        EcsParameters: unsupported,
        BatchParameters: unsupported,
        RedshiftDataParameters: unsupported,
        SageMakerPipelineParameters: unsupported,
        AppSyncParameters: unsupported,
    },
    "Id",
    "Arn",
);

const entry = structure({
    Time: { type: "timestamp" },
    Source: any,
    Resources: listOf(text(0, 2048)),
    DetailType: any,
    Detail: { type: "string", hidden: true },
    EventBusName: text(
        1,
        1600,
        "(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[\\.\\-_A-Za-z0-9]+",
    ),
    TraceHeader: text(1, 500),
});

/** Of a header or a secret. The model's own pattern says the same in a way that takes forever on hostile values. */
const credential: StringShape = {
    type: "string",
    min: 1,
    max: 512,
    pattern: "[^\\x00-\\x08\\x0A-\\x1F:\\x7F]+",
    hidden: true,
};
const endpoint = text(1, 2048, "[-()_.!~*';/?:@&=+$,%A-Za-z0-9]+");
const httpValue: StringShape = { type: "string", max: 512, hidden: true };
const httpParameters = structure(
    Object.fromEntries(
        ["HeaderParameters", "QueryStringParameters", "BodyParameters"].map((member) => [
            member,
            {
                type: "list",
                member: structure({ Key: text(0, 512), Value: httpValue, IsValueSecret: flag }),
                min: 0,
                max: 100,
            } satisfies Shape,
        ]),
    ),
);
const authorization = (required: boolean) => {
    const needs = (...members: string[]) => (required ? members : []);
    return structure({
        BasicAuthParameters: structure(
            { Username: credential, Password: credential },
            ...needs("Username", "Password"),
        ),
        OAuthParameters: structure(
            {
                ClientParameters: structure(
                    { ClientID: credential, ClientSecret: credential },
                    ...needs("ClientID", "ClientSecret"),
                ),
                AuthorizationEndpoint: endpoint,
                HttpMethod: oneOf("GET", "POST", "PUT"),
                OAuthHttpParameters: httpParameters,
            },
            ...needs("ClientParameters", "AuthorizationEndpoint", "HttpMethod"),
        ),
        ApiKeyAuthParameters: structure(
            { ApiKeyName: { ...credential, hidden: false }, ApiKeyValue: credential },
            ...needs("ApiKeyName", "ApiKeyValue"),
        ),
        InvocationHttpParameters: httpParameters,
        ConnectivityParameters: unsupported,
    });
};
const connection = {
    Name: name,
    Description: text(0, 512, ".*"),
    AuthorizationType: oneOf("BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"),
    InvocationConnectivityParameters: unsupported,
    KmsKeyIdentifier: unsupported,
};
const destination = {
    Name: name,
    Description: text(0, 512, ".*"),
    ConnectionArn: connectionArn,
    InvocationEndpoint: endpoint,
    HttpMethod: oneOf("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"),
    InvocationRateLimitPerSecond: range(1),
};
const page = { NextToken: token, Limit: limit };
const rule = { Name: name, EventBusName: busNameOrArn };

/** What each operation takes, as AWS's API model says it. */
export const shapes: Readonly<Record<keyof EventsOperations, Structure>> = {
    CreateEventBus: structure(
        {
            Name: busName,
            Description: description,
            Tags: tags,
            DeadLetterConfig: deadLetters,
            EventSourceName: unsupported,
            KmsKeyIdentifier: unsupported,
            LogConfig: unsupported,
        },
        "Name",
    ),
    UpdateEventBus: structure({
        Name: busName,
        Description: description,
        DeadLetterConfig: deadLetters,
        KmsKeyIdentifier: unsupported,
        LogConfig: unsupported,
    }),
    DeleteEventBus: structure({ Name: busName }, "Name"),
    DescribeEventBus: structure({ Name: busNameOrArn }),
    ListEventBuses: structure({ NamePrefix: busName, ...page }),
    PutPermission: structure({
        EventBusName: text(1, 256, "[\\.\\-_A-Za-z0-9]+"),
        Policy: any,
        Action: unsupported,
        Principal: unsupported,
        StatementId: unsupported,
        Condition: unsupported,
    }),
    RemovePermission: structure({
        EventBusName: text(1, 256, "[\\.\\-_A-Za-z0-9]+"),
        RemoveAllPermissions: flag,
        StatementId: text(1, 64, "[a-zA-Z0-9-_]+"),
    }),
    PutRule: structure(
        {
            ...rule,
            ScheduleExpression: text(0, 256),
            EventPattern: text(0, 4096),
            State: oneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
            Description: description,
            RoleArn: unsupported,
            Tags: tags,
        },
        "Name",
    ),
    DeleteRule: structure({ ...rule, Force: flag }, "Name"),
    DescribeRule: structure(rule, "Name"),
    ListRules: structure({ NamePrefix: name, EventBusName: busNameOrArn, ...page }),
    EnableRule: structure(rule, "Name"),
    DisableRule: structure(rule, "Name"),
    ListRuleNamesByTarget: structure({ TargetArn: arn, EventBusName: busNameOrArn, ...page }, "TargetArn"),
    PutTargets: structure(
        { Rule: name, EventBusName: busNameOrArn, Targets: { type: "list", member: target, min: 1, max: 100 } },
        "Rule",
        "Targets",
    ),
    RemoveTargets: structure(
        {
            Rule: name,
            EventBusName: busNameOrArn,
            Ids: { type: "list", member: name, min: 1, max: 100 },
            Force: flag,
        },
        "Rule",
        "Ids",
    ),
    ListTargetsByRule: structure({ Rule: name, EventBusName: busNameOrArn, ...page }, "Rule"),
    PutEvents: structure(
        { Entries: { type: "list", member: entry, min: 1, max: 10 }, EndpointId: unsupported },
        "Entries",
    ),
    TestEventPattern: structure(
        { EventPattern: text(0, 4096), Event: { type: "string", hidden: true } },
        "EventPattern",
        "Event",
    ),
    CreateConnection: structure(
        { ...connection, AuthParameters: authorization(true) },
        "Name",
        "AuthorizationType",
        "AuthParameters",
    ),
    UpdateConnection: structure({ ...connection, AuthParameters: authorization(false) }, "Name"),
    DeleteConnection: structure({ Name: name }, "Name"),
    DeauthorizeConnection: structure({ Name: name }, "Name"),
    DescribeConnection: structure({ Name: name }, "Name"),
    ListConnections: structure({
        NamePrefix: name,
        ConnectionState: oneOf(
            "CREATING",
            "UPDATING",
            "DELETING",
            "AUTHORIZED",
            "DEAUTHORIZED",
            "AUTHORIZING",
            "DEAUTHORIZING",
            "ACTIVE",
            "FAILED_CONNECTIVITY",
        ),
        ...page,
    }),
    CreateApiDestination: structure(destination, "Name", "ConnectionArn", "InvocationEndpoint", "HttpMethod"),
    UpdateApiDestination: structure(destination, "Name"),
    DeleteApiDestination: structure({ Name: name }, "Name"),
    DescribeApiDestination: structure({ Name: name }, "Name"),
    ListApiDestinations: structure({ NamePrefix: name, ConnectionArn: connectionArn, ...page }),
    TagResource: structure({ ResourceARN: arn, Tags: tags }, "ResourceARN", "Tags"),
    UntagResource: structure({ ResourceARN: arn, TagKeys: listOf(text(1, 128)) }, "ResourceARN", "TagKeys"),
    ListTagsForResource: structure({ ResourceARN: arn }, "ResourceARN"),
};

function listOf(member: Shape): Shape {
    return { type: "list", member };
}

function mapOf(key: StringShape, value: Shape): Shape {
    return { type: "map", key, value };
}
