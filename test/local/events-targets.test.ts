import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { type CreateConnectionAuthRequestParameters, EventBridge, type Target } from "@aws-sdk/client-eventbridge";
import { Kinesis } from "@aws-sdk/client-kinesis";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { root } from "../../local/aws/service";
import { startTwinUnderTest, type TwinUnderTest } from "./twin-under-test";

const here = "eu-central-1:000000000000";
const ruleArn = `arn:aws:events:${here}:rule/orders`;
const queueArn = (name: string) => `arn:aws:sqs:${here}:${name}`;

/** What a server outside was asked. */
interface Asked {
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
}

interface Answer {
    readonly status: number;
    readonly body?: string;
    readonly headers?: Record<string, string>;
}

describe("Targets of the twin's EventBridge", function () {
    this.timeout(30_000);
    let twin: TwinUnderTest;
    let events: EventBridge;
    let sqs: SQS;

    before(async () => {
        twin = await startTwinUnderTest();
        events = new EventBridge(twin.client);
        sqs = new SQS(twin.client);
        await events.putRule({ Name: "orders", EventPattern: JSON.stringify({ source: ["shop"] }) });
    });

    after(async () => {
        for (const client of [events, sqs]) client.destroy();
        await twin.close();
    });

    afterEach(async () => {
        const { Targets = [] } = await events.listTargetsByRule({ Rule: "orders" });
        if (Targets.length > 0)
            await events.removeTargets({ Rule: "orders", Ids: Targets.map(({ Id }) => String(Id)) });
    });

    const target = (more: Partial<Target>) =>
        events.putTargets({ Rule: "orders", Targets: [{ Id: "1", Arn: "", ...more }] });
    const put = (detail: object = { id: 7, customer: { name: "Ada" } }) =>
        events.putEvents({ Entries: [{ Source: "shop", DetailType: "order", Detail: JSON.stringify(detail) }] });

    /** A queue to which the rule may send, or not. */
    async function queue(QueueName: string, open = true, more: Record<string, string> = {}): Promise<string> {
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { Service: "events.amazonaws.com" },
                    Action: "sqs:SendMessage",
                    Resource: queueArn(QueueName),
                    Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
                },
            ],
        });
        const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes: { ...more, ...(open ? { Policy } : {}) } });
        return QueueUrl ?? "";
    }

    async function message(QueueUrl: string) {
        const { Messages } = await sqs.receiveMessage({
            QueueUrl,
            WaitTimeSeconds: 10,
            MessageAttributeNames: ["All"],
            MessageSystemAttributeNames: ["All"],
        });
        const [first] = Messages ?? [];
        assert.ok(first !== undefined, "a message arrives");
        await sqs.deleteMessage({ QueueUrl, ReceiptHandle: first.ReceiptHandle });
        return first;
    }

    async function role(RoleName: string, Action: string, Service = "events.amazonaws.com"): Promise<string> {
        const { iam } = twin.twin.services;
        const policy = (statement: object) =>
            JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
        const trust = { Principal: { Service }, Action: "sts:AssumeRole" };
        const { Role } = await iam.operations.CreateRole({ RoleName, AssumeRolePolicyDocument: policy(trust) }, root);
        const PolicyDocument = policy({ Action, Resource: "*" });
        await iam.operations.PutRolePolicy({ RoleName, PolicyName: "p", PolicyDocument }, root);
        return Role.Arn;
    }

    /** Lets the clock go on, so that what is to be tried later is tried now, until nothing is on its way. */
    const settled = () =>
        until(() => {
            if (twin.twin.services.events.idle()) return true;
            twin.twin.clock.advance(1000);
            return false;
        });

    /** Looks again, one turn of the event loop after the other, until it is so. */
    async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
        while (!(await isSo())) await new Promise(setImmediate);
    }

    it("are queues, also FIFO ones, with what an input transformer makes of the event", async () => {
        const [plain, fifo] = [
            await queue("plain"),
            await queue("ordered.fifo", true, { FifoQueue: "true", ContentBasedDeduplication: "true" }),
        ];
        const InputTransformer = {
            InputPathsMap: {
                id: "$.detail.id",
                customer: "$.detail.customer",
                name: "$.detail.customer.name",
                none: "$.detail.none",
            },
            InputTemplate:
                '{"id":<id>,"customer":<customer>,"text":"<name> <id> <customer>","none":<none>,"rule":<aws.events.rule-name>}',
        };
        await target({ Arn: queueArn("plain"), InputTransformer });
        await events.putTargets({
            Rule: "orders",
            Targets: [
                {
                    Id: "2",
                    Arn: queueArn("ordered.fifo"),
                    InputPath: "$.detail.id",
                    SqsParameters: { MessageGroupId: "g" },
                },
            ],
        });
        await put({ id: 7, customer: { name: 'Ada "A"' } });
        assert.deepEqual(JSON.parse((await message(plain)).Body ?? ""), {
            id: 7,
            customer: { name: 'Ada "A"' },
            text: 'Ada "A" 7 {"name":"Ada \\"A\\""}',
            none: "",
            rule: "orders",
        });
        const ordered = await message(fifo);
        assert.equal(ordered.Body, "7");
        assert.equal(ordered.Attributes?.MessageGroupId, "g");
    });

    it("are topics, event buses and log groups", async () => {
        const sns = new SNS(twin.client);
        const logs = new CloudWatchLogs(twin.client);
        const url = await queue("from-topic", false);
        const { TopicArn = "" } = await sns.createTopic({ Name: "orders" });
        const statement = {
            Effect: "Allow",
            Resource: TopicArn,
            Action: "sns:Publish",
            Principal: { Service: "events.amazonaws.com" },
        };
        const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
        await sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue });
        const fromTopic = {
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queueArn("from-topic"),
        };
        await sqs.setQueueAttributes({
            QueueUrl: url,
            Attributes: { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [fromTopic] }) },
        });
        await sns.subscribe({
            TopicArn,
            Protocol: "sqs",
            Endpoint: queueArn("from-topic"),
            Attributes: { RawMessageDelivery: "true" },
        });
        await events.createEventBus({ Name: "second" });
        await events.putRule({
            Name: "forwarded",
            EventBusName: "second",
            EventPattern: JSON.stringify({ source: ["shop"] }),
        });
        await logs.createLogGroup({ logGroupName: "/aws/events/orders" });
        await events.putTargets({
            Rule: "forwarded",
            EventBusName: "second",
            Targets: [{ Id: "1", Arn: `arn:aws:logs:${here}:log-group:/aws/events/orders:*` }],
        });
        await target({ Arn: TopicArn });
        await events.putTargets({
            Rule: "orders",
            Targets: [{ Id: "2", Arn: `arn:aws:events:${here}:event-bus/second` }],
        });
        await put();
        const event = JSON.parse((await message(url)).Body ?? "");
        assert.equal(event.detail.id, 7);
        await until(
            async () => ((await logs.filterLogEvents({ logGroupName: "/aws/events/orders" })).events ?? []).length > 0,
        );
        const [line] = (await logs.filterLogEvents({ logGroupName: "/aws/events/orders" })).events ?? [];
        assert.equal(JSON.parse(line?.message ?? "").id, event.id, "the same event on both buses");
        sns.destroy();
        logs.destroy();
    });

    it("are streams, by the target's role, with a partition key out of the event", async () => {
        const kinesis = new Kinesis(twin.client);
        await kinesis.createStream({ StreamName: "orders", ShardCount: 1 });
        const dead = await queue("dead-stream");
        const Arn = `arn:aws:kinesis:${here}:stream/orders`;
        const KinesisParameters = { PartitionKeyPath: "$.detail.customer.name" };
        const more = { Arn, KinesisParameters, DeadLetterConfig: { Arn: queueArn("dead-stream") } };
        await target({ ...more, RoleArn: await role("cannot-put", "kinesis:ListShards") });
        await put();
        const letter = await message(dead);
        assert.equal(letter.MessageAttributes?.ERROR_CODE?.StringValue, "NO_PERMISSIONS");
        const untrusting = await role("trusts-others", "kinesis:PutRecord", "lambda.amazonaws.com");
        await target({ ...more, RoleArn: untrusting });
        await put();
        assert.match((await message(dead)).MessageAttributes?.ERROR_MESSAGE?.StringValue ?? "", /assume role/);
        await target({ ...more, RoleArn: await role("can-put", "kinesis:PutRecord") });
        await put();
        const read = {
            StreamName: "orders",
            ShardId: "shardId-000000000000",
            ShardIteratorType: "TRIM_HORIZON" as const,
        };
        const { ShardIterator } = await kinesis.getShardIterator(read);
        const records = async () => (await kinesis.getRecords({ ShardIterator })).Records ?? [];
        await until(async () => (await records()).length > 0);
        const [record] = await records();
        assert.equal(record?.PartitionKey, "Ada");
        assert.equal(JSON.parse(Buffer.from(record?.Data ?? []).toString()).detail.id, 7);
        kinesis.destroy();
    });

    it("that do not let the rule in lose nothing: the dead-letter queue gets the event, and why", async () => {
        const dead = await queue("dead");
        await queue("closed", false);
        await target({ Arn: queueArn("closed"), DeadLetterConfig: { Arn: queueArn("dead") } });
        await put();
        const { Body, MessageAttributes = {} } = await message(dead);
        assert.equal(JSON.parse(Body ?? "").detail.id, 7);
        const { ERROR_MESSAGE, ...rest } = Object.fromEntries(
            Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
        );
        assert.match(String(ERROR_MESSAGE), /policy of the queue closed/);
        assert.deepEqual(rest, {
            RULE_ARN: ruleArn,
            TARGET_ARN: queueArn("closed"),
            ERROR_CODE: "NO_PERMISSIONS",
            RETRY_ATTEMPTS: "0",
        });
    });

    describe("that are API destinations", () => {
        let outside: Server;
        let asked: Asked[];
        let answer: (request: Asked) => Answer | Promise<Answer>;
        let RoleArn: string;

        before(async () => {
            RoleArn = await role("calls", "events:InvokeApiDestination");
            outside = createServer((request, response) => {
                let body = "";
                request.on("data", (chunk) => {
                    body += String(chunk);
                });
                request.on("end", async () => {
                    const { method, url, headers } = request;
                    const one = { method, url, headers, body };
                    asked.push(one);
                    const { status, body: said = "", headers: more = {} } = await answer(one);
                    response.writeHead(status, more).end(said);
                });
            });
            await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
        });
        beforeEach(() => {
            asked = [];
            answer = () => ({ status: 200 });
        });
        after(() => {
            outside.closeAllConnections();
            outside.close();
        });

        const address = (path: string) => `http://127.0.0.1:${(outside.address() as AddressInfo).port}${path}`;

        async function destination(
            Name: string,
            AuthorizationType: "API_KEY" | "BASIC" | "OAUTH_CLIENT_CREDENTIALS",
            AuthParameters: CreateConnectionAuthRequestParameters,
            more: { path?: string; rate?: number } = {},
        ): Promise<string> {
            const { ConnectionArn } = await events.createConnection({ Name, AuthorizationType, AuthParameters });
            const { ApiDestinationArn } = await events.createApiDestination({
                Name,
                ConnectionArn,
                InvocationEndpoint: address(more.path ?? "/hook"),
                HttpMethod: "POST",
                InvocationRateLimitPerSecond: more.rate,
            });
            return ApiDestinationArn ?? "";
        }

        const key = { ApiKeyAuthParameters: { ApiKeyName: "X-Key", ApiKeyValue: "key-secret" } };

        it("get the event with the connection's key, and what connection and target add to the call", async () => {
            const Arn = await destination(
                "keyed",
                "API_KEY",
                {
                    ...key,
                    InvocationHttpParameters: {
                        HeaderParameters: [{ Key: "X-Team", Value: "mail" }],
                        QueryStringParameters: [{ Key: "v", Value: "2" }],
                        BodyParameters: [{ Key: "sender", Value: "twin", IsValueSecret: false }],
                    },
                },
                { path: "/orders/*/lines" },
            );
            await target({
                Arn,
                RoleArn,
                InputPath: "$.detail",
                HttpParameters: {
                    PathParameterValues: ["$.detail.id"],
                    HeaderParameters: { "X-Order": "$.detail.customer.name" },
                    QueryStringParameters: { dry: "yes" },
                },
            });
            await put();
            await until(() => asked.length === 1);
            const [call] = asked;
            assert.equal(call?.method, "POST");
            assert.equal(call?.url, "/orders/7/lines?v=2&dry=yes");
            assert.deepEqual(JSON.parse(call?.body ?? ""), { id: 7, customer: { name: "Ada" }, sender: "twin" });
            const { "x-key": xKey, "x-team": team, "x-order": order, "content-type": type } = call?.headers ?? {};
            assert.deepEqual(
                [xKey, team, order, type],
                ["key-secret", "mail", "Ada", "application/json; charset=utf-8"],
            );
        });

        it("get in with a name and a password, or with a token that is fetched once and again when it has run out", async () => {
            const Basic = { BasicAuthParameters: { Username: "twin", Password: "basic-secret" } };
            await target({ Arn: await destination("basic", "BASIC", Basic), RoleArn });
            await put();
            await until(() => asked.length === 1);
            assert.equal(
                asked[0]?.headers.authorization,
                `Basic ${Buffer.from("twin:basic-secret").toString("base64")}`,
            );

            asked = [];
            let valid = 1;
            answer = ({ url, headers }) => {
                if (url === "/token") return { status: 200, body: JSON.stringify({ access_token: `token-${valid}` }) };
                return { status: headers.authorization === `Bearer token-${valid}` ? 200 : 401 };
            };
            const OAuthParameters = {
                ClientParameters: { ClientID: "client", ClientSecret: "oauth-secret" },
                AuthorizationEndpoint: address("/token"),
                HttpMethod: "POST" as const,
                OAuthHttpParameters: { BodyParameters: [{ Key: "grant_type", Value: "client_credentials" }] },
            };
            const Arn = await destination("oauth", "OAUTH_CLIENT_CREDENTIALS", { OAuthParameters });
            await target({ Arn, RoleArn });
            await put();
            await until(() => asked.length === 2);
            await put();
            await until(() => asked.length === 3);
            assert.deepEqual(
                asked.map(({ url }) => url),
                ["/token", "/hook", "/hook"],
            );
            const form = new URLSearchParams(asked[0]?.body);
            assert.deepEqual(Object.fromEntries(form), {
                client_id: "client",
                client_secret: "oauth-secret",
                grant_type: "client_credentials",
            });
            valid = 2;
            await put();
            await until(() => asked.length === 4);
            await settled();
            assert.equal(asked.at(-1)?.headers.authorization, "Bearer token-2");
        });

        it("are asked again after failures that may pass, until the retry policy ends it", async () => {
            const dead = await queue("dead-calls");
            const Arn = await destination("failing", "API_KEY", key);
            answer = () => ({ status: asked.length === 1 ? 503 : 500 });
            await target({
                Arn,
                RoleArn,
                RetryPolicy: { MaximumRetryAttempts: 2 },
                DeadLetterConfig: { Arn: queueArn("dead-calls") },
            });
            await put();
            await settled();
            assert.equal(asked.length, 3);
            const { MessageAttributes } = await message(dead);
            assert.equal(MessageAttributes?.EXHAUSTED_RETRY_CONDITION?.StringValue, "MaximumRetryAttempts");
            assert.equal(MessageAttributes?.RETRY_ATTEMPTS?.StringValue, "2");
            assert.equal(MessageAttributes?.ERROR_MESSAGE?.StringValue, "Request failed with status code 500.");
        });

        it("are not asked again when they refuse, nor after the event is too old", async () => {
            const dead = await queue("dead-refused");
            const Arn = await destination("refusing", "API_KEY", key);
            const DeadLetterConfig = { Arn: queueArn("dead-refused") };
            answer = () => ({ status: 400 });
            await target({ Arn, RoleArn, DeadLetterConfig });
            await put();
            assert.equal((await message(dead)).MessageAttributes?.RETRY_ATTEMPTS?.StringValue, "0");
            answer = () => ({ status: 429, headers: { "retry-after": "61" } });
            await target({ Arn, RoleArn, DeadLetterConfig, RetryPolicy: { MaximumEventAgeInSeconds: 60 } });
            await put();
            const { MessageAttributes } = await message(dead);
            assert.equal(MessageAttributes?.EXHAUSTED_RETRY_CONDITION?.StringValue, "MaximumEventAgeInSeconds");
        });

        it("get no more calls a second than the destination takes", async () => {
            const Arn = await destination("slow", "API_KEY", key, { rate: 1 });
            await target({ Arn, RoleArn });
            for (let count = 0; count < 3; count++) await put();
            await until(() => asked.length === 1);
            for (let seconds = 1; seconds <= 2; seconds++) {
                twin.twin.clock.advance(1000);
                await until(() => asked.length === 1 + seconds);
            }
            await until(() => twin.twin.services.events.idle());
            assert.equal(asked.length, 3);
        });

        it("that do not answer keep no event from another target", async () => {
            const held = await destination("held", "API_KEY", key, { path: "/held" });
            const quick = await destination("quick", "API_KEY", key, { path: "/quick" });
            let release = () => {};
            const released = new Promise<void>((resolve) => {
                release = resolve;
            });
            answer = async ({ url }) => {
                if (url === "/held") await released;
                return { status: 200 };
            };
            const one = { Source: "shop", DetailType: "order", Detail: "{}" };
            await target({ Arn: held, RoleArn });
            for (let count = 0; count < 10; count++) await events.putEvents({ Entries: Array(10).fill(one) });
            await until(() => asked.length > 0);
            await target({ Arn: quick, RoleArn });
            await put();
            await until(() => asked.some(({ url }) => url === "/quick"));
            release();
            await until(() => twin.twin.services.events.idle());
            assert.equal(asked.length, 101);
        });

        it("get no event that became too old while it waited for its turn: the dead-letter queue does", async () => {
            const dead = await queue("dead-throttled");
            const Arn = await destination("crowded", "API_KEY", key, { rate: 1 });
            await target({
                Arn,
                RoleArn,
                RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
                DeadLetterConfig: { Arn: queueArn("dead-throttled") },
            });
            const one = { Source: "shop", DetailType: "order", Detail: "{}" };
            for (let count = 0; count < 10; count++) await events.putEvents({ Entries: Array(10).fill(one) });
            await until(() => asked.length > 0);
            twin.twin.clock.advance(61_000);
            await until(() => twin.twin.services.events.idle());
            const { Attributes } = await sqs.getQueueAttributes({
                QueueUrl: dead,
                AttributeNames: ["ApproximateNumberOfMessages"],
            });
            assert.equal(Number(Attributes?.ApproximateNumberOfMessages), 100 - asked.length);
            const { MessageAttributes } = await message(dead);
            assert.equal(MessageAttributes?.ERROR_CODE?.StringValue, "THROTTLING");
            assert.equal(MessageAttributes?.EXHAUSTED_RETRY_CONDITION?.StringValue, "MaximumEventAgeInSeconds");
        });

        it("keep their secrets out of the store, the answers and the twin's reports", async () => {
            await destination("secret", "BASIC", { BasicAuthParameters: { Username: "u", Password: "very-secret" } });
            const described = await events.describeConnection({ Name: "secret" });
            assert.deepEqual(described.AuthParameters, { BasicAuthParameters: { Username: "u" } });
            for (const file of ["store.sqlite", "store.sqlite-wal"]) {
                assert.ok(
                    !readFileSync(join(twin.home, file)).includes("very-secret"),
                    `${file} has the password in clear`,
                );
            }
        });

        it("are asked after a restart for what was accepted before", async () => {
            const Arn = await destination("restarted", "API_KEY", key);
            answer = () => ({ status: 503, headers: { "retry-after": "1" } });
            await target({ Arn, RoleArn });
            await put();
            await until(() => asked.length >= 1);
            for (const client of [events, sqs]) client.destroy();
            twin = await twin.restart();
            events = new EventBridge(twin.client);
            sqs = new SQS(twin.client);
            answer = () => ({ status: 200 });
            await settled();
            assert.equal(JSON.parse(asked.at(-1)?.body ?? "").detail.id, 7);
        });

        it("must be https addresses, or on this machine", async () => {
            const { ConnectionArn } = await events.createConnection({
                Name: "https",
                AuthorizationType: "API_KEY",
                AuthParameters: key,
            });
            const create = (InvocationEndpoint: string) =>
                events.createApiDestination({ Name: "https", ConnectionArn, InvocationEndpoint, HttpMethod: "POST" });
            await assert.rejects(create("http://example.com/"), { message: /must be an https address/ });
            await assert.rejects(create("ftp://127.0.0.1/"), { message: /must be an https address/ });
            assert.equal((await create("https://example.com/*")).ApiDestinationState, "ACTIVE");
            await events.deauthorizeConnection({ Name: "https" });
            assert.equal((await events.describeApiDestination({ Name: "https" })).ApiDestinationState, "INACTIVE");
        });
    });
});
