import { EventBridge, type Target } from "@aws-sdk/client-eventbridge";
import { SQS } from "@aws-sdk/client-sqs";
import { compareScenarios, type Scenario } from "./both";
import { eventsDifferences } from "./events-differences";

type Clients = { readonly events: EventBridge; readonly sqs: SQS };

const shop = JSON.stringify({ source: ["shop"] });

/** A queue that every rule may send to. */
async function queue(sqs: SQS, QueueName: string): Promise<{ readonly url: string; readonly arn: string }> {
    const { QueueUrl: url = "" } = await sqs.createQueue({ QueueName });
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ["QueueArn"] });
    const arn = Attributes?.QueueArn ?? "";
    const statement = {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: arn,
    };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await sqs.setQueueAttributes({ QueueUrl: url, Attributes: { Policy } });
    return { url, arn };
}

/** What arrived in a queue: each body parsed, in an order of its own. */
async function arrived(sqs: SQS, QueueUrl: string): Promise<unknown[]> {
    const bodies: unknown[] = [];
    for (;;) {
        const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
        if (Messages.length === 0) break;
        for (const { Body = "" } of Messages) bodies.push(JSON.parse(Body));
    }
    return bodies;
}

const detail = { state: "Done", count: 5, price: 9.5, tags: ["a", "b"], flag: true, none: null, ip: "10.0.0.7" };

const event = () =>
    JSON.stringify({
        version: "0",
        id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "order",
        source: "shop",
        account: "000000000000",
        time: "2026-01-01T00:00:00Z",
        region: "eu-central-1",
        resources: ["arn:aws:s3:::orders"],
        detail,
    });

const patterns: Readonly<Record<string, unknown>> = {
    "an exact value": { detail: { state: ["Done"] } },
    "another value": { detail: { state: ["done"] } },
    "a number": { detail: { count: [5] } },
    "a number as text": { detail: { count: ["5"] } },
    "a flag": { detail: { flag: [true] } },
    null: { detail: { none: [null] } },
    "one of an array": { detail: { tags: ["b"] } },
    "a resource": { resources: [{ suffix: ":orders" }] },
    "a prefix": { detail: { state: [{ prefix: "Do" }] } },
    "a prefix in any case": { detail: { state: [{ prefix: { "equals-ignore-case": "dO" } }] } },
    "a suffix": { detail: { state: [{ suffix: "ne" }] } },
    "any case": { detail: { state: [{ "equals-ignore-case": "DONE" }] } },
    "a wildcard": { detail: { state: [{ wildcard: "D*n*" }] } },
    "anything but one": { detail: { state: [{ "anything-but": "Failed" }] } },
    "anything but several": { detail: { state: [{ "anything-but": ["Failed", "Done"] }] } },
    "anything but a prefix": { detail: { state: [{ "anything-but": { prefix: "Do" } }] } },
    "anything but suffixes": { detail: { state: [{ "anything-but": { suffix: ["x", "y"] } }] } },
    "anything but a number": { detail: { count: [{ "anything-but": 5 }] } },
    "a range": { detail: { price: [{ numeric: [">", 9, "<=", 9.5] }] } },
    "an equal number": { detail: { count: [{ numeric: ["=", 5] }] } },
    "an address": { detail: { ip: [{ cidr: "10.0.0.0/24" }] } },
    "what exists": { detail: { state: [{ exists: true }] } },
    "what does not exist": { detail: { missing: [{ exists: false }] } },
    "what exists but should not": { detail: { state: [{ exists: false }] } },
    "one of two members": { $or: [{ source: ["x"] }, { detail: { count: [5] } }] },
    "neither of two members": { detail: { $or: [{ count: [6] }, { state: ["x"] }] } },
    "no array": { source: "shop" },
    "an empty array": { source: [] },
    "an unknown operator": { source: [{ like: "x" }] },
};

const scenarios: Scenario<Clients>[] = [
    {
        name: "patterns",
        async run({ events, sqs }, { call, note }) {
            await events.createEventBus({ Name: "patterns" });
            const rule = { EventBusName: "patterns" };
            const urls = new Map<string, string>();
            for (const [index, [name, pattern]] of Object.entries(patterns).entries()) {
                const Name = `pattern-${index}`;
                const { url, arn: Arn } = await queue(sqs, Name);
                urls.set(name, url);
                await call(name, events.putRule({ ...rule, Name, EventPattern: JSON.stringify(pattern) }));
                // Where the pattern was refused there is no rule.
                await events.putTargets({ ...rule, Rule: Name, Targets: [{ Id: "1", Arn }] }).catch(() => undefined);
            }
            const entry = {
                Source: "shop",
                DetailType: "order",
                Resources: ["arn:aws:s3:::orders"],
                Detail: JSON.stringify(detail),
                EventBusName: "patterns",
            };
            await call("put", events.putEvents({ Entries: [entry] }));
            for (const [name, url] of urls) note(`matches: ${name}`, (await arrived(sqs, url)).length);
            await call("test", events.testEventPattern({ EventPattern: shop, Event: event() }));
            await call("test an event that is none", events.testEventPattern({ EventPattern: shop, Event: "{}" }));
        },
    },
    {
        name: "buses",
        async run({ events }, { call }) {
            await call("create", events.createEventBus({ Name: "orders", Description: "of the shop" }));
            await call("create again", events.createEventBus({ Name: "orders" }));
            await call("create with a bad name", events.createEventBus({ Name: "a/b" }));
            await call("describe", events.describeEventBus({ Name: "orders" }));
            await call("describe default", events.describeEventBus({}));
            await call("describe none", events.describeEventBus({ Name: "none" }));
            await call("list", events.listEventBuses({ NamePrefix: "orders" }));
            await call("delete default", events.deleteEventBus({ Name: "default" }));
            await call("delete none", events.deleteEventBus({ Name: "none" }));
            await call("delete", events.deleteEventBus({ Name: "orders" }));
        },
    },
    {
        name: "rules",
        async run({ events }, { call }) {
            const Name = "rule-1";
            await call(
                "put",
                events.putRule({ Name, EventPattern: shop, Description: "shop", Tags: [{ Key: "a", Value: "1" }] }),
            );
            await call(
                "put again",
                events.putRule({ Name, EventPattern: JSON.stringify({ source: ["shop", "till"] }), State: "DISABLED" }),
            );
            await call("describe", events.describeRule({ Name }));
            await call("describe none", events.describeRule({ Name: "none" }));
            await call("enable", events.enableRule({ Name }));
            await call("describe enabled", events.describeRule({ Name }));
            await call("disable", events.disableRule({ Name }));
            await call("enable none", events.enableRule({ Name: "none" }));
            await call("put a schedule", events.putRule({ Name: "rule-2", ScheduleExpression: "rate(5 minutes)" }));
            await call(
                "put a cron schedule",
                events.putRule({ Name: "rule-3", ScheduleExpression: "cron(0 10 ? * MON-FRI *)" }),
            );
            await call("describe a schedule", events.describeRule({ Name: "rule-2" }));
            await call("put a bad rate", events.putRule({ Name: "bad", ScheduleExpression: "rate(5 minute)" }));
            await call("put a bad cron", events.putRule({ Name: "bad", ScheduleExpression: "cron(0 10 * * * *)" }));
            await call("put neither", events.putRule({ Name: "bad" }));
            await call("put a bad pattern", events.putRule({ Name: "bad", EventPattern: "{" }));
            await call("put a bad name", events.putRule({ Name: "a b", EventPattern: shop }));
            await call("put on no bus", events.putRule({ Name, EventPattern: shop, EventBusName: "none" }));
            await call("list", events.listRules({ NamePrefix: "rule-" }));
            const page = await call("page 1", events.listRules({ NamePrefix: "rule-", Limit: 2 }));
            await call("page 2", events.listRules({ NamePrefix: "rule-", Limit: 2, NextToken: page.NextToken }));
            const ResourceARN = "arn:aws:events:eu-central-1:000000000000:rule/rule-1";
            await call("tag", events.tagResource({ ResourceARN, Tags: [{ Key: "b", Value: "2" }] }));
            await call("untag", events.untagResource({ ResourceARN, TagKeys: ["a"] }));
            await call("tags", events.listTagsForResource({ ResourceARN }));
            await call("delete", events.deleteRule({ Name }));
            await call("delete none", events.deleteRule({ Name }));
            for (const other of ["rule-2", "rule-3"]) await events.deleteRule({ Name: other });
        },
    },
    {
        name: "targets",
        async run({ events, sqs }, { call }) {
            const { arn } = await queue(sqs, "targets");
            const Rule = "with-targets";
            await events.putRule({ Name: Rule, EventPattern: shop });
            const put = (...Targets: Target[]) => events.putTargets({ Rule, Targets });
            await call(
                "put",
                put({ Id: "1", Arn: arn, InputPath: "$.detail" }, { Id: "2", Arn: arn, Input: '"constant"' }),
            );
            await call("list", events.listTargetsByRule({ Rule }));
            await call("names", events.listRuleNamesByTarget({ TargetArn: arn }));
            await call("names of none", events.listRuleNamesByTarget({ TargetArn: `${arn}-none` }));
            await call("delete the rule", events.deleteRule({ Name: Rule }));
            await call("put a bad ARN", put({ Id: "3", Arn: "queue" }));
            await call("put on no rule", events.putTargets({ Rule: "none", Targets: [{ Id: "1", Arn: arn }] }));
            await call("put a FIFO queue without a group", put({ Id: "3", Arn: `${arn}.fifo` }));
            await call("remove", events.removeTargets({ Rule, Ids: ["1"] }));
            await call("remove none", events.removeTargets({ Rule, Ids: ["none"] }));
            await call("list what is left", events.listTargetsByRule({ Rule }));
            await call("list of no rule", events.listTargetsByRule({ Rule: "none" }));
            await events.removeTargets({ Rule, Ids: ["2"] });
            await call("delete the rule without targets", events.deleteRule({ Name: Rule }));
        },
    },
    {
        name: "events",
        async run({ events, sqs }, { call, note }) {
            await events.createEventBus({ Name: "second" });
            const [all, parts, other] = [await queue(sqs, "all"), await queue(sqs, "parts"), await queue(sqs, "other")];
            await events.putRule({ Name: "all", EventPattern: shop });
            await events.putTargets({ Rule: "all", Targets: [{ Id: "1", Arn: all.arn }] });
            await events.putRule({
                Name: "parts",
                EventPattern: JSON.stringify({ source: ["till"] }),
            });
            const InputTransformer = {
                InputPathsMap: { count: "$.detail.count", state: "$.detail.state" },
                InputTemplate: '{"text":"<state> <count>","count":<count>,"rule":<aws.events.rule-name>}',
            };
            await events.putTargets({
                Rule: "parts",
                Targets: [
                    { Id: "1", Arn: parts.arn, InputPath: "$.detail" },
                    { Id: "2", Arn: parts.arn, InputTransformer },
                ],
            });
            await events.putRule({ Name: "other", EventBusName: "second", EventPattern: shop });
            await events.putTargets({ Rule: "other", EventBusName: "second", Targets: [{ Id: "1", Arn: other.arn }] });
            const entry = { Source: "shop", DetailType: "order", Time: new Date("2026-01-01T00:00:00Z") };
            await call(
                "put",
                events.putEvents({
                    Entries: [{ ...entry, Resources: ["arn:aws:s3:::b"], Detail: '{"count":5,"state":"Done"}' }],
                }),
            );
            await call(
                "put for parts",
                events.putEvents({ Entries: [{ ...entry, Source: "till", Detail: '{"count":5,"state":"Done"}' }] }),
            );
            await call(
                "put on the other bus",
                events.putEvents({ Entries: [{ ...entry, Detail: '{"count":1}', EventBusName: "second" }] }),
            );
            await call(
                "put bad ones",
                events.putEvents({
                    Entries: [
                        { ...entry, Detail: "{" },
                        { ...entry, Detail: "[]" },
                        { DetailType: "order", Detail: "{}" },
                        { Source: "shop", Detail: "{}" },
                        { Source: "shop", DetailType: "order" },
                        { Source: "aws.s3", DetailType: "order", Detail: "{}" },
                    ],
                }),
            );
            await call("put none", events.putEvents({ Entries: [] }));
            await call(
                "put eleven",
                events.putEvents({ Entries: Array.from({ length: 11 }, () => ({ ...entry, Detail: "{}" })) }),
            );
            await call(
                "put on no bus",
                events.putEvents({ Entries: [{ ...entry, Detail: "{}", EventBusName: "none" }] }),
            );
            note("what arrived", await arrived(sqs, all.url));
            note("what of it arrived", (await arrived(sqs, parts.url)).map((body) => JSON.stringify(body)).sort());
            note("what arrived from the other bus", await arrived(sqs, other.url));
        },
    },
    {
        name: "connections and API destinations",
        async run({ events }, { call }) {
            const AuthParameters = {
                ApiKeyAuthParameters: { ApiKeyName: "X-Key", ApiKeyValue: "secret" },
                InvocationHttpParameters: {
                    HeaderParameters: [{ Key: "X-Team", Value: "mail", IsValueSecret: false }],
                },
            };
            const { ConnectionArn } = await call(
                "connect",
                events.createConnection({
                    Name: "shop",
                    AuthorizationType: "API_KEY",
                    AuthParameters,
                    Description: "key",
                }),
            );
            await call(
                "connect again",
                events.createConnection({ Name: "shop", AuthorizationType: "API_KEY", AuthParameters }),
            );
            await call("describe", events.describeConnection({ Name: "shop" }));
            await call("describe none", events.describeConnection({ Name: "none" }));
            await call("list", events.listConnections({ NamePrefix: "shop" }));
            const destination = {
                Name: "shop",
                ConnectionArn,
                InvocationEndpoint: "https://example.com/*",
                HttpMethod: "POST" as const,
            };
            await call(
                "create a destination",
                events.createApiDestination({ ...destination, InvocationRateLimitPerSecond: 10 }),
            );
            await call("create it again", events.createApiDestination(destination));
            await call("describe the destination", events.describeApiDestination({ Name: "shop" }));
            await call("describe no destination", events.describeApiDestination({ Name: "none" }));
            await call("update the destination", events.updateApiDestination({ Name: "shop", HttpMethod: "PUT" }));
            await call("list destinations", events.listApiDestinations({ NamePrefix: "shop" }));
            await call(
                "connect with a name and a password",
                events.updateConnection({
                    Name: "shop",
                    AuthorizationType: "BASIC",
                    AuthParameters: { BasicAuthParameters: { Username: "u", Password: "p" } },
                }),
            );
            await call("describe the update", events.describeConnection({ Name: "shop" }));
            await call("delete the destination", events.deleteApiDestination({ Name: "shop" }));
            await call("delete it again", events.deleteApiDestination({ Name: "shop" }));
            await call("disconnect", events.deleteConnection({ Name: "shop" }));
            await call("disconnect again", events.deleteConnection({ Name: "shop" }));
        },
    },
];

compareScenarios(
    "EventBridge of the twin beside moto's",
    (options) => ({ events: new EventBridge(options), sqs: new SQS(options) }),
    scenarios,
    eventsDifferences,
);
