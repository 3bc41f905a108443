import assert from "node:assert/strict";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { S3 } from "@aws-sdk/client-s3";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { startTwinUnderTest, type TwinUnderTest } from "./twin-under-test";

const here = "eu-central-1:000000000000";
const Bucket = "mail";

describe("Who the twin's S3 notifies besides functions", function () {
    this.timeout(30_000);
    let twin: TwinUnderTest;
    let s3: S3;
    let sqs: SQS;
    let sns: SNS;
    let events: EventBridge;

    before(async () => {
        twin = await startTwinUnderTest();
        s3 = new S3(twin.client);
        sqs = new SQS(twin.client);
        sns = new SNS(twin.client);
        events = new EventBridge(twin.client);
        await s3.createBucket({ Bucket });
    });

    after(async () => {
        for (const client of [s3, sqs, sns, events]) client.destroy();
        await twin.close();
    });

    const policy = (Service: string, Action: string, Resource: string) =>
        JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service }, Action, Resource }],
        });

    async function queue(QueueName: string, from?: string): Promise<string> {
        const Policy = from && policy(from, "sqs:SendMessage", `arn:aws:sqs:${here}:${QueueName}`);
        const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes: Policy ? { Policy } : {} });
        return QueueUrl ?? "";
    }

    async function next(QueueUrl: string): Promise<Record<string, unknown>> {
        const { Messages } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 10 });
        const [message] = Messages ?? [];
        assert.ok(message !== undefined, "a message arrives");
        await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });
        return JSON.parse(message.Body ?? "") as Record<string, unknown>;
    }

    const record = (message: Record<string, unknown>) => (message.Records as Record<string, unknown>[])[0] ?? {};

    it("are queues and topics, which are told once when the notification is put", async () => {
        const direct = await queue("direct", "s3.amazonaws.com");
        const viaTopic = await queue("via-topic", "sns.amazonaws.com");
        const { TopicArn = "" } = await sns.createTopic({ Name: "mail" });
        const AttributeValue = policy("s3.amazonaws.com", "sns:Publish", TopicArn);
        await sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue });
        const Endpoint = `arn:aws:sqs:${here}:via-topic`;
        await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint, Attributes: { RawMessageDelivery: "true" } });
        await s3.putBucketNotificationConfiguration({
            Bucket,
            NotificationConfiguration: {
                QueueConfigurations: [{ QueueArn: `arn:aws:sqs:${here}:direct`, Events: ["s3:ObjectCreated:*"] }],
                TopicConfigurations: [{ TopicArn, Events: ["s3:ObjectRemoved:*"] }],
            },
        });
        for (const url of [direct, viaTopic]) assert.equal((await next(url)).Event, "s3:TestEvent");
        await s3.putObject({ Bucket, Key: "a b", Body: "text" });
        const created = record(await next(direct));
        assert.equal(created.eventName, "ObjectCreated:Put");
        assert.equal((created.s3 as { object: { key: string } }).object.key, "a+b");
        await s3.deleteObject({ Bucket, Key: "a b" });
        assert.equal(record(await next(viaTopic)).eventName, "ObjectRemoved:Delete");
    });

    it("are not those whose policy does not let S3 in", async () => {
        await queue("closed");
        const QueueConfigurations = [
            { QueueArn: `arn:aws:sqs:${here}:closed`, Events: ["s3:ObjectCreated:*" as const] },
        ];
        await assert.rejects(
            s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: { QueueConfigurations } }),
            { name: "InvalidArgument", message: /Unable to validate the following destination configurations/ },
        );
    });

    it("is EventBridge, of every event, with versions", async () => {
        const url = await queue("bridged", "events.amazonaws.com");
        await events.putRule({
            Name: "s3",
            EventPattern: JSON.stringify({ source: ["aws.s3"], detail: { bucket: { name: [Bucket] } } }),
        });
        await events.putTargets({ Rule: "s3", Targets: [{ Id: "1", Arn: `arn:aws:sqs:${here}:bridged` }] });
        await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
        await s3.putBucketNotificationConfiguration({
            Bucket,
            NotificationConfiguration: { EventBridgeConfiguration: {} },
        });
        const stored = await s3.getBucketNotificationConfiguration({ Bucket });
        assert.deepEqual(stored.EventBridgeConfiguration, {});
        const { VersionId } = await s3.putObject({ Bucket, Key: "a b", Body: "text" });
        const created = await next(url);
        assert.equal(created["detail-type"], "Object Created");
        assert.deepEqual(created.resources, [`arn:aws:s3:::${Bucket}`]);
        const { object, reason } = created.detail as { object: Record<string, unknown>; reason: string };
        assert.equal(reason, "PutObject");
        assert.deepEqual(
            { ...object, sequencer: undefined },
            {
                key: "a b",
                size: 4,
                etag: "1cb251ec0d568de6a929b520c4aed8d1",
                "version-id": VersionId,
                sequencer: undefined,
            },
        );
        await s3.deleteObject({ Bucket, Key: "a b" });
        const deleted = await next(url);
        assert.equal(deleted["detail-type"], "Object Deleted");
        assert.equal((deleted.detail as Record<string, unknown>)["deletion-type"], "Delete Marker Created");
    });
});
