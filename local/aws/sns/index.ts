import * as model from "@aws-sdk/client-sns";
import type { TwinContext } from "../context";
import { queryService } from "../protocol/query";
import { AwsError, type AwsService } from "../service";
import { createAccess, type PublishingService } from "./access";
import { deliver } from "./delivery";
import { newMessage } from "./message";
import { type PublishOperations, publishOperations } from "./publish-operations";
import { type SubscriptionOperations, subscriptionOperations } from "./subscription-operations";
import { type TopicOperations, topicOperations } from "./topic-operations";
import { openTopics } from "./topics";

export type SnsOperations = TopicOperations & SubscriptionOperations & PublishOperations;

/** Amazon SNS as the twin has it: standard topics that deliver to queues and functions. */
export interface Sns extends AwsService {
    readonly operations: SnsOperations;
    /**
     * Publishes on behalf of a service. To be called in the transaction that stores the reason, so that one is never
     * kept without the other.
     * @throws AwsError when there is no such topic, or its policy does not let the service.
     */
    enqueue(
        topicArn: string,
        message: { readonly Message: string; readonly Subject?: string },
        source: PublishingService,
    ): void;
}

export function createSns(context: TwinContext): Sns {
    const topics = openTopics(context.store);
    const access = createAccess(context);
    const operations: SnsOperations = {
        ...topicOperations(context, topics, access),
        ...subscriptionOperations(context, topics, access),
        ...publishOperations(context, topics, access),
    };
    return {
        ...queryService({
            signingNames: ["sns"],
            model,
            namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
            operations,
        }),
        operations,
        enqueue(topicArn, message, source) {
            const topic = topics.get(topicArn);
            if (!access.servicePublishes(topic, source)) {
                throw new AwsError(
                    "AuthorizationError",
                    `${source.service} is not authorized to perform: SNS:Publish on resource: ${topic.arn}: the topic's policy does not let it.`,
                    403,
                );
            }
            deliver(context, topics, topic, newMessage(message));
        },
    };
}
