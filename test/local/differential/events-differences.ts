import type { Difference, Differences, RepeatedDifference } from "./comparison";

/** The twin refuses what moto takes. */
function refused(code: string, message: string, motoOutput: object) {
    return { status: [400, 200], error: [{ code, message }, undefined], output: [undefined, motoOutput] } as const;
}

const repeated: readonly RepeatedDifference[] = [
    {
        right: "twin",
        because: "The JSON protocol answers application/x-amz-json-1.1, as the SDK's model of the service says.",
        members: [
            ["headers.content-type", 83, "application/x-amz-json-1.1", "text/html; charset=utf-8"],
            ["headers.content-type", 20, "application/x-amz-json-1.1", "application/json"],
            ["headers.content-type", 1, "application/x-amz-json-1.1", undefined],
        ],
    },
    {
        right: "twin",
        because: "EventBridge names the bus: Rule none does not exist on EventBus default.",
        members: [["error.message", 3, "Rule none does not exist on EventBus default.", "Rule none does not exist."]],
    },
];

const listed: readonly Difference[] = [
    {
        right: "both",
        because: "EventBridge's reason quotes its parser; the twin says where in the pattern, moto what.",
        at: {
            "patterns > no array": {
                "error.message": [
                    "Event pattern is not valid. Reason: source must be an object or a non-empty array.",
                    "Event pattern is not valid. Reason: 'source' must be an object or an array",
                ],
            },
            "patterns > an empty array": {
                "error.message": [
                    "Event pattern is not valid. Reason: source is an empty array.",
                    "Event pattern is not valid. Reason: Empty arrays are not allowed",
                ],
            },
            "rules > put a bad pattern": {
                "error.message": [
                    "Event pattern is not valid. Reason: it is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2).",
                    "Event pattern is not valid. Reason: Invalid JSON",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "InvalidEventPatternException, as documented; moto takes it for a match.",
        at: {
            "patterns > an unknown operator": refused(
                "InvalidEventPatternException",
                "Event pattern is not valid. Reason: source has the unrecognized match type like.",
                { RuleArn: "arn:aws:events:eu-central-1:<account>:rule/patterns/pattern-28" },
            ),
            "patterns > matches: an unknown operator": {
                output: [0, 1],
            },
        },
    },
    {
        right: "twin",
        because: "moto's TestEventPattern says nothing at all.",
        at: {
            "patterns > test": {
                "output.Result": [true, undefined],
            },
            "patterns > test an event that is none": refused(
                "ValidationException",
                "Parameter Event is not valid. Reason: it lacks id, account, source, time, region, resources, detail-type.",
                {},
            ),
        },
    },
    {
        right: "twin",
        because: "Members that are documented and that moto leaves out.",
        at: {
            "buses > create": {
                "output.Description": ["of the shop", undefined],
            },
            "buses > list": {
                "output.EventBuses.0.Description": ["of the shop", undefined],
                "output.EventBuses.0.CreationTime": ["<date>", undefined],
                "output.EventBuses.0.LastModifiedTime": ["<date>", undefined],
            },
            "connections and API destinations > describe": {
                "output.Description": ["key", undefined],
                "output.LastModifiedTime": ["<date>", undefined],
                "output.LastAuthorizedTime": ["<date>", undefined],
            },
            "connections and API destinations > list": {
                "output.Connections.0.LastAuthorizedTime": ["<date>", undefined],
            },
            "connections and API destinations > describe the destination": {
                "output.InvocationRateLimitPerSecond": [10, undefined],
            },
            "connections and API destinations > list destinations": {
                "output.ApiDestinations.0.InvocationRateLimitPerSecond": [10, undefined],
            },
            "connections and API destinations > connect with a name and a password": {
                "output.LastModifiedTime": ["<date>", undefined],
                "output.LastAuthorizedTime": ["<date>", undefined],
            },
            "connections and API destinations > describe the update": {
                "output.Description": ["key", undefined],
                "output.LastModifiedTime": ["<date>", undefined],
                "output.LastAuthorizedTime": ["<date>", undefined],
            },
            "connections and API destinations > disconnect": {
                "output.LastModifiedTime": ["<date>", undefined],
            },
        },
    },
    {
        right: "twin",
        because:
            "As documented: one minute but five minutes, ? for one of the two days, names of letters, digits and .-_",
        at: {
            "rules > put a bad rate": refused("ValidationException", "Parameter ScheduleExpression is not valid.", {
                RuleArn: "arn:aws:events:eu-central-1:<account>:rule/bad",
            }),
            "rules > put a bad cron": refused("ValidationException", "Parameter ScheduleExpression is not valid.", {
                RuleArn: "arn:aws:events:eu-central-1:<account>:rule/bad",
            }),
            "rules > put a bad name": refused(
                "ValidationException",
                "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
                { RuleArn: "arn:aws:events:eu-central-1:<account>:rule/a b" },
            ),
        },
    },
    {
        right: "twin",
        because: "moto's server fails at an input path.",
        at: {
            "events > put for parts": {
                status: [200, undefined],
                "headers.request id": ["<id>", undefined],
                output: [{ FailedEntryCount: 0, Entries: [{ EventId: "<EventId 2>" }] }, undefined],
                error: [undefined, { code: "an answer that the SDK cannot read" }],
            },
        },
    },
    {
        right: "twin",
        because: "As documented for InputPath and InputTransformer; moto hands over the whole event.",
        at: {
            "events > what of it arrived": {
                "output.0": [
                    '{"count":5,"state":"Done"}',
                    '{"id":"<uuid>","time":"2026-01-01T00:00:00Z","version":"0","detail-type":"order","source":"till","region":"eu-central-1","resources":[],"detail":{"count":5,"state":"Done"}}',
                ],
                "output.1": ['{"text":"Done 5","count":5,"rule":"parts"}', undefined],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: the detail is a JSON object, and sources that begin with aws. are AWS's.",
        at: {
            "events > put bad ones": {
                "output.FailedEntryCount": [6, 4],
                "output.Entries.1.ErrorCode": ["MalformedDetail", undefined],
                "output.Entries.1.ErrorMessage": ["Detail is malformed.", undefined],
                "output.Entries.1.EventId": [undefined, "<EventId 3>"],
                "output.Entries.5.ErrorCode": ["NotAuthorizedForSourceException", undefined],
                "output.Entries.5.ErrorMessage": ["Not authorized for the source aws.s3.", undefined],
                "output.Entries.5.EventId": [undefined, "<EventId 4>"],
            },
        },
    },
    {
        right: "twin",
        because: "The event with an array as its detail, which moto has taken.",
        at: {
            "events > what arrived": {
                "output.1": [
                    undefined,
                    {
                        id: "<EventId 3>",
                        time: "<date>",
                        version: "0",
                        "detail-type": "order",
                        source: "shop",
                        region: "eu-central-1",
                        resources: [],
                        detail: [],
                    },
                ],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: every event has the account.",
        at: {
            "events > what arrived": {
                "output.0.account": ["<account>", undefined],
            },
            "events > what arrived from the other bus": {
                "output.0.account": ["<account>", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "The third event; moto failed at the second.",
        at: {
            "events > put on the other bus": {
                "output.Entries.0.EventId": ["<EventId 3>", "<EventId 2>"],
            },
            "events > what arrived from the other bus": {
                "output.0.id": ["<EventId 3>", "<EventId 2>"],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: 1 to 10 entries.",
        at: {
            "events > put none": refused(
                "ValidationException",
                "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
                { FailedEntryCount: 0, Entries: [] },
            ),
        },
    },
    {
        right: "twin",
        because: "The value is left out, since entries hold what must not be in messages.",
        at: {
            "events > put eleven": {
                "error.message": [
                    "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
                    "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "ResourceAlreadyExistsException, as documented.",
        at: {
            "connections and API destinations > connect again": refused(
                "ResourceAlreadyExistsException",
                "Connection shop already exists.",
                {
                    ConnectionArn: "arn:aws:events:eu-central-1:<account>:connection/shop/<uuid>",
                    ConnectionState: "AUTHORIZED",
                    CreationTime: "<date>",
                    LastModifiedTime: "<date>",
                },
            ),
            "connections and API destinations > create it again": refused(
                "ResourceAlreadyExistsException",
                "An api-destination 'shop' already exists.",
                {
                    ApiDestinationArn: "arn:aws:events:eu-central-1:<account>:api-destination/shop/<uuid>",
                    ApiDestinationState: "ACTIVE",
                    CreationTime: "<date>",
                    LastModifiedTime: "<date>",
                },
            ),
        },
    },
    {
        right: "neither",
        because:
            "The secret's ARN ends with six characters that Secrets Manager chooses. The twin has no Secrets Manager.",
        at: {
            "connections and API destinations > describe": {
                "output.SecretArn": [
                    "arn:aws:secretsmanager:eu-central-1:<account>:secret:events!connection/shop/<uuid>",
                    "arn:aws:secretsmanager:eu-central-1:<account>:secret:events!connection/shop/<uuid>/auth-<random>",
                ],
            },
            "connections and API destinations > describe the update": {
                "output.SecretArn": [
                    "arn:aws:secretsmanager:eu-central-1:<account>:secret:events!connection/shop/<uuid>",
                    "arn:aws:secretsmanager:eu-central-1:<account>:secret:events!connection/shop/<uuid>/auth-<random>",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: the state that the connection is in after the call.",
        at: {
            "connections and API destinations > disconnect": {
                "output.ConnectionState": ["DELETING", "AUTHORIZED"],
            },
        },
    },
];

/** Where EventBridge of the twin and of moto differ. "As documented" means in its API Reference or User Guide. */
export const eventsDifferences: Differences = { listed, repeated };
