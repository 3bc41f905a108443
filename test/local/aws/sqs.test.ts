import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
    AddPermissionCommand,
    ChangeMessageVisibilityCommand,
    CreateQueueCommand,
    DeleteMessageBatchCommand,
    DeleteMessageCommand,
    DeleteQueueCommand,
    GetQueueAttributesCommand,
    GetQueueUrlCommand,
    ListQueuesCommand,
    ListQueueTagsCommand,
    type Message,
    PurgeQueueCommand,
    ReceiveMessageCommand,
    SendMessageBatchCommand,
    SendMessageCommand,
    SetQueueAttributesCommand,
    SQSClient,
    TagQueueCommand,
} from "@aws-sdk/client-sqs";
import { root } from "../../../local/aws/service";
import { createSqs, type Sqs } from "../../../local/aws/sqs";
import { type ServiceUnderTest, startService } from "./service-under-test";

describe("SQS of the twin", function () {
    // Less than the longest wait: a receiver that sleeps through its wake-up fails.
    this.timeout(15_000);
    let twin: ServiceUnderTest<Sqs>;
    let sqs: SQSClient;
    let QueueUrl: string;

    beforeEach(async () => {
        twin = await startService(createSqs);
        sqs = new SQSClient(twin.client);
        QueueUrl = await create("work");
    });

    afterEach(async () => {
        sqs.destroy();
        await twin.stop();
    });

    async function create(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
        const created = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
        return created.QueueUrl ?? "";
    }

    const createFifo = (name: string, more = {}) => create(`${name}.fifo`, { FifoQueue: "true", ...more });
    const send = (MessageBody: string, more = {}) =>
        sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
    const receive = async (more = {}): Promise<Message[]> => {
        const input = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const], ...more };
        return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
    };
    const bodies = async (more = {}) => (await receive(more)).map(({ Body }) => Body);
    const remove = (message?: Message) =>
        sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    const show = (message: Message | undefined, VisibilityTimeout = 0) =>
        sqs.send(
            new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }),
        );
    async function counts(url = QueueUrl): Promise<number[]> {
        const { Attributes = {} } = await sqs.send(
            new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
        );
        const {
            ApproximateNumberOfMessages,
            ApproximateNumberOfMessagesNotVisible,
            ApproximateNumberOfMessagesDelayed,
        } = Attributes;
        return [
            ApproximateNumberOfMessages,
            ApproximateNumberOfMessagesNotVisible,
            ApproximateNumberOfMessagesDelayed,
        ].map(Number);
    }

    it("hands out what was sent, hides it, and forgets it once deleted", async () => {
        const sent = await send("Grüße 🙂");
        assert.equal(sent.MD5OfMessageBody, createHash("md5").update("Grüße 🙂").digest("hex"));
        assert.equal(sent.SequenceNumber, undefined);
        const [message] = await receive();
        assert.equal(message?.Body, "Grüße 🙂");
        assert.equal(message?.MessageId, sent.MessageId);
        assert.equal(message?.Attributes?.ApproximateReceiveCount, "1");
        assert.equal(message?.Attributes?.SenderId, "000000000000");
        assert.ok(Math.abs(Date.now() - Number(message?.Attributes?.SentTimestamp)) < 60_000);
        assert.deepEqual(await receive(), []);
        assert.deepEqual(await counts(), [0, 1, 0]);
        await remove(message);
        assert.deepEqual(await counts(), [0, 0, 0]);
    });

    it("carries attributes of all types, and gives those asked for", async () => {
        const MessageAttributes = {
            source: { DataType: "String", StringValue: "intake" },
            "trace.id": { DataType: "Number", StringValue: "42" },
            "trace.bytes": { DataType: "Binary", BinaryValue: Buffer.from([0, 255, 1]) },
        };
        const sent = await send("a", { MessageAttributes });
        const [message] = await receive({ MessageAttributeNames: ["All"], VisibilityTimeout: 0 });
        assert.equal(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
        assert.equal(message?.MessageAttributes?.source?.StringValue, "intake");
        assert.deepEqual(
            Buffer.from(message?.MessageAttributes?.["trace.bytes"]?.BinaryValue ?? []),
            Buffer.from([0, 255, 1]),
        );
        const [part] = await receive({ MessageAttributeNames: ["trace.*"], MessageSystemAttributeNames: undefined });
        assert.deepEqual(Object.keys(part?.MessageAttributes ?? {}).sort(), ["trace.bytes", "trace.id"]);
        assert.equal(part?.Attributes, undefined);
    });

    it("digests attributes as AWS documents it", async () => {
        const { MD5OfMessageAttributes } = await send("a", {
            MessageAttributes: { a: { DataType: "String", StringValue: "b" } },
        });
        const bytes = Buffer.concat([
            Buffer.from([0, 0, 0, 1]),
            Buffer.from("a"),
            Buffer.from([0, 0, 0, 6]),
            Buffer.from("String"),
            Buffer.from([1]),
            Buffer.from([0, 0, 0, 1]),
            Buffer.from("b"),
        ]);
        assert.equal(MD5OfMessageAttributes, createHash("md5").update(bytes).digest("hex"));
    });

    it("keeps queues and messages over a restart on another port, and takes the old URL", async () => {
        await send("before");
        await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: "mail" } }));
        sqs.destroy();
        const before = twin.client.endpoint;
        twin = await twin.restart();
        sqs = new SQSClient(twin.client);
        assert.notEqual(twin.client.endpoint, before);
        assert.deepEqual(await bodies(), ["before"]);
        assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { team: "mail" });
        const current = await sqs.send(new GetQueueUrlCommand({ QueueName: "work" }));
        assert.equal(current.QueueUrl, `${twin.client.endpoint}/000000000000/work`);
    });

    it("wakes a waiting receiver when something is sent", async () => {
        const waiting = receive({ WaitTimeSeconds: 20 });
        await send("now");
        assert.deepEqual(
            (await waiting).map(({ Body }) => Body),
            ["now"],
        );
    });

    it("wakes a waiting receiver when a hidden message comes back by itself", async () => {
        await send("again");
        await receive({ VisibilityTimeout: 1 });
        const [message] = await receive({ WaitTimeSeconds: 20 });
        assert.equal(message?.Attributes?.ApproximateReceiveCount, "2");
    });

    it("gives each message to one of several waiting receivers", async () => {
        const waiting = Array.from({ length: 4 }, () => receive({ WaitTimeSeconds: 20, MaxNumberOfMessages: 1 }));
        await Promise.all(["a", "b", "c", "d"].map((body) => send(body)));
        const received = (await Promise.all(waiting)).flat().map(({ Body }) => Body);
        assert.deepEqual(received.sort(), ["a", "b", "c", "d"]);
    });

    it("answers an empty receive when the twin stops meanwhile", async () => {
        const waiting = receive({ WaitTimeSeconds: 20 });
        // The receive is under way once the other request, sent after it, is answered.
        await counts();
        await twin.service.close?.();
        assert.deepEqual(await waiting, []);
    });

    it("tells a waiting receiver that the queue is gone", async () => {
        const waiting = assert.rejects(receive({ WaitTimeSeconds: 20 }), { name: "QueueDoesNotExist" });
        await counts();
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
        await waiting;
    });

    it("shows a message again at once on request, and counts its receives", async () => {
        await send("a");
        const [first] = await receive();
        await show(first);
        const [second] = await receive();
        assert.equal(second?.Attributes?.ApproximateReceiveCount, "2");
        // The first receiver no longer owns it.
        await remove(first);
        assert.deepEqual(await counts(), [0, 1, 0]);
        await assert.rejects(show(first), { name: "InvalidParameterValue" });
        await show(second);
        await assert.rejects(show(second), { name: "MessageNotInflight" });
    });

    it("delays messages", async () => {
        await send("later", { DelaySeconds: 900 });
        assert.deepEqual(await bodies(), []);
        assert.deepEqual(await counts(), [0, 0, 1]);
        await send("now");
        assert.deepEqual(await bodies(), ["now"]);
    });

    it("moves what was received too often to the dead-letter queue", async () => {
        const deadUrl = await create("work-dead");
        const RedrivePolicy = JSON.stringify({
            deadLetterTargetArn: "arn:aws:sqs:eu-central-1:000000000000:work-dead",
            maxReceiveCount: 2,
        });
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
        await send("poison", { MessageAttributes: { a: { DataType: "String", StringValue: "b" } } });
        const waiting = receive({ QueueUrl: deadUrl, WaitTimeSeconds: 20, MessageAttributeNames: ["All"] });
        for (let time = 1; time <= 2; time++) {
            const [message] = await receive();
            assert.equal(message?.Attributes?.ApproximateReceiveCount, String(time));
            await show(message);
        }
        assert.deepEqual(await receive(), []);
        const [dead] = await waiting;
        assert.equal(dead?.Body, "poison");
        assert.equal(dead?.MessageAttributes?.a?.StringValue, "b");
        assert.equal(dead?.Attributes?.DeadLetterQueueSourceArn, "arn:aws:sqs:eu-central-1:000000000000:work");
        assert.deepEqual(await counts(), [0, 0, 0]);
    });

    it("reports each entry of a batch, and refuses batches that are none", async () => {
        const batch = (...Entries: { Id: string; MessageBody: string }[]) =>
            sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        const result = await batch({ Id: "1", MessageBody: "a" }, { Id: "2", MessageBody: "\u0000" });
        assert.deepEqual(
            result.Successful?.map(({ Id }) => Id),
            ["1"],
        );
        assert.deepEqual(
            result.Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
            [["2", "InvalidMessageContents", true]],
        );
        await assert.rejects(batch(), { name: "EmptyBatchRequest", Code: "AWS.SimpleQueueService.EmptyBatchRequest" });
        const same = { Id: "1", MessageBody: "a" };
        await assert.rejects(batch(same, same), { name: "BatchEntryIdsNotDistinct" });
        await assert.rejects(batch({ Id: "not an id", MessageBody: "a" }), { name: "InvalidBatchEntryId" });
        await assert.rejects(batch(...Array.from({ length: 11 }, (_, id) => ({ ...same, Id: `${id}` }))), {
            name: "TooManyEntriesInBatchRequest",
        });
        const half = "x".repeat(600_000);
        await assert.rejects(batch({ Id: "1", MessageBody: half }, { Id: "2", MessageBody: half }), {
            name: "BatchRequestTooLong",
        });
        const [message] = await receive();
        const Entries = [
            { Id: "good", ReceiptHandle: message?.ReceiptHandle },
            { Id: "bad", ReceiptHandle: "nonsense" },
        ];
        const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
        assert.deepEqual(deleted.Successful, [{ Id: "good" }]);
        assert.equal(deleted.Failed?.[0]?.Code, "ReceiptHandleIsInvalid");
    });

    it("says what is wrong with a request", async () => {
        const gone = new SendMessageCommand({ QueueUrl: `${QueueUrl}s`, MessageBody: "a" });
        await assert.rejects(sqs.send(gone), {
            name: "QueueDoesNotExist",
            Code: "AWS.SimpleQueueService.NonExistentQueue",
            message: "The specified queue does not exist.",
        });
        await assert.rejects(send("x".repeat(1_048_577)), {
            name: "InvalidParameterValue",
            message: /1048576/,
        });
        await assert.rejects(receive({ MaxNumberOfMessages: 11 }), {
            message: /MaxNumberOfMessages.*between 1 and 10/,
        });
        await assert.rejects(create("no spaces"), { message: /alphanumeric/ });
        await assert.rejects(create("other", { VisibilityTimeout: "-1", DelaySeconds: "901" }), {
            name: "InvalidAttributeValue",
            message: /VisibilityTimeout is '-1'; valid is 0 to 43200; DelaySeconds is '901'; valid is 0 to 900/,
        });
        await assert.rejects(create("other", { Nonsense: "1" }), { name: "InvalidAttributeName", message: /Nonsense/ });
        await assert.rejects(create("work", { DelaySeconds: "5" }), {
            name: "QueueNameExists",
            Code: "QueueAlreadyExists",
        });
        assert.equal(await create("work"), QueueUrl);
        const permission = { QueueUrl, Label: "a", AWSAccountIds: ["1"], Actions: ["*"] };
        await assert.rejects(sqs.send(new AddPermissionCommand(permission)), {
            name: "NotImplemented",
            message: /AddPermission/,
        });
    });

    it("counts the attributes of a batch's messages into its size", async () => {
        const StringValue = "x".repeat(600_000);
        const MessageAttributes = { a: { DataType: "String", StringValue } };
        const Entries = ["1", "2"].map((Id) => ({ Id, MessageBody: "a", MessageAttributes }));
        await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })), {
            name: "BatchRequestTooLong",
            // For each a name, "String", the value and a body.
            message: /You have sent 1200016 bytes/,
        });
        const [one] = Entries;
        await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: one && [one] }));
        assert.deepEqual(await counts(), [1, 0, 0]);
    });

    it("takes a message group of 1 to 128 letters, digits and signs, also in a standard queue", async () => {
        for (const MessageGroupId of ["", "a b", "ä", "g".repeat(129)]) {
            await assert.rejects(send("a", { MessageGroupId }), {
                name: "InvalidParameterValue",
                message: /parameter MessageGroupId is invalid.*1 to 128 in length/,
            });
        }
        await send("a", { MessageGroupId: "g".repeat(128) });
        await send("a", { MessageGroupId: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~0aZ" });
        assert.deepEqual(await counts(), [2, 0, 0]);
    });

    it("has at most 50 tags for a queue", async () => {
        const tags = (count: number, from = 0) =>
            Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${from + index}`, "x"]));
        const tag = (Tags: Record<string, string>) => sqs.send(new TagQueueCommand({ QueueUrl, Tags }));
        await tag(tags(50));
        await tag(tags(50));
        const tooMany = { name: "InvalidParameterValue", message: "Too many tags added for queue work." };
        await assert.rejects(tag(tags(1, 50)), tooMany);
        const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl }));
        assert.equal(Object.keys(Tags).length, 50);
        await assert.rejects(sqs.send(new CreateQueueCommand({ QueueName: "tagged", tags: tags(51) })), {
            message: /Too many tags/,
        });
    });

    it("lists, purges and deletes queues", async () => {
        await create("work-2");
        await create("other");
        const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "work" }));
        assert.deepEqual(
            QueueUrls?.map((url) => url.split("/").at(-1)),
            ["work", "work-2"],
        );
        await send("a");
        await sqs.send(new PurgeQueueCommand({ QueueUrl }));
        assert.deepEqual(await counts(), [0, 0, 0]);
        await send("b");
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
        await assert.rejects(receive(), { name: "QueueDoesNotExist" });
        await create("work");
        assert.deepEqual(await receive(), []);
    });

    it("enforces the role's permissions, the queue's own policy, and those for the customer's key", async () => {
        const arn = "arn:aws:sqs:eu-central-1:000000000000:work";
        const sender = new SQSClient(
            await twin.clientOf("sender", { Effect: "Allow", Action: "sqs:SendMessage", Resource: arn }),
        );
        const message = new SendMessageCommand({ QueueUrl, MessageBody: "a" });
        await sender.send(message);
        await assert.rejects(sender.send(new ReceiveMessageCommand({ QueueUrl })), {
            name: "AccessDenied",
            message:
                /assumed-role\/sender\/session is not authorized to perform: sqs:receivemessage on resource: arn:aws:sqs:/,
        });
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: "*", Action: "sqs:ReceiveMessage", Resource: arn }],
        });
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
        assert.equal((await sender.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.length, 1);
        const KmsMasterKeyId = "arn:aws:kms:eu-central-1:000000000000:key/1";
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsMasterKeyId } }));
        await assert.rejects(sender.send(message), { message: /kms:GenerateDataKey on resource: arn:aws:kms/ });
        sender.destroy();
    });

    it("serves its own providers in-process", async () => {
        const { QueueUrl: url } = await twin.service.operations.CreateQueue({ QueueName: "inside" }, root);
        assert.equal(url, `${twin.client.endpoint}/000000000000/inside`);
    });

    describe("with a FIFO queue", () => {
        beforeEach(async () => {
            QueueUrl = await createFifo("ordered");
        });

        const sendTo = (MessageGroupId: string, body: string, MessageDeduplicationId = `${MessageGroupId}${body}`) =>
            send(body, { MessageGroupId, MessageDeduplicationId });

        it("keeps the order within a group, and blocks the group while one of it is in flight", async () => {
            for (const body of ["1", "2", "3"]) await sendTo("a", body);
            await sendTo("b", "4");
            const [first] = await receive({ MaxNumberOfMessages: 1 });
            assert.equal(first?.Body, "1");
            assert.deepEqual(await bodies({ MaxNumberOfMessages: 10 }), ["4"]);
            const waiting = receive({ WaitTimeSeconds: 20 });
            await remove(first);
            assert.deepEqual(
                (await waiting).map(({ Body }) => Body),
                ["2", "3"],
            );
        });

        it("hands the same message out first again when its receiver gave up", async () => {
            for (const body of ["1", "2"]) await sendTo("a", body);
            const [first] = await receive({ MaxNumberOfMessages: 1 });
            await show(first);
            const [again] = await receive({ MaxNumberOfMessages: 1 });
            assert.equal(again?.Body, "1");
            assert.equal(again?.Attributes?.MessageGroupId, "a");
            await assert.rejects(remove(first), { name: "InvalidParameterValue", message: /expired/ });
        });

        it("blocks a message that was given back while one behind it is still in flight", async () => {
            for (const body of ["1", "2"]) await sendTo("a", body);
            const [first, second] = await receive();
            await show(first);
            assert.deepEqual(await receive(), []);
            await show(second);
            assert.deepEqual(await bodies(), ["1", "2"]);
        });

        it("takes a message with the same deduplication id once, even after it was deleted", async () => {
            const first = await sendTo("a", "1", "id");
            const [message] = await receive();
            await remove(message);
            const second = await sendTo("a", "other", "id");
            assert.equal(second.MessageId, first.MessageId);
            assert.equal(second.SequenceNumber, first.SequenceNumber);
            assert.deepEqual(await receive(), []);
            await sendTo("a", "2");
            const [next] = await receive();
            assert.ok(String(next?.Attributes?.SequenceNumber) > String(first.SequenceNumber));
        });

        it("forgets a deduplication id after five minutes", async () => {
            await sendTo("a", "1", "id");
            twin.store.database.exec("UPDATE sqs_deduplications SET expires = expires - 300000");
            await sendTo("a", "2", "id");
            assert.deepEqual(await bodies(), ["1", "2"]);
        });

        it("deduplicates by content where the queue says so", async () => {
            QueueUrl = await createFifo("by-content", { ContentBasedDeduplication: "true" });
            for (const body of ["same", "same", "other"]) await send(body, { MessageGroupId: "a" });
            assert.deepEqual(await bodies(), ["same", "other"]);
        });

        it("keeps the order of a batch", async () => {
            const Entries = Array.from({ length: 10 }, (_, id) => ({
                Id: `${id}`,
                MessageBody: `${id}`,
                MessageGroupId: "a",
                MessageDeduplicationId: `${id}`,
            }));
            await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
            assert.deepEqual(
                await bodies(),
                Entries.map(({ MessageBody }) => MessageBody),
            );
        });

        it("lets a poisoned message out of the way of its group", async () => {
            await createFifo("dead");
            const RedrivePolicy = JSON.stringify({
                deadLetterTargetArn: "arn:aws:sqs:eu-central-1:000000000000:dead.fifo",
                maxReceiveCount: 1,
            });
            await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
            for (const body of ["poison", "next"]) await sendTo("a", body);
            const [poison] = await receive({ MaxNumberOfMessages: 1 });
            await show(poison);
            assert.deepEqual(await bodies(), ["next"]);
        });

        it("takes a group and a deduplication id of 1 to 128 letters, digits and signs", async () => {
            const ids = { MessageGroupId: "a", MessageDeduplicationId: "a" };
            await assert.rejects(send("a", { ...ids, MessageGroupId: "" }), { name: "MissingParameter" });
            for (const bad of ["a b", "ä", "x".repeat(129)]) {
                for (const name of ["MessageGroupId", "MessageDeduplicationId"]) {
                    await assert.rejects(send("a", { ...ids, [name]: bad }), {
                        name: "InvalidParameterValue",
                        message: new RegExp(`parameter ${name} is invalid.*1 to 128 in length`),
                    });
                }
            }
            const longest = "x".repeat(128);
            await send("a", { MessageGroupId: longest, MessageDeduplicationId: longest });
            assert.deepEqual(await bodies(), ["a"]);
        });

        it("has its throughput by the group only where it deduplicates by the group", async () => {
            const byGroup = { FifoThroughputLimit: "perMessageGroupId" };
            const refused = {
                name: "InvalidAttributeValue",
                message: /To set FifoThroughputLimit to perMessageGroupId, the DeduplicationScope must be messageGroup/,
            };
            const set = (Attributes: Record<string, string>) =>
                sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
            await assert.rejects(createFifo("fast", byGroup), refused);
            await assert.rejects(set(byGroup), refused);
            await set({ DeduplicationScope: "messageGroup" });
            await set(byGroup);
            await assert.rejects(set({ DeduplicationScope: "queue" }), refused);
            await set({ DeduplicationScope: "queue", FifoThroughputLimit: "perQueue" });
        });

        it("needs a group and a deduplication id, and the suffix in its name", async () => {
            await assert.rejects(send("a"), { message: /MessageGroupId/ });
            await assert.rejects(send("a", { MessageGroupId: "a" }), { message: /MessageDeduplicationId/ });
            await assert.rejects(create("plain", { FifoQueue: "true" }), { message: /alphanumeric/ });
            await assert.rejects(create("plain.fifo"), { message: /fifo|alphanumeric/ });
        });
    });
});
