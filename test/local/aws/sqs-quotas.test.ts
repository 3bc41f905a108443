import assert from "node:assert/strict";
import {
    CreateQueueCommand,
    DeleteMessageCommand,
    DeleteQueueCommand,
    PurgeQueueCommand,
    ReceiveMessageCommand,
    SendMessageCommand,
    SQSClient,
} from "@aws-sdk/client-sqs";
import type { Pace } from "../../../local/aws/context";
import { root } from "../../../local/aws/service";
import { createSqs, type Sqs } from "../../../local/aws/sqs";
import { type ServiceUnderTest, startService } from "./service-under-test";

describe("what SQS makes its callers wait for", () => {
    let twin: ServiceUnderTest<Sqs>;
    let sqs: SQSClient;

    async function start(pace: Pace): Promise<void> {
        twin = await startService(createSqs, { pace });
        sqs = new SQSClient(twin.client);
    }
    afterEach(async () => {
        sqs.destroy();
        await twin.stop();
    });
    const create = async (QueueName: string, Attributes?: Record<string, string>) =>
        String((await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl);

    it("is a minute between a deletion and a queue of the same name, at the pace of AWS", async () => {
        await start("aws");
        const QueueUrl = await create("mail");
        await create("mail");
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
        await create("other");
        await assert.rejects(create("mail"), {
            name: "QueueDeletedRecently",
            message:
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        });
        twin.context.clock.advance(60_000);
        await create("mail");
    });

    it("is a minute between two purges, at the pace of AWS", async () => {
        await start("aws");
        const purge = new PurgeQueueCommand({ QueueUrl: await create("mail") });
        await sqs.send(purge);
        await assert.rejects(sqs.send(purge), {
            name: "PurgeQueueInProgress",
            message: "Only one PurgeQueue operation on mail is allowed every 60 seconds.",
        });
        await sqs.send(new PurgeQueueCommand({ QueueUrl: await create("other") }));
        twin.context.clock.advance(60_000);
        await sqs.send(purge);
    });

    it("is the next second after 300 calls of an action on a FIFO queue, at the pace of AWS", async () => {
        await start("aws");
        const attributes = { FifoQueue: "true", ContentBasedDeduplication: "true" };
        const QueueUrl = await create("mail.fifo", attributes);
        const high = await create("high.fifo", {
            ...attributes,
            DeduplicationScope: "messageGroup",
            FifoThroughputLimit: "perMessageGroupId",
        });
        const { operations } = twin.service;
        const send = (url: string, index: number) =>
            operations.SendMessage({ QueueUrl: url, MessageBody: `${index}`, MessageGroupId: "one" }, root);
        // The clock stands still at a second's beginning: the machine's time would go on.
        const { clock } = twin.context;
        const now = Math.ceil(clock.now() / 1000) * 1000;
        Object.assign(clock, { now: () => now });
        for (let index = 0; index < 300; index++) await send(QueueUrl, index);
        await assert.rejects(
            sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "more", MessageGroupId: "one" })),
            { name: "RequestThrottled" },
        );
        for (let index = 0; index < 310; index++) await send(high, index);
        await operations.ReceiveMessage({ QueueUrl }, root);
        Object.assign(clock, { now: () => now + 1000 });
        await send(QueueUrl, 301);
    });

    describe("is a deletion when 120,000 messages are in flight, at the pace of AWS:", () => {
        /** Stores messages that were received and are hidden for a minute more. */
        function receivedBefore(queue: string, count: number): void {
            twin.store.database
                .prepare(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
                    INSERT INTO sqs_messages
                        (queue, message_id, body, attributes, sender_id, group_id, sent, visible, receives, receipt)
                    SELECT :queue, 'id-' || n, 'before', '{}', '0', 'group-' || n, :now, :now + 60000, 1, 'receipt'
                    FROM numbers`)
                .run({ queue, count, now: twin.context.clock.now() });
        }
        const receive = async (QueueUrl: string, WaitTimeSeconds = 0) =>
            (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds })))
                .Messages ?? [];
        const send = (QueueUrl: string, MessageBody: string) =>
            sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: MessageBody }));

        it("a short poll of a standard queue is told so, a long poll waits", async () => {
            await start("aws");
            const QueueUrl = await create("mail");
            receivedBefore("mail", 119_999);
            for (const body of ["1", "2"]) await send(QueueUrl, body);
            const [last, ...more] = await receive(QueueUrl);
            assert.deepEqual(more, [], "one is the last that may be in flight");
            await assert.rejects(receive(QueueUrl), { name: "OverLimit", message: /120,000/ });
            const waiting = receive(QueueUrl, 20);
            await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: last?.ReceiptHandle }));
            assert.equal((await waiting).length, 1);
            twin.context.clock.advance(60_000);
            assert.equal((await receive(QueueUrl)).length, 10);
        });

        it("a FIFO queue gives nothing", async () => {
            await start("aws");
            const QueueUrl = await create("mail.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
            receivedBefore("mail.fifo", 120_000);
            await send(QueueUrl, "1");
            assert.deepEqual(await receive(QueueUrl), []);
        });
    });

    it("is nothing at the fast pace", async () => {
        await start("fast");
        const QueueUrl = await create("mail");
        for (const _ of [1, 2]) await sqs.send(new PurgeQueueCommand({ QueueUrl }));
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
        await create("mail");
    });
});
