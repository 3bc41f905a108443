import type {
    CreateQueueCommandInput,
    CreateQueueCommandOutput,
    DeleteQueueCommandInput,
    DeleteQueueCommandOutput,
    GetQueueAttributesCommandInput,
    GetQueueAttributesCommandOutput,
    GetQueueUrlCommandInput,
    GetQueueUrlCommandOutput,
    ListQueuesCommandInput,
    ListQueuesCommandOutput,
    ListQueueTagsCommandInput,
    ListQueueTagsCommandOutput,
    PurgeQueueCommandInput,
    PurgeQueueCommandOutput,
    SetQueueAttributesCommandInput,
    SetQueueAttributesCommandOutput,
    TagQueueCommandInput,
    TagQueueCommandOutput,
    UntagQueueCommandInput,
    UntagQueueCommandOutput,
} from "@aws-sdk/client-sqs";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import { noSuchQueue } from "./errors";
import type { MessageParts } from "./message-operations";
import {
    checkAttributeNames,
    checkAttributes,
    checkThroughput,
    type QueueAttributes,
    standardAttributes,
} from "./queue-attributes";
import { checkedName, type Queue, queueArn } from "./queues";
import { checkRedrivePolicy } from "./redrive-policy";

const mostTags = 50;

export interface QueueOperations {
    CreateQueue: Operation<CreateQueueCommandInput, CreateQueueCommandOutput>;
    DeleteQueue: Operation<DeleteQueueCommandInput, DeleteQueueCommandOutput>;
    GetQueueUrl: Operation<GetQueueUrlCommandInput, GetQueueUrlCommandOutput>;
    GetQueueAttributes: Operation<GetQueueAttributesCommandInput, GetQueueAttributesCommandOutput>;
    SetQueueAttributes: Operation<SetQueueAttributesCommandInput, SetQueueAttributesCommandOutput>;
    ListQueues: Operation<ListQueuesCommandInput, ListQueuesCommandOutput>;
    PurgeQueue: Operation<PurgeQueueCommandInput, PurgeQueueCommandOutput>;
    TagQueue: Operation<TagQueueCommandInput, TagQueueCommandOutput>;
    UntagQueue: Operation<UntagQueueCommandInput, UntagQueueCommandOutput>;
    ListQueueTags: Operation<ListQueueTagsCommandInput, ListQueueTagsCommandOutput>;
}

export function queueOperations(
    { store, clock }: TwinContext,
    { queues, messages, waiting, authorize, quotas }: MessageParts,
): QueueOperations {
    function permitted(url: string | undefined, caller: Caller, action: string): Queue {
        const queue = queues.byUrl(url);
        authorize(caller, action, queue);
        return queue;
    }

    return {
        async CreateQueue({ QueueName, Attributes, tags }, caller) {
            const given = definedValues(Attributes);
            const fifo = given.FifoQueue === "true";
            const name = checkedName(QueueName, fifo);
            authorize(caller, "sqs:CreateQueue", { arn: queueArn(name), attributes: {} });
            checkAttributes(given, fifo);
            checkRedrivePolicy(given.RedrivePolicy, { name, fifo }, queues);
            const newTags = definedValues(tags);
            checkTags(name, newTags);
            const now = clock.now();
            await store.commit(() => {
                const existing = queues.find(name);
                if (existing === undefined) {
                    quotas.create(name);
                    const attributes = withoutEmpty({ ...standardAttributes(fifo), ...given });
                    checkThroughput(attributes);
                    queues.put({ name, attributes, tags: newTags, created: now, modified: now });
                    return;
                }
                const other = Object.entries(given).find(([key, value]) => existing.attributes[key] !== value);
                if (other !== undefined) {
                    throw new AwsError(
                        "QueueNameExists",
                        `A queue already exists with the same name and a different value for attribute ${other[0]}`,
                    );
                }
            });
            return { QueueUrl: queues.url(name) };
        },

        async DeleteQueue({ QueueUrl }, caller) {
            const { name } = permitted(QueueUrl, caller, "sqs:DeleteQueue");
            await store.commit(() => queues.delete(name));
            quotas.deleted(name);
            waiting.wake(name);
            return {};
        },

        async GetQueueUrl({ QueueName }, caller) {
            const name = QueueName ?? "";
            const queue = queues.find(name);
            authorize(caller, "sqs:GetQueueUrl", queue ?? { arn: queueArn(name), attributes: {} });
            if (queue === undefined) throw noSuchQueue();
            return { QueueUrl: queues.url(name) };
        },

        async GetQueueAttributes({ QueueUrl, AttributeNames = [] }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:GetQueueAttributes");
            const wanted: readonly string[] = AttributeNames;
            checkAttributeNames(wanted);
            const { visible, inFlight, delayed } = messages.counts(queue);
            const attributes: QueueAttributes = {
                ...queue.attributes,
                QueueArn: queue.arn,
                ApproximateNumberOfMessages: String(visible),
                ApproximateNumberOfMessagesNotVisible: String(inFlight),
                ApproximateNumberOfMessagesDelayed: String(delayed),
                CreatedTimestamp: String(Math.floor(queue.created / 1000)),
                LastModifiedTimestamp: String(Math.floor(queue.modified / 1000)),
            };
            const chosen = Object.entries(attributes).filter(
                ([name]) => wanted.includes("All") || wanted.includes(name),
            );
            return { Attributes: chosen.length === 0 ? undefined : Object.fromEntries(chosen) };
        },

        async SetQueueAttributes({ QueueUrl, Attributes }, caller) {
            const { name, fifo } = permitted(QueueUrl, caller, "sqs:SetQueueAttributes");
            const given = definedValues(Attributes);
            checkAttributes(given, fifo);
            checkRedrivePolicy(given.RedrivePolicy, { name, fifo }, queues);
            await store.commit(() => {
                const queue = queues.byUrl(QueueUrl);
                if (given.FifoQueue !== undefined && given.FifoQueue !== String(fifo)) {
                    throw new AwsError("InvalidAttributeName", "FifoQueue cannot be changed.");
                }
                const attributes = withoutEmpty({ ...queue.attributes, ...given });
                if ("FifoThroughputLimit" in given || "DeduplicationScope" in given) checkThroughput(attributes);
                queues.put({ ...queue, attributes, modified: clock.now() });
            });
            waiting.wake(name);
            return {};
        },

        async ListQueues({ QueueNamePrefix = "", MaxResults = 1000, NextToken }, caller) {
            authorize(caller, "sqs:ListQueues", { arn: "*", attributes: {} });
            const after = NextToken === undefined ? "" : Buffer.from(NextToken, "base64").toString("utf8");
            const matching = queues.list(QueueNamePrefix).filter(({ name }) => name > after);
            const page = matching.slice(0, MaxResults);
            const last = matching.length > page.length ? page.at(-1)?.name : undefined;
            return {
                QueueUrls: page.length === 0 ? undefined : page.map(({ name }) => queues.url(name)),
                NextToken: last && Buffer.from(last).toString("base64"),
            };
        },

        async PurgeQueue({ QueueUrl }, caller) {
            const queue = permitted(QueueUrl, caller, "sqs:PurgeQueue");
            quotas.purge(queue.name);
            await store.commit(() => messages.purge(queue));
            return {};
        },

        async TagQueue({ QueueUrl, Tags }, caller) {
            permitted(QueueUrl, caller, "sqs:TagQueue");
            await store.commit(() => {
                const queue = queues.byUrl(QueueUrl);
                const tags = { ...queue.tags, ...definedValues(Tags) };
                checkTags(queue.name, tags);
                queues.put({ ...queue, tags });
            });
            return {};
        },

        async UntagQueue({ QueueUrl, TagKeys = [] }, caller) {
            permitted(QueueUrl, caller, "sqs:UntagQueue");
            await store.commit(() => {
                const queue = queues.byUrl(QueueUrl);
                const tags = Object.entries(queue.tags).filter(([key]) => !TagKeys.includes(key));
                queues.put({ ...queue, tags: Object.fromEntries(tags) });
            });
            return {};
        },

        async ListQueueTags({ QueueUrl }, caller) {
            return { Tags: permitted(QueueUrl, caller, "sqs:ListQueueTags").tags };
        },
    };
}

/** @throws AwsError when a queue cannot have so many. */
function checkTags(queue: string, tags: Readonly<Record<string, string>>): void {
    if (Object.keys(tags).length <= mostTags) return;
    throw new AwsError("InvalidParameterValueException", `Too many tags added for queue ${queue}.`);
}

function definedValues(values: Readonly<Partial<Record<string, string>>> = {}): Record<string, string> {
    return Object.fromEntries(
        Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
}

function withoutEmpty(attributes: QueueAttributes): QueueAttributes {
    return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}
