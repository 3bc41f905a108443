import type {
    ChangeMessageVisibilityBatchCommandInput,
    ChangeMessageVisibilityBatchCommandOutput,
    ChangeMessageVisibilityCommandInput,
    ChangeMessageVisibilityCommandOutput,
    DeleteMessageBatchCommandInput,
    DeleteMessageBatchCommandOutput,
    DeleteMessageCommandInput,
    DeleteMessageCommandOutput,
    ReceiveMessageCommandInput,
    ReceiveMessageCommandOutput,
    SendMessageBatchCommandInput,
    SendMessageBatchCommandOutput,
    SendMessageBatchRequestEntry,
    SendMessageCommandInput,
    SendMessageCommandOutput,
} from "@aws-sdk/client-sqs";
import type { TwinContext } from "../context";
import { notImplemented } from "../protocol/json";
import { AwsError, account, type Caller, type Operation } from "../service";
import type { AuthorizeQueue } from "./access";
import { forEachEntry } from "./batch";
import { inRange, invalidParameter, missingParameter } from "./errors";
import { attributesDigest, md5 } from "./message-attributes";
import type { Messages, ReceivedMessage } from "./messages";
import { messageSize, newMessage } from "./new-message";
import type { Queue, Queues } from "./queues";
import { overLimit, type Quotas } from "./quotas";
import { shown } from "./received-message";
import { redrivePolicy } from "./redrive-policy";
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
    readonly quotas: Quotas;
    readonly isClosing: () => boolean;
}

export function messageOperations(
    { store, iam, clock }: TwinContext,
    { queues, messages, waiting, authorize, quotas, isClosing }: MessageParts,
): MessageOperations {
    async function send(queue: Queue, input: Omit<SendMessageBatchRequestEntry, "Id">, caller: Caller) {
        const message = newMessage(queue, input, caller.kind === "root" ? account : iam.callerArn(caller));
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
        if (state === "gone" || state === "replaced") {
            throw invalidParameter(
                "ReceiptHandle",
                handle,
                "Message does not exist or is not available for visibility timeout change.",
            );
        }
        if (state === "expired" && queue.fifo) throw expiredReceipt(handle);
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
        quotas.call(action, queue);
        return queue;
    }

    async function take(
        url: string,
        { limit, isWaiting, visibilitySeconds }: { limit: number; isWaiting: boolean; visibilitySeconds?: number },
    ): Promise<ReceivedMessage[]> {
        let deadLetterQueue: Queue | undefined;
        const { received, moved } = await store.commit(() => {
            const queue = queues.byUrl(url);
            const room = quotas.room(() => messages.inFlight(queue));
            if (room <= 0 && !queue.fifo && !isWaiting) throw overLimit(queue);
            const target = redrivePolicy(queue.attributes)?.deadLetterTargetArn;
            deadLetterQueue = target === undefined ? undefined : queues.find(target.slice(target.lastIndexOf(":") + 1));
            return messages.receive(queue, {
                limit: Math.min(limit, Math.max(0, room)),
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
            const size = (Entries ?? []).reduce((sum, entry) => sum + messageSize(entry), 0);
            if (size > largestBatch) {
                throw new AwsError(
                    "BatchRequestTooLong",
                    `Batch requests cannot be longer than ${largestBatch} bytes. You have sent ${size} bytes.`,
                );
            }
            return forEachEntry("SendMessageBatchRequestEntry", Entries, (entry) => send(queue, entry, caller));
        },

        async ReceiveMessage(input, caller) {
            const queue = permitted(input.QueueUrl, caller, "sqs:ReceiveMessage");
            if (input.ReceiveRequestAttemptId !== undefined) {
                throw notImplemented("SQS", "ReceiveMessage with ReceiveRequestAttemptId");
            }
            const url = queues.url(queue.name);
            const limit = inRange("MaxNumberOfMessages", input.MaxNumberOfMessages, 1, 10) ?? 1;
            const visibilitySeconds = inRange("VisibilityTimeout", input.VisibilityTimeout, 0, 43_200);
            const seconds =
                inRange("WaitTimeSeconds", input.WaitTimeSeconds, 0, 20, "Must be >= 0 and <= 20, if provided.") ??
                Number(queue.attributes.ReceiveMessageWaitTimeSeconds);
            const deadline = clock.now() + seconds * 1000;
            const options = { limit, isWaiting: seconds > 0, visibilitySeconds };
            for (;;) {
                const waiter = waiting.enter(queue.name);
                try {
                    const received = messages.anyVisible(queue) ? await take(url, options) : [];
                    if (received.length > 0)
                        return { Messages: received.map((message) => shown(message, queue, input)) };
                    if (isClosing() || clock.now() >= deadline) return {};
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
            return forEachEntry("DeleteMessageBatchRequestEntry", Entries, (entry) =>
                remove(queue, entry.ReceiptHandle),
            );
        },

        async ChangeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:ChangeMessageVisibility");
            return changeVisibility(queue, ReceiptHandle, VisibilityTimeout);
        },

        async ChangeMessageVisibilityBatch({ QueueUrl, Entries }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:ChangeMessageVisibility");
            return forEachEntry("ChangeMessageVisibilityBatchRequestEntry", Entries, (entry) =>
                changeVisibility(queue, entry.ReceiptHandle, entry.VisibilityTimeout),
            );
        },
    };
}

function expiredReceipt(handle: string | undefined): AwsError {
    return invalidParameter("ReceiptHandle", handle, "The receipt handle has expired.");
}
