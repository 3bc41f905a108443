import { createHash } from "node:crypto";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { RejectRecord } from "./reject-record";

/** Largest message that SQS takes. */
const MAX_BYTES = 1_048_576;

/** What SQS takes as a group or deduplication id. */
const ID = /^[\x21-\x7e]{1,128}$/;

/** Two characters that JSON leaves as they are and SQS refuses, with the whole message. */
const REFUSED = /[\uFFFE\uFFFF]/g;

/** The run-time side of WorkQueue.send. */
export function send({ queueUrl }: { queueUrl: string }) {
    // The URL names the queue; where SQS is reached is the environment's to say, as with every other service.
    const client = new SQSClient({ useQueueUrlAsEndpoint: false });
    return async (record: { readonly id: string }): Promise<void> => {
        const id = ID.test(record.id) ? record.id : createHash("sha256").update(record.id).digest("hex");
        const body = JSON.stringify(record).replace(
            REFUSED,
            (character) => `\\u${character.charCodeAt(0).toString(16)}`,
        );
        const bytes = Buffer.byteLength(body);
        if (bytes > MAX_BYTES) {
            throw new RejectRecord(`It is too large for a queue: ${bytes} bytes, and SQS takes ${MAX_BYTES} at most.`);
        }
        await client.send(
            new SendMessageCommand({
                QueueUrl: queueUrl,
                MessageBody: body,
                // A group a record: nothing waits behind another record, and a repetition is dropped.
                MessageGroupId: id,
                MessageDeduplicationId: id,
            }),
        );
    };
}
