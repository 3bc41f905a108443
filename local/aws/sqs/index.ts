import type {
    SendMessageBatchCommandInput,
    SendMessageBatchRequestEntry,
    SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import type { TwinContext } from "../context";
import { parsePolicy } from "../iam";
import { jsonService } from "../protocol/json";
import { AwsError, type AwsService, account } from "../service";
import { createAuthorizeQueue } from "./access";
import { noSuchQueue, queryErrorHeader } from "./errors";
import { type MessageOperations, messageOperations } from "./message-operations";
import { openMessages } from "./messages";
import { createQueueMetrics } from "./metrics";
import { newMessage } from "./new-message";
import { type QueueOperations, queueOperations } from "./queue-operations";
import { openQueues } from "./queues";
import { createQuotas } from "./quotas";
import { type RedriveOperations, redriveOperations } from "./redrive";
import { createWaiting } from "./waiting";

export interface Sqs extends AwsService {
    readonly operations: QueueOperations & MessageOperations & RedriveOperations;
    /**
     * Sends a message on behalf of a service. To be called in the transaction that stores the reason, so that one is
     * never kept without the other.
     * @throws AwsError when there is no such queue, its policy does not let the service, or it takes no such message.
     */
    enqueue(
        queueArn: string,
        message: Omit<SendMessageBatchRequestEntry, "Id">,
        source: { readonly service: string; readonly sourceArn: string },
    ): void;
}

/** Amazon SQS as the twin has it: standard and FIFO queues, long polling, dead-letter queues. */
export function createSqs(context: TwinContext): Sqs {
    const waiting = createWaiting(context.clock);
    let closing = false;
    const queues = openQueues(context);
    const parts = {
        queues,
        messages: openMessages(context),
        waiting,
        authorize: createAuthorizeQueue(context),
        quotas: createQuotas(context),
        isClosing: () => closing,
    };
    const metrics = createQueueMetrics(context, { ...parts, operations: messageOperations(context, parts) });
    const operations = {
        ...queueOperations(context, parts),
        ...metrics.operations,
        ...redriveOperations(context, parts),
    };
    return {
        operations,
        ...jsonService({
            signingNames: ["sqs"],
            targetPrefixes: ["AmazonSQS"],
            contentType: "application/x-amz-json-1.0",
            operations,
            decode: {
                SendMessage: (input) => withBinary(input as unknown as SendMessageCommandInput),
                SendMessageBatch: (input) => {
                    const batch = input as unknown as SendMessageBatchCommandInput;
                    return { ...batch, Entries: batch.Entries?.map(withBinary) };
                },
            },
            errorHeaders: queryErrorHeader,
        }),
        enqueue(queueArn, message, { service, sourceArn }) {
            const queue = queues.find(queueArn.slice(queueArn.lastIndexOf(":") + 1));
            if (queue === undefined || queue.arn !== queueArn) throw noSuchQueue();
            const { Policy } = queue.attributes;
            const policy = Policy === undefined ? undefined : parsePolicy(Policy, "resource");
            const from = { "aws:SourceArn": sourceArn, "aws:SourceAccount": account };
            if (!context.iam.servicePrincipalAllowed(policy, service, "sqs:SendMessage", queue.arn, from)) {
                throw new AwsError(
                    "AccessDeniedException",
                    `${service} may not send messages for ${sourceArn}: the policy of the queue ${queue.name} does not let it.`,
                    403,
                );
            }
            parts.messages.send(queue, newMessage(queue, message, service));
            metrics.sent(queue.name, [Buffer.byteLength(message.MessageBody ?? "")]);
            // Receivers look again once the transaction is committed.
            setImmediate(() => waiting.wake(queue.name));
        },
        async close() {
            closing = true;
            waiting.wakeAll();
            metrics.close();
        },
    };
}

/** In JSON, binary values of message attributes are base64. */
function withBinary<Entry extends Pick<SendMessageCommandInput, "MessageAttributes">>(entry: Entry): Entry {
    if (entry.MessageAttributes === undefined) return entry;
    const MessageAttributes = Object.fromEntries(
        Object.entries(entry.MessageAttributes).map(([name, value]) => {
            const { BinaryValue } = value;
            return typeof BinaryValue === "string"
                ? [name, { ...value, BinaryValue: Buffer.from(BinaryValue, "base64") }]
                : [name, value];
        }),
    );
    return { ...entry, MessageAttributes };
}
