import { createHash } from "node:crypto";
import type {
    ChangeMessageVisibilityBatchCommandInput,
    ChangeMessageVisibilityBatchCommandOutput,
    ChangeMessageVisibilityCommandInput,
    ChangeMessageVisibilityCommandOutput,
    DeleteMessageBatchCommandInput,
    DeleteMessageBatchCommandOutput,
    DeleteMessageCommandInput,
    DeleteMessageCommandOutput,
    Message,
    ReceiveMessageCommandInput,
    ReceiveMessageCommandOutput,
    SendMessageBatchCommandInput,
    SendMessageBatchCommandOutput,
    SendMessageBatchRequestEntry,
    SendMessageCommandInput,
    SendMessageCommandOutput,
} from "@aws-sdk/client-sqs";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import type { AuthorizeQueue } from "./access";
import { forEachEntry } from "./batch";
import { inRange, invalidParameter, missingParameter } from "./errors";
import { attributesDigest, attributesSize, md5, storedAttributes, wantedAttributes } from "./message-attributes";
import type { Messages, NewMessage, ReceivedMessage } from "./messages";
import { redrivePolicy } from "./queue-attributes";
import type { Queue, Queues } from "./queues";
import type { Waiting } from "./waiting";

export interface MessageOperations {
    SendMessage: Operation<SendMessageCommandInput, SendMessageCommandOutput>;
    SendMessageBatch: Operation<SendMessageBatchCommandInput, SendMessageBatchCommandOutput>;
    ReceiveMessage: Operation<ReceiveMessageCommandInput, ReceiveMessageCommandOutput>;
    DeleteMessage: Operation<DeleteMessageCommandInput, DeleteMessageCommandOutput>;
    DeleteMessageBatch: Operation<DeleteMessageBatchCommandInput, DeleteMessageBatchCommandOutput>;
    ChangeMessageVisibility: Operation<ChangeMessageVisibilityCommandInput, ChangeMessageVisibilityCommandOutput>;
    ChangeMessageVisibilityBatch: Operation<
        ChangeMessageVisibilityBatchCommandInput,
        ChangeMessageVisibilityBatchCommandOutput
    >;
}

/** Bytes that the messages of one batch may have together. */
const largestBatch = 1_048_576;

export interface MessageParts {
    readonly queues: Queues;
    readonly messages: Messages;
    readonly waiting: Waiting;
    readonly authorize: AuthorizeQueue;
    readonly isClosing: () => boolean;
}

export function messageOperations(
    { store, iam }: TwinContext,
    { queues, messages, waiting, authorize, isClosing }: MessageParts,
): MessageOperations {
    async function send(queue: Queue, input: Omit<SendMessageBatchRequestEntry, "Id">, caller: Caller) {
        const message = newMessage(queue, input, iam.callerArn(caller));
        const { messageId, sequenceNumber } = await store.commit(() =>
            messages.send(queues.byUrl(queues.url(queue.name)), message),
        );
        waiting.wake(queue.name);
        return {
            MessageId: messageId,
            MD5OfMessageBody: md5(message.body),
            MD5OfMessageAttributes: attributesDigest(input.MessageAttributes),
            SequenceNumber: queue.fifo ? sequenceNumber : undefined,
        };
    }

    async function remove(queue: Queue, handle: string | undefined): Promise<object> {
        const { id, state } = receipt(queue, handle);
        if (queue.fifo && (state === "expired" || state === "replaced")) throw expiredReceipt(handle);
        // Received again since: that receiver has it now.
        if (state === "current" || state === "expired") await store.commit(() => messages.delete(id));
        waiting.wake(queue.name);
        return {};
    }

    async function changeVisibility(queue: Queue, handle: string | undefined, seconds?: number): Promise<object> {
        if (seconds === undefined) throw missingParameter("VisibilityTimeout");
        inRange("VisibilityTimeout", seconds, 0, 43_200);
        const { id, state } = receipt(queue, handle);
        if (state === "gone" || state === "replaced" || (state === "expired" && queue.fifo))
            throw expiredReceipt(handle);
        if (state === "expired") {
            throw new AwsError("MessageNotInflight", `Value ${handle} for parameter ReceiptHandle is not in flight.`);
        }
        await store.commit(() => messages.hide(id, seconds));
        waiting.wake(queue.name);
        return {};
    }

    function receipt(queue: Queue, handle: string | undefined) {
        if (handle === undefined) throw missingParameter("ReceiptHandle");
        const found = messages.receipt(queue, handle);
        if (found !== undefined) return found;
        throw new AwsError(
            "ReceiptHandleIsInvalid",
            `The input receipt handle "${handle}" is not a valid receipt handle.`,
        );
    }

    function permitted(url: string | undefined, caller: Caller, action: string): Queue {
        const queue = queues.byUrl(url);
        authorize(caller, action, queue);
        return queue;
    }

    async function take(url: string, limit: number, visibilitySeconds?: number): Promise<ReceivedMessage[]> {
        let deadLetterQueue: Queue | undefined;
        const { received, moved } = await store.commit(() => {
            const queue = queues.byUrl(url);
            const target = redrivePolicy(queue.attributes)?.deadLetterTargetArn;
            deadLetterQueue = target === undefined ? undefined : queues.find(target.slice(target.lastIndexOf(":") + 1));
            return messages.receive(queue, {
                limit,
                visibilitySeconds: visibilitySeconds ?? Number(queue.attributes.VisibilityTimeout),
                deadLetterQueue,
            });
        });
        if (moved && deadLetterQueue !== undefined) waiting.wake(deadLetterQueue.name);
        return received;
    }

    return {
        async SendMessage(input, caller) {
            return send(permitted(input.QueueUrl, caller, "sqs:SendMessage"), input, caller);
        },

        async SendMessageBatch({ QueueUrl, Entries }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:SendMessage");
            const size = (Entries ?? []).reduce((sum, entry) => sum + Buffer.byteLength(entry.MessageBody ?? ""), 0);
            if (size > largestBatch) {
                throw new AwsError(
                    "BatchRequestTooLong",
                    `Batch requests cannot be longer than ${largestBatch} bytes. You have sent ${size} bytes.`,
                );
            }
            return forEachEntry(Entries, (entry) => send(queue, entry, caller));
        },

        async ReceiveMessage(input, caller) {
            const queue = permitted(input.QueueUrl, caller, "sqs:ReceiveMessage");
            const url = queues.url(queue.name);
            const limit = inRange("MaxNumberOfMessages", input.MaxNumberOfMessages, 1, 10) ?? 1;
            const visibility = inRange("VisibilityTimeout", input.VisibilityTimeout, 0, 43_200);
            const seconds =
                inRange("WaitTimeSeconds", input.WaitTimeSeconds, 0, 20) ??
                Number(queue.attributes.ReceiveMessageWaitTimeSeconds);
            const deadline = Date.now() + seconds * 1000;
            for (;;) {
                const waiter = waiting.enter(queue.name);
                try {
                    const received = messages.anyVisible(queue) ? await take(url, limit, visibility) : [];
                    if (received.length > 0)
                        return { Messages: received.map((message) => shown(message, queue, input)) };
                    if (isClosing() || Date.now() >= deadline) return {};
                    await waiter.wait(Math.min(deadline, messages.nextVisible(queue) ?? deadline));
                    // It may have been deleted meanwhile.
                    queues.byUrl(url);
                } finally {
                    waiter.leave();
                }
            }
        },

        async DeleteMessage({ QueueUrl, ReceiptHandle }, caller) {
            return remove(permitted(QueueUrl, caller, "sqs:DeleteMessage"), ReceiptHandle);
        },

        async DeleteMessageBatch({ QueueUrl, Entries }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:DeleteMessage");
            return forEachEntry(Entries, (entry) => remove(queue, entry.ReceiptHandle));
        },

        async ChangeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:ChangeMessageVisibility");
            return changeVisibility(queue, ReceiptHandle, VisibilityTimeout);
        },

        async ChangeMessageVisibilityBatch({ QueueUrl, Entries }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:ChangeMessageVisibility");
            return forEachEntry(Entries, (entry) =>
                changeVisibility(queue, entry.ReceiptHandle, entry.VisibilityTimeout),
            );
        },
    };
}

function newMessage(queue: Queue, input: Omit<SendMessageBatchRequestEntry, "Id">, senderId: string): NewMessage {
    const { MessageBody: body, MessageGroupId, MessageDeduplicationId } = input;
    const { attributes: settings } = queue;
    if (body === undefined || body === "") throw missingParameter("MessageBody");
    if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(body)) {
        throw new AwsError("InvalidMessageContents", "The message contains characters that XML 1.0 does not allow.");
    }
    const attributes = storedAttributes(input.MessageAttributes);
    const size = Buffer.byteLength(body) + attributesSize(attributes);
    if (size > Number(settings.MaximumMessageSize)) {
        throw new AwsError(
            "InvalidParameterValueException",
            `One or more parameters are invalid. Reason: Message must be shorter than ${settings.MaximumMessageSize} bytes; it has ${size}.`,
        );
    }
    const message = {
        body,
        attributes,
        senderId,
        traceHeader: input.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
        delaySeconds: inRange("DelaySeconds", input.DelaySeconds, 0, 900) ?? Number(settings.DelaySeconds),
    };
    if (!queue.fifo) {
        if (MessageDeduplicationId !== undefined) {
            throw invalidParameter(
                "MessageDeduplicationId",
                MessageDeduplicationId,
                "The request include parameter that is not valid for this queue type.",
            );
        }
        return message;
    }
    if (input.DelaySeconds !== undefined && input.DelaySeconds > 0) {
        throw invalidParameter(
            "DelaySeconds",
            input.DelaySeconds,
            "A message of a FIFO queue has the delay of its queue.",
        );
    }
    if (MessageGroupId === undefined) throw missingParameter("MessageGroupId");
    const byContent =
        settings.ContentBasedDeduplication === "true" ? createHash("sha256").update(body).digest("hex") : undefined;
    const deduplicationId = MessageDeduplicationId ?? byContent;
    if (deduplicationId === undefined) {
        throw new AwsError(
            "InvalidParameterValueException",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        );
    }
    return { ...message, groupId: MessageGroupId, deduplicationId };
}

function shown(message: ReceivedMessage, queue: Queue, input: ReceiveMessageCommandInput): Message {
    const wanted: readonly string[] = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
    const system: Record<string, string | null | undefined> = {
        SenderId: message.senderId,
        SentTimestamp: String(message.sent),
        ApproximateReceiveCount: String(message.receives),
        ApproximateFirstReceiveTimestamp: String(message.firstReceived),
        AWSTraceHeader: message.traceHeader,
        DeadLetterQueueSourceArn: message.source,
        MessageGroupId: message.groupId,
        MessageDeduplicationId: message.deduplicationId,
        SequenceNumber: queue.fifo ? message.sequenceNumber : undefined,
    };
    const chosen = Object.entries(system).filter(
        (entry): entry is [string, string] =>
            typeof entry[1] === "string" && (wanted.includes("All") || wanted.includes(entry[0])),
    );
    const attributes = wantedAttributes(message.attributes, input.MessageAttributeNames ?? []);
    return {
        MessageId: message.messageId,
        ReceiptHandle: message.receiptHandle,
        Body: message.body,
        MD5OfBody: md5(message.body),
        Attributes: chosen.length === 0 ? undefined : Object.fromEntries(chosen),
        MessageAttributes: attributes,
        MD5OfMessageAttributes: attributesDigest(attributes),
    };
}

function expiredReceipt(handle: string | undefined): AwsError {
    return invalidParameter("ReceiptHandle", handle, "The receipt handle has expired.");
}
