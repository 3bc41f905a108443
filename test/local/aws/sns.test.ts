import assert from "node:assert/strict";
import {
    CreateTopicCommand,
    DeleteTopicCommand,
    GetSubscriptionAttributesCommand,
    GetTopicAttributesCommand,
    ListSubscriptionsByTopicCommand,
    ListTagsForResourceCommand,
    ListTopicsCommand,
    type MessageAttributeValue,
    PublishBatchCommand,
    PublishCommand,
    type PublishCommandInput,
    SetSubscriptionAttributesCommand,
    SetTopicAttributesCommand,
    SNSClient,
    SubscribeCommand,
    TagResourceCommand,
    UnsubscribeCommand,
    UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { InvocationSource } from "../../../local/aws/lambda";
import { account, region } from "../../../local/aws/service";
import { createSns, type Sns } from "../../../local/aws/sns";
import { createSqs, type Sqs } from "../../../local/aws/sqs";
import { type ServiceUnderTest, startService } from "./service-under-test";

const topicArn = (name: string) => `arn:aws:sns:${region}:${account}:${name}`;
const queueArn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;
const functionArn = `arn:aws:lambda:${region}:${account}:function:consumer`;

/** SNS and SQS behind one port, as on the twin; what SNS has Lambda do is noted. */
function createBoth(invocations: { payload: string; source: InvocationSource }[]) {
    return (context: Parameters<typeof createSns>[0]) => {
        const sqs = createSqs(context);
        const sns = createSns(context);
        const lambda = {
            enqueue: (_arn: string, payload: string, source: InvocationSource) => invocations.push({ payload, source }),
        };
        Object.assign(context.services(), { sqs, sns, lambda });
        return Object.assign(sns, { sqs });
    };
}

describe("SNS of the twin", () => {
    let twin: ServiceUnderTest<Sns & { readonly sqs: Sqs }>;
    let client: SNSClient;
    let queues: SQSClient;
    let invocations: { payload: string; source: InvocationSource }[];

    function connect(): void {
        client = new SNSClient(twin.client);
        queues = new SQSClient(twin.client);
    }

    beforeEach(async () => {
        invocations = [];
        twin = await startService(createBoth(invocations));
        connect();
    });

    afterEach(async () => {
        client.destroy();
        queues.destroy();
        await twin.service.sqs.close?.();
        await twin.stop();
    });

    const topic = async (Name: string) => String((await client.send(new CreateTopicCommand({ Name }))).TopicArn);
    const publish = (TopicArn: string, Message: string, more: PublishCommandInput = { Message }) =>
        client.send(new PublishCommand({ TopicArn, ...more, Message }));

    /** A queue that lets the topic send, and its subscription. */
    async function subscribedQueue(name: string, TopicArn: string, Attributes?: Record<string, string>) {
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: {
                Effect: "Allow",
                Principal: { Service: "sns.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: queueArn(name),
                Condition: { ArnEquals: { "aws:SourceArn": TopicArn } },
            },
        });
        await queues.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
        const { SubscriptionArn } = await client.send(
            new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queueArn(name), Attributes }),
        );
        return String(SubscriptionArn);
    }

    async function received(QueueName: string) {
        const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName }));
        const { Messages } = await queues.send(
            new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
        );
        return Messages ?? [];
    }

    it("delivers a notification to a queue, over a restart too", async () => {
        const alarms = await topic("alarms");
        const subscription = await subscribedQueue("inbox", alarms);
        const { MessageId } = await publish(alarms, "text & <more>", {
            Subject: "A subject",
            MessageAttributes: {
                level: { DataType: "String", StringValue: "high" },
                bytes: { DataType: "Binary", BinaryValue: Buffer.from([2, 3, 4]) },
            },
            Message: "",
        });
        await twin.service.sqs.close?.();
        twin = (await twin.restart()) as typeof twin;
        connect();
        const [message, ...more] = await received("inbox");
        assert.equal(more.length, 0);
        const { Timestamp, Signature, SigningCertURL, UnsubscribeURL, ...body } = JSON.parse(message?.Body ?? "");
        assert.deepEqual(body, {
            Type: "Notification",
            MessageId,
            TopicArn: alarms,
            Subject: "A subject",
            Message: "text & <more>",
            SignatureVersion: "1",
            MessageAttributes: {
                level: { Type: "String", Value: "high" },
                bytes: { Type: "Binary", Value: "AgME" },
            },
        });
        assert.equal(new Date(Timestamp).toISOString(), Timestamp);
        assert.match(SigningCertURL, /^http:\/\/127\.0\.0\.1:\d+\/SimpleNotificationService-/);
        assert.ok(UnsubscribeURL.endsWith(`/?Action=Unsubscribe&SubscriptionArn=${subscription}`));
        assert.equal(Buffer.from(Signature, "base64").toString(), "The local twin does not sign.");
    });

    it("delivers what was published as it is, with its attributes, where the delivery is raw", async () => {
        const arn = await topic("raw");
        await subscribedQueue("raw", arn, { RawMessageDelivery: "true" });
        await publish(arn, "plain", {
            MessageAttributes: { store: { DataType: "Binary", BinaryValue: Buffer.from([2, 3, 4]) } },
            Message: "",
        });
        const [message] = await received("raw");
        assert.equal(message?.Body, "plain");
        assert.deepEqual(Buffer.from(message?.MessageAttributes?.store?.BinaryValue ?? []), Buffer.from([2, 3, 4]));
    });

    it("invokes a function with the event that AWS sends", async () => {
        const arn = await topic("calls");
        const { SubscriptionArn } = await client.send(
            new SubscribeCommand({ TopicArn: arn, Protocol: "lambda", Endpoint: functionArn }),
        );
        const { MessageId } = await publish(arn, "hello");
        assert.deepEqual(
            invocations.map(({ source }) => source),
            [{ service: "sns.amazonaws.com", sourceArn: arn }],
        );
        const [record] = JSON.parse(invocations[0]?.payload ?? "").Records;
        const { Timestamp, Signature, SigningCertUrl, UnsubscribeUrl, ...sns } = record.Sns;
        assert.deepEqual(
            { ...record, Sns: sns },
            {
                EventSource: "aws:sns",
                EventVersion: "1.0",
                EventSubscriptionArn: SubscriptionArn,
                Sns: {
                    Type: "Notification",
                    MessageId,
                    TopicArn: arn,
                    Subject: null,
                    Message: "hello",
                    SignatureVersion: "1",
                    MessageAttributes: {},
                },
            },
        );
        for (const text of [Timestamp, Signature, SigningCertUrl, UnsubscribeUrl]) assert.equal(typeof text, "string");
    });

    it("gives each protocol its text of a structured message", async () => {
        const arn = await topic("structured");
        await subscribedQueue("structured", arn, { RawMessageDelivery: "true" });
        await publish(arn, JSON.stringify({ default: "for all", sqs: "for queues" }), {
            MessageStructure: "json",
            Message: "",
        });
        assert.equal((await received("structured"))[0]?.Body, "for queues");
    });

    it("publishes a batch, and says of each message what became of it", async () => {
        const arn = await topic("batch");
        await subscribedQueue("batch", arn, { RawMessageDelivery: "true" });
        const result = await client.send(
            new PublishBatchCommand({
                TopicArn: arn,
                PublishBatchRequestEntries: ["a", "b", "c"].map((Id) => ({ Id, Message: `text ${Id}` })),
            }),
        );
        assert.deepEqual(result.Failed ?? [], []);
        assert.deepEqual(
            result.Successful?.map(({ Id }) => Id),
            ["a", "b", "c"],
        );
        assert.deepEqual((await received("batch")).map(({ Body }) => Body).sort(), ["text a", "text b", "text c"]);
    });

    it("drops what a queue does not take, delivers to the others, and says so without the text", async () => {
        const arn = await topic("partly");
        await subscribedQueue("open", arn);
        await queues.send(new CreateQueueCommand({ QueueName: "closed" }));
        for (const name of ["closed", "gone"]) {
            await client.send(new SubscribeCommand({ TopicArn: arn, Protocol: "sqs", Endpoint: queueArn(name) }));
        }
        await publish(arn, "confidential");
        assert.equal((await received("open")).length, 1);
        assert.equal((await received("closed")).length, 0);
        const said = twin.reports.map(({ message }) => message);
        assert.equal(said.length, 2);
        assert.ok(said.some((text) => text.includes("queue closed does not let it")));
        assert.ok(said.some((text) => text.includes("queue does not exist")));
        assert.ok(said.every((text) => !text.includes("confidential")));
    });

    it("keeps topics with attributes and tags, and makes the same one once", async () => {
        const arn = await topic("kept");
        assert.equal(await topic("kept"), arn);
        await client.send(
            new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "DisplayName", AttributeValue: "Kept" }),
        );
        await client.send(
            new TagResourceCommand({
                ResourceArn: arn,
                Tags: [
                    { Key: "k1", Value: "v1" },
                    { Key: "k2", Value: "v2" },
                ],
            }),
        );
        await client.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ["k1"] }));
        const { Attributes = {} } = await client.send(new GetTopicAttributesCommand({ TopicArn: arn }));
        assert.equal(Attributes.DisplayName, "Kept");
        assert.equal(Attributes.Owner, account);
        assert.equal(JSON.parse(Attributes.Policy ?? "").Id, "__default_policy_ID");
        const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
        assert.deepEqual(Tags, [{ Key: "k2", Value: "v2" }]);
        await assert.rejects(
            client.send(new CreateTopicCommand({ Name: "kept", Attributes: { DisplayName: "Other" } })),
            { message: "Invalid parameter: Attributes Reason: Topic already exists with different attributes" },
        );
        await client.send(new DeleteTopicCommand({ TopicArn: arn }));
        await client.send(new DeleteTopicCommand({ TopicArn: arn }));
        await assert.rejects(client.send(new GetTopicAttributesCommand({ TopicArn: arn })), {
            name: "NotFoundException",
            message: "Topic does not exist",
        });
    });

    it("lists topics and subscriptions by pages", async () => {
        for (let at = 0; at < 101; at++) await topic(`topic-${String(at).padStart(3, "0")}`);
        const first = await client.send(new ListTopicsCommand({}));
        assert.equal(first.Topics?.length, 100);
        const second = await client.send(new ListTopicsCommand({ NextToken: first.NextToken }));
        assert.deepEqual(second.Topics, [{ TopicArn: topicArn("topic-100") }]);
        assert.equal(second.NextToken, undefined);
    });

    it("subscribes an endpoint once, shows the subscription and ends it", async () => {
        const arn = await topic("once");
        const subscription = await subscribedQueue("once", arn);
        assert.equal(await subscribedQueue("once", arn), subscription);
        await client.send(
            new SetSubscriptionAttributesCommand({
                SubscriptionArn: subscription,
                AttributeName: "RawMessageDelivery",
                AttributeValue: "true",
            }),
        );
        const shown = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription }));
        assert.deepEqual(shown.Attributes, {
            ConfirmationWasAuthenticated: "true",
            Endpoint: queueArn("once"),
            Owner: account,
            PendingConfirmation: "false",
            Protocol: "sqs",
            RawMessageDelivery: "true",
            SubscriptionArn: subscription,
            SubscriptionPrincipal: `arn:aws:iam::${account}:root`,
            TopicArn: arn,
        });
        await client.send(new UnsubscribeCommand({ SubscriptionArn: subscription }));
        await client.send(new UnsubscribeCommand({ SubscriptionArn: subscription }));
        const { Subscriptions } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: arn }));
        assert.deepEqual(Subscriptions ?? [], []);
        await publish(arn, "for nobody");
        assert.equal((await received("once")).length, 0);
    });

    it("lets only those publish whom IAM or the topic's policy lets", async () => {
        const arn = await topic("guarded");
        const allowed = new SNSClient(
            await twin.clientOf("publisher", { Effect: "Allow", Action: "sns:Publish", Resource: arn }),
        );
        const denied = new SNSClient(await twin.clientOf("other"));
        const message = { TopicArn: arn, Message: "m" };
        await allowed.send(new PublishCommand(message));
        await assert.rejects(denied.send(new PublishCommand(message)), {
            name: "AuthorizationErrorException",
            message: `User: arn:aws:sts::${account}:assumed-role/other/session is not authorized to perform: SNS:Publish on resource: ${arn} because no identity-based policy allows the SNS:Publish action`,
        });
        const Policy = {
            Version: "2012-10-17",
            Statement: {
                Effect: "Allow",
                Principal: { AWS: `arn:aws:iam::${account}:role/other` },
                Action: "sns:Publish",
                Resource: arn,
            },
        };
        await client.send(
            new SetTopicAttributesCommand({
                TopicArn: arn,
                AttributeName: "Policy",
                AttributeValue: JSON.stringify(Policy),
            }),
        );
        await denied.send(new PublishCommand(message));
        allowed.destroy();
        denied.destroy();
    });

    it("publishes for a service whose resource the topic's policy lets, in the transaction of its reason", async () => {
        const arn = await topic("events");
        await subscribedQueue("events", arn, { RawMessageDelivery: "true" });
        const rule = { service: "events.amazonaws.com", sourceArn: `arn:aws:events:${region}:${account}:rule/r` };
        const alarm = {
            service: "cloudwatch.amazonaws.com",
            sourceArn: `arn:aws:cloudwatch:${region}:${account}:alarm:a`,
        };
        assert.throws(() => twin.service.enqueue(arn, { Message: "rule" }, rule), { code: "AuthorizationError" });
        twin.service.enqueue(arn, { Message: "alarm" }, alarm);
        assert.throws(() =>
            twin.store.transaction(() => {
                twin.service.enqueue(arn, { Message: "undone" }, alarm);
                throw new Error("the reason was not kept");
            }),
        );
        assert.deepEqual(
            (await received("events")).map(({ Body }) => Body),
            ["alarm"],
        );
    });

    describe("refuses, in AWS's words,", () => {
        const attribute = (value: MessageAttributeValue) => ({ MessageAttributes: { attr1: value }, Message: "" });
        const cases: readonly [string, string, PublishCommandInput | undefined, { name: string; message: string }][] = [
            [
                "an empty message",
                "",
                undefined,
                { name: "InvalidParameterException", message: "Invalid parameter: Empty message" },
            ],
            [
                "a long message",
                "x".repeat(262_145),
                undefined,
                { name: "InvalidParameterException", message: "Invalid parameter: Message too long" },
            ],
            [
                "an empty subject",
                "m",
                { Subject: "", Message: "" },
                { name: "InvalidParameterException", message: "Invalid parameter: Subject" },
            ],
            [
                "a structured message without default",
                '{"sqs":"m"}',
                { MessageStructure: "json", Message: "" },
                {
                    name: "InvalidParameterException",
                    message: "Invalid parameter: Message Structure - No default entry in JSON message body",
                },
            ],
            [
                "an attribute without value",
                "m",
                attribute({ DataType: "String", StringValue: "" }),
                {
                    name: "InvalidParameterValueException",
                    message:
                        "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
                },
            ],
            [
                "an attribute with the value of another type",
                "m",
                attribute({ DataType: "String", BinaryValue: Buffer.from("x") }),
                {
                    name: "InvalidParameterValueException",
                    message: "The message attribute 'attr1' with type 'String' must use field 'StringValue'.",
                },
            ],
        ];
        for (const [what, message, more, expected] of cases) {
            it(what, async () => {
                await assert.rejects(publish(await topic("strict"), message, more), expected);
            });
        }

        it("malformed ARNs, missing topics and other protocols", async () => {
            await assert.rejects(publish("randomstring", "m"), {
                message: "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
            });
            await assert.rejects(publish(topicArn("nowhere"), "m"), { message: "Topic does not exist" });
            const TopicArn = await topic("strict");
            const subscribe = (Protocol: string, Endpoint: string, Attributes?: Record<string, string>) =>
                client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
            await assert.rejects(subscribe("pigeon", "x"), {
                message: "Invalid parameter: Amazon SNS does not support this protocol string: pigeon",
            });
            await assert.rejects(subscribe("email", "a@example.com"), { name: "NotImplemented" });
            await assert.rejects(subscribe("sqs", "http://127.0.0.1/000000000000/q"), {
                message: "Invalid parameter: SQS endpoint ARN",
            });
            await assert.rejects(subscribe("sqs", queueArn("q"), { RawMessageDelivery: "perhaps" }), {
                message:
                    "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [perhaps]. Must be true or false.",
            });
            await assert.rejects(subscribe("sqs", queueArn("q"), { FilterPolicy: "{}" }), {
                name: "NotImplemented",
                message: "The local twin does not implement SNS subscriptions with FilterPolicy.",
            });
        });

        it("batches that are not valid", async () => {
            const TopicArn = await topic("strict");
            const batch = (...ids: string[]) =>
                client.send(
                    new PublishBatchCommand({
                        TopicArn,
                        PublishBatchRequestEntries: ids.map((Id) => ({ Id, Message: "m" })),
                    }),
                );
            await assert.rejects(batch("1", "1"), { name: "BatchEntryIdsNotDistinctException" });
            await assert.rejects(batch(...Array.from({ length: 11 }, (_, id) => String(id))), {
                name: "TooManyEntriesInBatchRequestException",
                message: "The batch request contains more entries than permissible.",
            });
            await assert.rejects(batch("message.id"), {
                message: "The Id of a batch entry in the batch request contains an impermissible character: message.id",
            });
        });
    });
});
