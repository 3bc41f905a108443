import type { SendMessageBatchCommandInput, SendMessageCommandInput } from "@aws-sdk/client-sqs";
import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import type { AwsService } from "../service";
import { createAuthorizeQueue } from "./access";
import { queryErrorHeader } from "./errors";
import { type MessageOperations, messageOperations } from "./message-operations";
import { openMessages } from "./messages";
import { type QueueOperations, queueOperations } from "./queue-operations";
import { openQueues } from "./queues";
import { createWaiting } from "./waiting";

export interface Sqs extends AwsService {
    readonly operations: QueueOperations & MessageOperations;
}

/** Amazon SQS as the twin has it: standard and FIFO queues, long polling, dead-letter queues. */
export function createSqs(context: TwinContext): Sqs {
    const waiting = createWaiting();
    let closing = false;
    const queues = openQueues(context);
    const parts = {
        queues,
        messages: openMessages(context.store.database),
        waiting,
        authorize: createAuthorizeQueue(context),
        isClosing: () => closing,
    };
    const operations = { ...queueOperations(context, parts), ...messageOperations(context, parts) };
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
        async close() {
            closing = true;
            waiting.wakeAll();
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
