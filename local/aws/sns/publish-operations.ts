import type {
    BatchResultErrorEntry,
    PublishBatchInput,
    PublishBatchRequestEntry,
    PublishBatchResponse,
    PublishBatchResultEntry,
    PublishInput,
    PublishResponse,
} from "@aws-sdk/client-sns";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import type { Access } from "./access";
import { deliver } from "./delivery";
import { invalidParameter, unsupported } from "./errors";
import { largestMessage, messageSize, newMessage } from "./message";
import { type Topic, type Topics, topicName } from "./topics";

export interface PublishOperations {
    Publish: Operation<PublishInput, PublishResponse>;
    PublishBatch: Operation<PublishBatchInput, PublishBatchResponse>;
}

const mostEntries = 10;

export function publishOperations(context: TwinContext, topics: Topics, access: Access): PublishOperations {
    function permitted(caller: Caller, arn: string | undefined): Topic {
        const attributes = topics.find(topicName(arn))?.attributes ?? {};
        access.authorize(caller, "Publish", { arn: String(arn), attributes });
        return topics.get(arn);
    }

    async function publish(topic: Topic, input: Omit<PublishBatchRequestEntry, "Id">): Promise<string> {
        const message = newMessage(input);
        await context.store.commit(() => deliver(context, topics, topics.get(topic.arn), message));
        return message.id;
    }

    return {
        async Publish({ TopicArn, TargetArn, PhoneNumber, ...input }, caller) {
            if (PhoneNumber !== undefined) throw unsupported("text messages to phone numbers");
            return { MessageId: await publish(permitted(caller, TopicArn ?? TargetArn), input) };
        },
        async PublishBatch({ TopicArn, PublishBatchRequestEntries: entries = [] }, caller) {
            const topic = permitted(caller, TopicArn);
            checkBatch(entries);
            const Successful: PublishBatchResultEntry[] = [];
            const Failed: BatchResultErrorEntry[] = [];
            for (const { Id, ...entry } of entries) {
                try {
                    Successful.push({ Id, MessageId: await publish(topic, entry) });
                } catch (error) {
                    if (!(error instanceof AwsError)) throw error;
                    Failed.push({
                        Id,
                        Code: error.code,
                        Message: error.message,
                        SenderFault: error.status < 500,
                    });
                }
            }
            return { Successful, Failed };
        },
    };
}

/** @throws AwsError when the batch itself is not valid, or, as on AWS, one of its messages. */
function checkBatch(entries: readonly PublishBatchRequestEntry[]): void {
    const refuse = (code: string, message: string) => new AwsError(code, message);
    if (entries.length === 0) throw refuse("EmptyBatchRequest", "The batch request doesn't contain any entries.");
    if (entries.length > mostEntries) {
        throw refuse("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
    }
    const ids = entries.map(({ Id = "" }) => Id);
    for (const id of ids) {
        if (id.length > 80) {
            throw refuse("InvalidBatchEntryId", `The Id of a batch entry in the batch request is too long: ${id}`);
        }
        if (!/^[A-Za-z0-9_-]+$/.test(id)) {
            throw refuse(
                "InvalidBatchEntryId",
                `The Id of a batch entry in the batch request contains an impermissible character: ${id}`,
            );
        }
    }
    if (new Set(ids).size < ids.length) {
        throw refuse("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
    }
    if (entries.reduce((sum, entry) => sum + messageSize(entry), 0) > largestMessage) {
        throw refuse("BatchRequestTooLong", "The length of all the messages put together is more than the limit.");
    }
    for (const entry of entries) {
        if (entry.Message === undefined || entry.Message === "") throw invalidParameter("Empty message");
        newMessage(entry);
    }
}
