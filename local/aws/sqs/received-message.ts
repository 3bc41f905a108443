import type { Message, ReceiveMessageCommandInput } from "@aws-sdk/client-sqs";
import { attributesDigest, md5, wantedAttributes } from "./message-attributes";
import type { ReceivedMessage } from "./messages";
import type { Queue } from "./queues";

/** A message in the SDK's shape, with the attributes that the receiver asked for. */
export function shown(message: ReceivedMessage, queue: Queue, input: ReceiveMessageCommandInput): Message {
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
