import { createHash } from "node:crypto";
import type { SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { AwsError } from "../service";
import { inRange, invalidParameter, missingParameter } from "./errors";
import { attributesSize, storedAttributes } from "./message-attributes";
import type { NewMessage } from "./messages";
import type { Queue } from "./queues";

/** Bytes that a message counts for in the limits of queues and of batches. */
export function messageSize({
    MessageBody = "",
    MessageAttributes,
}: Pick<SendMessageBatchRequestEntry, "MessageBody" | "MessageAttributes">): number {
    return Buffer.byteLength(MessageBody) + attributesSize(MessageAttributes);
}

/** What a sender may leave out comes from the queue. @throws AwsError when the queue does not take such a message. */
export function newMessage(
    queue: Queue,
    input: Omit<SendMessageBatchRequestEntry, "Id">,
    senderId: string,
): NewMessage {
    const { MessageBody: body, MessageGroupId, MessageDeduplicationId } = input;
    const { attributes: settings } = queue;
    if (body === undefined || body === "") throw missingParameter("MessageBody");
    if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(body)) {
        throw new AwsError("InvalidMessageContents", "The message contains characters that XML 1.0 does not allow.");
    }
    const attributes = storedAttributes(input.MessageAttributes);
    if (messageSize(input) > Number(settings.MaximumMessageSize)) {
        throw new AwsError(
            "InvalidParameterValueException",
            `One or more parameters are invalid. Reason: Message must be shorter than ${settings.MaximumMessageSize} bytes.`,
        );
    }
    const message = {
        body,
        attributes,
        senderId,
        traceHeader: input.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
        delaySeconds:
            inRange("DelaySeconds", input.DelaySeconds, 0, 900, "DelaySeconds must be >= 0 and <= 900.") ??
            Number(settings.DelaySeconds),
    };
    if (!queue.fifo) {
        if (MessageDeduplicationId !== undefined) {
            throw invalidParameter(
                "MessageDeduplicationId",
                MessageDeduplicationId,
                "The request include parameter that is not valid for this queue type.",
            );
        }
        // A fair queue's sender may say whose message it is.
        return { ...message, groupId: checkedId("MessageGroupId", MessageGroupId) };
    }
    if (input.DelaySeconds !== undefined && input.DelaySeconds > 0) {
        throw invalidParameter(
            "DelaySeconds",
            input.DelaySeconds,
            "The request include parameter that is not valid for this queue type.",
        );
    }
    if (MessageGroupId === undefined || MessageGroupId === "") throw missingParameter("MessageGroupId");
    const byContent =
        settings.ContentBasedDeduplication === "true" ? createHash("sha256").update(body).digest("hex") : undefined;
    const groupId = checkedId("MessageGroupId", MessageGroupId);
    const deduplicationId = checkedId("MessageDeduplicationId", MessageDeduplicationId) ?? byContent;
    if (deduplicationId === undefined) {
        throw new AwsError(
            "InvalidParameterValueException",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        );
    }
    return { ...message, groupId, deduplicationId };
}

function checkedId(name: string, id: string | undefined): string | undefined {
    if (id === undefined || /^[!-~]{1,128}$/.test(id)) return id;
    throw invalidParameter(
        name,
        id,
        `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
}
