import assert from "node:assert/strict";
import { SQS } from "@aws-sdk/client-sqs";
import { createSqs, type Sqs } from "../../../local/aws/sqs";
import { type ServiceUnderTest, startService } from "./service-under-test";

const day = 24 * 60 * 60 * 1000;
const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;

describe("Dead letters and time in the twin's SQS", function () {
    this.timeout(15_000);
    let twin: ServiceUnderTest<Sqs>;
    let sqs: SQS;

    beforeEach(async () => {
        twin = await startService(createSqs);
        sqs = new SQS(twin.client);
    });

    afterEach(async () => {
        sqs.destroy();
        await twin.stop();
    });

    const create = async (QueueName: string, Attributes: Record<string, string> = {}) =>
        (await sqs.createQueue({ QueueName, Attributes })).QueueUrl ?? "";
    const dying = (target: string) => ({
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(target), maxReceiveCount: 1 }),
    });
    const receive = async (QueueUrl: string, more: object = {}) =>
        (
            await sqs.receiveMessage({
                QueueUrl,
                MaxNumberOfMessages: 10,
                MessageSystemAttributeNames: ["All"],
                ...more,
            })
        ).Messages ?? [];
    const bodies = async (url: string, more: object = {}) => (await receive(url, more)).map(({ Body }) => Body);

    /** A message that was received once too often. */
    async function kill(url: string, MessageBody: string): Promise<void> {
        await sqs.sendMessage({ QueueUrl: url, MessageBody });
        await receive(url, { VisibilityTimeout: 0 });
        assert.deepEqual(await receive(url), []);
    }

    it("moves dead letters back to where they came from, as new messages, also to receivers that wait", async () => {
        const dead = await create("dead");
        const [one, two] = [await create("one", dying("dead")), await create("two", dying("dead"))];
        await kill(one, "1");
        await kill(two, "2");
        const [before] = await receive(dead, { VisibilityTimeout: 0, MaxNumberOfMessages: 1 });
        const { queueUrls } = await sqs.listDeadLetterSourceQueues({ QueueUrl: dead });
        assert.deepEqual(queueUrls, [one, two]);
        const waiting = receive(one, { WaitTimeSeconds: 14 });
        await sqs.startMessageMoveTask({ SourceArn: arnOf("dead") });
        const [back] = await waiting;
        assert.equal(back?.Body, "1");
        assert.notEqual(back?.MessageId, before?.MessageId);
        assert.equal(back?.Attributes?.ApproximateReceiveCount, "1");
        assert.equal(back?.Attributes?.DeadLetterQueueSourceArn, undefined);
        assert.deepEqual(await bodies(two), ["2"]);
        const { Results } = await sqs.listMessageMoveTasks({ SourceArn: arnOf("dead") });
        assert.equal(Results?.[0]?.Status, "COMPLETED");
        assert.equal(Results?.[0]?.ApproximateNumberOfMessagesMoved, 2);
    });

    it("moves them to a queue that is named, and says when it cannot know where they belong", async () => {
        const dead = await create("dead");
        await create("one", dying("dead"));
        const other = await create("other");
        await sqs.sendMessage({ QueueUrl: dead, MessageBody: "sent here" });
        await sqs.startMessageMoveTask({ SourceArn: arnOf("dead") });
        const { Results } = await sqs.listMessageMoveTasks({ SourceArn: arnOf("dead") });
        assert.equal(Results?.[0]?.Status, "FAILED");
        assert.equal(Results?.[0]?.FailureReason, "CouldNotDetermineMessageSource");
        await sqs.startMessageMoveTask({ SourceArn: arnOf("dead"), DestinationArn: arnOf("other") });
        assert.deepEqual(await bodies(other), ["sent here"]);
        await assert.rejects(sqs.startMessageMoveTask({ SourceArn: arnOf("other") }), {
            message: /must be configured as a Dead Letter Queue/,
        });
    });

    it("moves nothing to where it lies already, nor to a queue of the other type", async () => {
        const dead = await create("dead");
        await create("one", dying("dead"));
        await create("ordered.fifo", { FifoQueue: "true" });
        await sqs.sendMessage({ QueueUrl: dead, MessageBody: "stays" });
        const moveTo = (name: string) =>
            sqs.startMessageMoveTask({ SourceArn: arnOf("dead"), DestinationArn: arnOf(name) });
        await assert.rejects(moveTo("dead"), {
            name: "InvalidParameterValue",
            message: "Source queue arn and destination queue arn cannot be the same.",
        });
        await assert.rejects(moveTo("ordered.fifo"), {
            name: "InvalidParameterValue",
            message: "The source queue and destination queue must be of the same queue type.",
        });
        assert.deepEqual(await bodies(dead), ["stays"]);
    });

    it("lets no queue be its own dead-letter queue", async () => {
        const QueueUrl = await create("dead");
        await assert.rejects(sqs.setQueueAttributes({ QueueUrl, Attributes: dying("dead") }), {
            name: "InvalidParameterValue",
            message: /A queue cannot be its own dead letter queue/,
        });
    });

    it("comes to an end with a queue that a store of old has as its own dead-letter queue", async () => {
        const dead = await create("dead");
        twin.store.database
            .prepare("UPDATE sqs_queues SET attributes = json_patch(attributes, ?) WHERE name = 'dead'")
            .run(JSON.stringify(dying("dead")));
        for (const MessageBody of ["1", "2"]) await sqs.sendMessage({ QueueUrl: dead, MessageBody });
        // The second time they have come from there.
        for (const _ of [1, 2]) await receive(dead, { VisibilityTimeout: 0 });
        await sqs.startMessageMoveTask({ SourceArn: arnOf("dead") });
        const { Results } = await sqs.listMessageMoveTasks({ SourceArn: arnOf("dead") });
        assert.equal(Results?.[0]?.ApproximateNumberOfMessagesMoved, 2);
        assert.deepEqual(await bodies(dead), ["1", "2"]);
    });

    it("puts what it moves back into a FIFO queue behind what was sent there meanwhile, as sent anew", async () => {
        const fifo = { FifoQueue: "true", ContentBasedDeduplication: "true" };
        await create("dead.fifo", fifo);
        const url = await create("one.fifo", { ...fifo, ...dying("dead.fifo") });
        const send = (MessageBody: string) => sqs.sendMessage({ QueueUrl: url, MessageBody, MessageGroupId: "a" });
        const sent = await send("poison");
        await receive(url, { VisibilityTimeout: 0 });
        assert.deepEqual(await receive(url), []);
        const newer = await send("newer");
        await sqs.startMessageMoveTask({ SourceArn: arnOf("dead.fifo") });
        const received = await receive(url);
        assert.deepEqual(
            received.map(({ Body }) => Body),
            ["newer", "poison"],
        );
        const back = received[1];
        assert.notEqual(back?.MessageId, sent.MessageId);
        assert.ok(String(back?.Attributes?.SequenceNumber) > String(newer.SequenceNumber));
        assert.equal(back?.Attributes?.MessageGroupId, "a");
        assert.equal(back?.Attributes?.ApproximateReceiveCount, "1");
    });

    it("asks for the permissions on both queues before it moves anything", async () => {
        const dead = await create("dead");
        const one = await create("one", dying("dead"));
        await kill(one, "1");
        const Action = [
            "sqs:StartMessageMoveTask",
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
        ];
        const limited = new SQS(await twin.clientOf("limited", { Effect: "Allow", Action, Resource: arnOf("dead") }));
        await assert.rejects(limited.startMessageMoveTask({ SourceArn: arnOf("dead") }), {
            message: /sqs:sendmessage on resource: .*:one /,
        });
        limited.destroy();
        assert.deepEqual(await bodies(dead), ["1"]);
    });

    it("lets a dead-letter queue decide whose it is", async () => {
        const policy = (document: object) => ({ RedriveAllowPolicy: JSON.stringify(document) });
        await create("closed", policy({ redrivePermission: "denyAll" }));
        await create("ours", policy({ redrivePermission: "byQueue", sourceQueueArns: [arnOf("one")] }));
        await assert.rejects(create("one", dying("closed")), { message: /RedriveAllowPolicy/ });
        await assert.rejects(create("two", dying("ours")), { message: /RedriveAllowPolicy/ });
        await create("one", dying("ours"));
        await create("ordered.fifo", { FifoQueue: "true" });
        await assert.rejects(create("three", dying("ordered.fifo")), { message: /must be same type of queue/ });
        await assert.rejects(create("bad", policy({ redrivePermission: "byQueue" })), { message: /sourceQueueArns/ });
    });

    it("shows, hides and forgets by the twin's clock", async () => {
        const url = await create("work", {
            VisibilityTimeout: "600",
            MessageRetentionPeriod: String((4 * day) / 1000),
        });
        await sqs.sendMessage({ QueueUrl: url, MessageBody: "later", DelaySeconds: 900 });
        assert.deepEqual(await bodies(url), []);
        const waiting = bodies(url, { WaitTimeSeconds: 20 });
        // The receiver is in the queue before the clock moves.
        await sqs.getQueueAttributes({ QueueUrl: url });
        twin.context.clock.advance(900_000);
        // Whether it waited already or comes now: it gets the message, or finds the wait to be over.
        const received = [...(await waiting), ...(await bodies(url))];
        assert.deepEqual(received, ["later"]);
        assert.deepEqual(await bodies(url), []);
        twin.context.clock.advance(600_000);
        assert.deepEqual(await bodies(url), ["later"]);
        twin.context.clock.advance(4 * day);
        assert.deepEqual(await bodies(url), []);
    });

    it("delivers the messages of a tenant's group in a standard queue without holding others back", async () => {
        const url = await create("fair");
        for (const MessageBody of ["1", "2"])
            await sqs.sendMessage({ QueueUrl: url, MessageBody, MessageGroupId: "a" });
        const [first] = await receive(url, { MaxNumberOfMessages: 1 });
        const [second] = await receive(url);
        assert.deepEqual([first?.Body, second?.Body].sort(), ["1", "2"]);
        assert.equal(second?.Attributes?.MessageGroupId, "a");
    });
});
