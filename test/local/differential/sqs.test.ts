import { type ReceiveMessageCommandOutput, SQS } from "@aws-sdk/client-sqs";
import { compareScenarios, type Scenario } from "./both";
import { sqsDifferences } from "./sqs-differences";
import type { Recorder } from "./transcript";

type Clients = { readonly sqs: SQS };

async function queue(sqs: SQS, QueueName: string, Attributes?: Record<string, string>): Promise<string> {
    return (await sqs.createQueue({ QueueName, Attributes })).QueueUrl ?? "";
}

const arn = async (sqs: SQS, QueueUrl: string) =>
    (await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["QueueArn"] })).Attributes?.QueueArn ?? "";

/** Receives until there is something; only then notes the answer. */
async function received(
    { call }: Recorder,
    name: string,
    receive: () => Promise<ReceiveMessageCommandOutput>,
): Promise<Partial<ReceiveMessageCommandOutput>> {
    for (;;) {
        const answer = await receive();
        if ((answer.Messages?.length ?? 0) > 0) return call(name, Promise.resolve(answer));
    }
}

const scenarios: Scenario<Clients>[] = [
    {
        name: "queues",
        async run({ sqs }, { call }) {
            const { QueueUrl } = await call("create", sqs.createQueue({ QueueName: "queues" }));
            await call("create again", sqs.createQueue({ QueueName: "queues" }));
            await call(
                "create with other attributes",
                sqs.createQueue({ QueueName: "queues", Attributes: { DelaySeconds: "5" } }),
            );
            await call("create with a bad name", sqs.createQueue({ QueueName: "a b" }));
            await call("create with a long name", sqs.createQueue({ QueueName: "q".repeat(81) }));
            await call(
                "create with a bad attribute",
                sqs.createQueue({ QueueName: "bad", Attributes: { Colour: "red" } as Record<string, string> }),
            );
            await call(
                "create with a bad value",
                sqs.createQueue({ QueueName: "bad", Attributes: { VisibilityTimeout: "43201" } }),
            );
            await call(
                "create FIFO without the suffix",
                sqs.createQueue({ QueueName: "fifo", Attributes: { FifoQueue: "true" } }),
            );
            await call("create the suffix without FIFO", sqs.createQueue({ QueueName: "plain.fifo" }));
            await call("url", sqs.getQueueUrl({ QueueName: "queues" }));
            await call("url of none", sqs.getQueueUrl({ QueueName: "none" }));
            await call("attributes", sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] }));
            await call("one attribute", sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["DelaySeconds"] }));
            await call("no attributes", sqs.getQueueAttributes({ QueueUrl }));
            await call("a bad attribute", sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["Colour" as never] }));
            await call(
                "set attributes",
                sqs.setQueueAttributes({
                    QueueUrl,
                    Attributes: { VisibilityTimeout: "7", DelaySeconds: "0", ReceiveMessageWaitTimeSeconds: "1" },
                }),
            );
            await call(
                "attributes that were set",
                sqs.getQueueAttributes({
                    QueueUrl,
                    AttributeNames: ["VisibilityTimeout", "ReceiveMessageWaitTimeSeconds"],
                }),
            );
            await call(
                "set a bad value",
                sqs.setQueueAttributes({ QueueUrl, Attributes: { MessageRetentionPeriod: "59" } }),
            );
            await call("tag", sqs.tagQueue({ QueueUrl, Tags: { team: "mail", stage: "test" } }));
            await call("untag", sqs.untagQueue({ QueueUrl, TagKeys: ["stage"] }));
            await call("tags", sqs.listQueueTags({ QueueUrl }));
            await call("list", sqs.listQueues({ QueueNamePrefix: "queues" }));
            await call("list none", sqs.listQueues({ QueueNamePrefix: "nothing" }));
            await call("delete", sqs.deleteQueue({ QueueUrl }));
            await call("send to what was deleted", sqs.sendMessage({ QueueUrl, MessageBody: "text" }));
            await call("attributes of what was deleted", sqs.getQueueAttributes({ QueueUrl }));
        },
    },
    {
        name: "messages",
        async run({ sqs }, recorder) {
            const { call } = recorder;
            const QueueUrl = await queue(sqs, "messages", { VisibilityTimeout: "30" });
            await call("receive nothing", sqs.receiveMessage({ QueueUrl }));
            await call("send", sqs.sendMessage({ QueueUrl, MessageBody: "text" }));
            await call(
                "counts",
                sqs.getQueueAttributes({
                    QueueUrl,
                    AttributeNames: [
                        "ApproximateNumberOfMessages",
                        "ApproximateNumberOfMessagesNotVisible",
                        "ApproximateNumberOfMessagesDelayed",
                    ],
                }),
            );
            const { Messages } = await received(recorder, "receive", () =>
                sqs.receiveMessage({ QueueUrl, MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] }),
            );
            const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
            await call(
                "counts in flight",
                sqs.getQueueAttributes({
                    QueueUrl,
                    AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
                }),
            );
            await call("receive what is hidden", sqs.receiveMessage({ QueueUrl }));
            await call("show", sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
            const again = await received(recorder, "receive again", () =>
                sqs.receiveMessage({ QueueUrl, MessageSystemAttributeNames: ["ApproximateReceiveCount"] }),
            );
            await call(
                "hide for too long",
                sqs.changeMessageVisibility({
                    QueueUrl,
                    ReceiptHandle: again.Messages?.[0]?.ReceiptHandle,
                    VisibilityTimeout: 43_201,
                }),
            );
            await call("delete", sqs.deleteMessage({ QueueUrl, ReceiptHandle: again.Messages?.[0]?.ReceiptHandle }));
            await call(
                "delete again",
                sqs.deleteMessage({ QueueUrl, ReceiptHandle: again.Messages?.[0]?.ReceiptHandle }),
            );
            await call(
                "show what was deleted",
                sqs.changeMessageVisibility({
                    QueueUrl,
                    ReceiptHandle: again.Messages?.[0]?.ReceiptHandle,
                    VisibilityTimeout: 0,
                }),
            );
            await call("delete by a bad receipt", sqs.deleteMessage({ QueueUrl, ReceiptHandle: "bad" }));
            await call("send nothing", sqs.sendMessage({ QueueUrl, MessageBody: "" }));
            await call("send a bad character", sqs.sendMessage({ QueueUrl, MessageBody: "a\u0000b" }));
            await call("send too much", sqs.sendMessage({ QueueUrl, MessageBody: "x".repeat(1_048_577) }));
            await call("send too late", sqs.sendMessage({ QueueUrl, MessageBody: "text", DelaySeconds: 901 }));
            await call("send a group", sqs.sendMessage({ QueueUrl, MessageBody: "text", MessageGroupId: "tenant" }));
            await call(
                "send a deduplication",
                sqs.sendMessage({ QueueUrl, MessageBody: "text", MessageDeduplicationId: "1" }),
            );
            await call("receive eleven", sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 11 }));
            await call("wait too long", sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 21 }));
            await call("purge", sqs.purgeQueue({ QueueUrl }));
            await call("receive after the purge", sqs.receiveMessage({ QueueUrl }));
        },
    },
    {
        name: "attributes of messages",
        async run({ sqs }, recorder) {
            const { call } = recorder;
            const QueueUrl = await queue(sqs, "message-attributes");
            const MessageAttributes = {
                text: { DataType: "String", StringValue: "ü" },
                number: { DataType: "Number", StringValue: "1.5" },
                custom: { DataType: "Number.int", StringValue: "2" },
                bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 1, 255]) },
            };
            await call(
                "send",
                sqs.sendMessage({
                    QueueUrl,
                    MessageBody: "text",
                    MessageAttributes,
                    MessageSystemAttributes: {
                        AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" },
                    },
                }),
            );
            await received(recorder, "receive all", () =>
                sqs.receiveMessage({
                    QueueUrl,
                    MessageAttributeNames: ["All"],
                    MessageSystemAttributeNames: ["AWSTraceHeader"],
                    VisibilityTimeout: 0,
                }),
            );
            await received(recorder, "receive some", () =>
                sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ["t.*", "number"], VisibilityTimeout: 0 }),
            );
            await received(recorder, "receive none", () => sqs.receiveMessage({ QueueUrl, VisibilityTimeout: 0 }));
            const send = (attributes: typeof MessageAttributes | object) =>
                sqs.sendMessage({ QueueUrl, MessageBody: "text", MessageAttributes: { ...attributes } as never });
            await call("send an unknown type", send({ a: { DataType: "Date", StringValue: "1" } }));
            await call("send no value", send({ a: { DataType: "String" } }));
            await call("send an empty value", send({ a: { DataType: "String", StringValue: "" } }));
            await call("send a number that is none", send({ a: { DataType: "Number", StringValue: "one" } }));
            await call("send a bad name", send({ "a b": { DataType: "String", StringValue: "1" } }));
            await call("send AWS's own name", send({ "AWS.a": { DataType: "String", StringValue: "1" } }));
            await call(
                "send eleven",
                send(
                    Object.fromEntries(
                        Array.from({ length: 11 }, (_, index) => [
                            `a${index}`,
                            { DataType: "String", StringValue: "1" },
                        ]),
                    ),
                ),
            );
        },
    },
    {
        name: "batches",
        async run({ sqs }, recorder) {
            const { call } = recorder;
            const QueueUrl = await queue(sqs, "batches");
            await call(
                "send",
                sqs.sendMessageBatch({
                    QueueUrl,
                    Entries: [
                        { Id: "a", MessageBody: "1" },
                        { Id: "b", MessageBody: "2" },
                    ],
                }),
            );
            const entries = (...ids: string[]) => ids.map((Id) => ({ Id, MessageBody: "text" }));
            await call("send nothing", sqs.sendMessageBatch({ QueueUrl, Entries: [] }));
            await call("send eleven", sqs.sendMessageBatch({ QueueUrl, Entries: entries(..."abcdefghijk") }));
            await call("send one id twice", sqs.sendMessageBatch({ QueueUrl, Entries: entries("a", "a") }));
            await call("send a bad id", sqs.sendMessageBatch({ QueueUrl, Entries: entries("a b") }));
            await call(
                "send too much",
                sqs.sendMessageBatch({
                    QueueUrl,
                    Entries: ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(600_000) })),
                }),
            );
            await call(
                "send some that fail",
                sqs.sendMessageBatch({
                    QueueUrl,
                    Entries: [
                        { Id: "good", MessageBody: "3" },
                        { Id: "bad", MessageBody: "4", DelaySeconds: 901 },
                    ],
                }),
            );
            await sqs.purgeQueue({ QueueUrl });
            await sqs.sendMessageBatch({ QueueUrl, Entries: entries("a") });
            const { Messages } = await received(recorder, "receive", () =>
                sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }),
            );
            const receipts = (Messages ?? []).map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
            await call(
                "hide",
                sqs.changeMessageVisibilityBatch({
                    QueueUrl,
                    Entries: [
                        ...receipts.map((entry) => ({ ...entry, VisibilityTimeout: 60 })),
                        { Id: "bad", ReceiptHandle: "bad", VisibilityTimeout: 60 },
                    ],
                }),
            );
            await call(
                "delete",
                sqs.deleteMessageBatch({ QueueUrl, Entries: [...receipts, { Id: "bad", ReceiptHandle: "bad" }] }),
            );
            await call("delete nothing", sqs.deleteMessageBatch({ QueueUrl, Entries: [] }));
        },
    },
    {
        name: "FIFO",
        async run({ sqs }, recorder) {
            const { call } = recorder;
            const { QueueUrl } = await call(
                "create",
                sqs.createQueue({ QueueName: "orders.fifo", Attributes: { FifoQueue: "true" } }),
            );
            await call(
                "attributes",
                sqs.getQueueAttributes({
                    QueueUrl,
                    AttributeNames: [
                        "FifoQueue",
                        "ContentBasedDeduplication",
                        "DeduplicationScope",
                        "FifoThroughputLimit",
                    ],
                }),
            );
            await call(
                "send without a group",
                sqs.sendMessage({ QueueUrl, MessageBody: "1", MessageDeduplicationId: "1" }),
            );
            await call(
                "send without a deduplication",
                sqs.sendMessage({ QueueUrl, MessageBody: "1", MessageGroupId: "a" }),
            );
            await call(
                "send with a delay",
                sqs.sendMessage({
                    QueueUrl,
                    MessageBody: "1",
                    MessageGroupId: "a",
                    MessageDeduplicationId: "d",
                    DelaySeconds: 1,
                }),
            );
            for (const [MessageGroupId, MessageBody] of [
                ["a", "a1"],
                ["a", "a2"],
                ["b", "b1"],
            ] as const) {
                await call(
                    `send ${MessageBody}`,
                    sqs.sendMessage({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId: MessageBody }),
                );
            }
            await call(
                "send a1 again",
                sqs.sendMessage({ QueueUrl, MessageBody: "a1", MessageGroupId: "a", MessageDeduplicationId: "a1" }),
            );
            const first = await received(recorder, "receive one", () =>
                sqs.receiveMessage({
                    QueueUrl,
                    MessageSystemAttributeNames: ["MessageGroupId", "MessageDeduplicationId", "SequenceNumber"],
                }),
            );
            await received(recorder, "receive of the other group", () =>
                sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }),
            );
            await call("receive what is blocked", sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }));
            await call("delete", sqs.deleteMessage({ QueueUrl, ReceiptHandle: first.Messages?.[0]?.ReceiptHandle }));
            await received(recorder, "receive the next of the group", () =>
                sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }),
            );
            const content = await queue(sqs, "content.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
            await call(
                "send by content",
                sqs.sendMessage({ QueueUrl: content, MessageBody: "same", MessageGroupId: "a" }),
            );
            await call(
                "send the same content",
                sqs.sendMessage({ QueueUrl: content, MessageBody: "same", MessageGroupId: "a" }),
            );
            await received(recorder, "receive by content", () =>
                sqs.receiveMessage({
                    QueueUrl: content,
                    MaxNumberOfMessages: 10,
                    MessageSystemAttributeNames: ["MessageDeduplicationId"],
                }),
            );
            await call(
                "FIFO attribute of a standard queue",
                sqs.createQueue({ QueueName: "standard", Attributes: { ContentBasedDeduplication: "true" } }),
            );
        },
    },
    {
        name: "dead letters",
        async run({ sqs }, recorder) {
            const { call } = recorder;
            const dead = await queue(sqs, "dead");
            const deadArn = await arn(sqs, dead);
            const policy = (deadLetterTargetArn: string, maxReceiveCount: unknown = 1) => ({
                RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
            });
            const { QueueUrl } = await call(
                "create",
                sqs.createQueue({ QueueName: "source", Attributes: { VisibilityTimeout: "0", ...policy(deadArn) } }),
            );
            await call("policy", sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["RedrivePolicy"] }));
            await call("sources", sqs.listDeadLetterSourceQueues({ QueueUrl: dead }));
            await call("sources of none", sqs.listDeadLetterSourceQueues({ QueueUrl }));
            await call(
                "set none as target",
                sqs.setQueueAttributes({ QueueUrl, Attributes: policy(`${deadArn}-none`) }),
            );
            await call("set a bad policy", sqs.setQueueAttributes({ QueueUrl, Attributes: { RedrivePolicy: "{" } }));
            await call(
                "set a policy without count",
                sqs.setQueueAttributes({
                    QueueUrl,
                    Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn }) },
                }),
            );
            await call(
                "set too many receives",
                sqs.setQueueAttributes({ QueueUrl, Attributes: policy(deadArn, 1001) }),
            );
            await sqs.setQueueAttributes({ QueueUrl, Attributes: policy(deadArn) });
            await sqs.sendMessage({ QueueUrl, MessageBody: "poison" });
            await received(recorder, "receive", () => sqs.receiveMessage({ QueueUrl }));
            await call("receive when it is over", sqs.receiveMessage({ QueueUrl }));
            await received(recorder, "receive the dead letter", () =>
                sqs.receiveMessage({
                    QueueUrl: dead,
                    MessageSystemAttributeNames: ["ApproximateReceiveCount", "DeadLetterQueueSourceArn"],
                    VisibilityTimeout: 0,
                }),
            );
            await call(
                "move back from no dead-letter queue",
                sqs.startMessageMoveTask({ SourceArn: `${deadArn}-none` }),
            );
            await call("move back", sqs.startMessageMoveTask({ SourceArn: deadArn }));
        },
    },
    {
        name: "time",
        async run({ sqs }, recorder) {
            const { call } = recorder;
            const QueueUrl = await queue(sqs, "time", { VisibilityTimeout: "1" });
            const waiting = received(recorder, "receive what comes meanwhile", () =>
                sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 }),
            );
            await sqs.sendMessage({ QueueUrl, MessageBody: "meanwhile" });
            const { Messages } = await waiting;
            await received(recorder, "receive what is visible again", () =>
                sqs.receiveMessage({
                    QueueUrl,
                    WaitTimeSeconds: 2,
                    MessageSystemAttributeNames: ["ApproximateReceiveCount"],
                }),
            );
            await call(
                "delete by the first receipt",
                sqs.deleteMessage({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }),
            );
            await sqs.purgeQueue({ QueueUrl });
            await call("send later", sqs.sendMessage({ QueueUrl, MessageBody: "later", DelaySeconds: 1 }));
            await call("receive too soon", sqs.receiveMessage({ QueueUrl }));
            await call(
                "counts",
                sqs.getQueueAttributes({
                    QueueUrl,
                    AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"],
                }),
            );
            await received(recorder, "receive later", () => sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 2 }));
        },
    },
];

compareScenarios("SQS of the twin beside moto's", (options) => ({ sqs: new SQS(options) }), scenarios, sqsDifferences);
