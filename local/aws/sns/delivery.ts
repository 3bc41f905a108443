import type { TwinContext } from "../context";
import { AwsError } from "../service";
import { StoreError } from "../store-error";
import type { TopicMessage } from "./message";
import { functionEvent, queueMessage } from "./notification";
import type { Subscription, Topic, Topics } from "./topics";

/**
 * Hands a message to all subscribers of a topic. It is a part of the transaction in which it is called: once that is on
 * disk, so are the messages in queues and the invocations of functions. As on AWS, a subscriber that does not take it,
 * being gone or not letting SNS, is no error of the publisher; the twin reports it.
 */
export function deliver(context: TwinContext, topics: Topics, topic: Topic, message: TopicMessage): void {
    const timestamp = new Date(context.clock.now()).toISOString();
    for (const subscription of topics.subscriptions(topic.arn)) {
        try {
            context.store.transaction(() => hand(context, { message, subscription, timestamp }));
        } catch (error) {
            if (error instanceof StoreError || !(error instanceof AwsError)) throw error;
            context.report({
                level: "warning",
                source: "sns",
                message: `Topic ${topic.name} could not deliver message ${message.id} to ${subscription.endpoint}: ${error.message} The message is dropped there.`,
            });
        }
    }
}

function hand(
    { services, address }: TwinContext,
    delivered: { message: TopicMessage; subscription: Subscription; timestamp: string },
): void {
    const { protocol, endpoint, topicArn: sourceArn } = delivered.subscription;
    const source = { service: "sns.amazonaws.com", sourceArn };
    const envelope = { ...delivered, address: address() };
    if (protocol === "sqs") services().sqs.enqueue(endpoint, queueMessage(envelope), source);
    else services().lambda.enqueue(endpoint, functionEvent(envelope), source);
}
