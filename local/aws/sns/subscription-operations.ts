import { randomUUID } from "node:crypto";
import type {
    GetSubscriptionAttributesInput,
    GetSubscriptionAttributesResponse,
    ListSubscriptionsByTopicInput,
    ListSubscriptionsByTopicResponse,
    ListSubscriptionsInput,
    ListSubscriptionsResponse,
    SetSubscriptionAttributesInput,
    SubscribeInput,
    SubscribeResponse,
    UnsubscribeInput,
} from "@aws-sdk/client-sns";
import type { TwinContext } from "../context";
import { account, type Caller, type Operation, partition, region } from "../service";
import type { Access } from "./access";
import { invalidParameter, notFound, unsupported } from "./errors";
import { pageOf } from "./page";
import { type Subscription, type Topics, topicArn, topicName } from "./topics";

export interface SubscriptionOperations {
    Subscribe: Operation<SubscribeInput, SubscribeResponse>;
    Unsubscribe: Operation<UnsubscribeInput, object>;
    GetSubscriptionAttributes: Operation<GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse>;
    SetSubscriptionAttributes: Operation<SetSubscriptionAttributesInput, object>;
    ListSubscriptions: Operation<ListSubscriptionsInput, ListSubscriptionsResponse>;
    ListSubscriptionsByTopic: Operation<ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse>;
}

/** Protocols of SNS that the twin does not deliver by. */
const otherProtocols = ["application", "email", "email-json", "firehose", "http", "https", "sms"];
const otherAttributes = ["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "SubscriptionRoleArn"];

const endpointForms = {
    sqs: { name: "SQS", form: new RegExp(`^arn:${partition}:sqs:${region}:${account}:[A-Za-z0-9_-]{1,80}$`) },
    lambda: {
        name: "Lambda",
        form: new RegExp(`^arn:${partition}:lambda:${region}:${account}:function:[A-Za-z0-9_-]{1,64}$`),
    },
};

export function subscriptionOperations(
    { iam, store }: TwinContext,
    topics: Topics,
    access: Access,
): SubscriptionOperations {
    function permitted(caller: Caller, action: string, arn: string | undefined): Subscription {
        const topic = topicArn(topicName(arn, "SubscriptionArn"));
        access.authorize(caller, action, {
            arn: topic,
            attributes: topics.find(topicName(topic))?.attributes ?? {},
        });
        const found = topics.subscription(String(arn));
        if (found === undefined) throw notFound("Subscription");
        return found;
    }

    return {
        async Subscribe({ TopicArn, Protocol = "", Endpoint = "", Attributes = {} }, caller) {
            const attributes = topics.find(topicName(TopicArn))?.attributes ?? {};
            access.authorize(caller, "Subscribe", { arn: String(TopicArn), attributes });
            if (otherProtocols.includes(Protocol)) throw unsupported(`subscriptions with the protocol ${Protocol}`);
            if (Protocol !== "sqs" && Protocol !== "lambda") {
                throw invalidParameter(`Amazon SNS does not support this protocol string: ${Protocol}`);
            }
            const { name, form } = endpointForms[Protocol];
            if (Endpoint.endsWith(".fifo")) throw unsupported("subscriptions of FIFO queues");
            if (!form.test(Endpoint)) throw invalidParameter(`${name} endpoint ARN`);
            for (const [attribute, value] of Object.entries(Attributes)) {
                checkAttribute(attribute, value, "Attributes Reason: ");
            }
            const topic = topics.get(TopicArn);
            const arn = await store.commit(() => {
                const existing = topics
                    .subscriptions(topic.arn)
                    .find(({ protocol, endpoint }) => protocol === Protocol && endpoint === Endpoint);
                if (existing === undefined) {
                    const made = `${topic.arn}:${randomUUID()}`;
                    topics.subscribe({
                        arn: made,
                        topicArn: topics.get(TopicArn).arn,
                        protocol: Protocol,
                        endpoint: Endpoint,
                        attributes: Attributes,
                        principal: iam.callerArn(caller),
                    });
                    return made;
                }
                const shown = shownAttributes(existing);
                if (Object.entries(Attributes).some(([attribute, value]) => shown[attribute] !== value)) {
                    throw invalidParameter("Attributes Reason: Subscription already exists with different attributes");
                }
                return existing.arn;
            });
            return { SubscriptionArn: arn };
        },
        async Unsubscribe({ SubscriptionArn }, caller) {
            if (SubscriptionArn === undefined || SubscriptionArn === "") {
                throw invalidParameter("SubscriptionArn Reason: no value for required parameter");
            }
            const topic = topicArn(topicName(SubscriptionArn, "SubscriptionArn"));
            if (!/:[0-9a-f-]{36}$/.test(SubscriptionArn)) throw invalidParameter("SubscriptionId");
            access.authorize(caller, "Unsubscribe", {
                arn: topic,
                attributes: topics.find(topicName(topic))?.attributes ?? {},
            });
            // One that is gone is no error.
            await store.commit(() => topics.unsubscribe(SubscriptionArn));
            return {};
        },
        async GetSubscriptionAttributes({ SubscriptionArn }, caller) {
            return { Attributes: shownAttributes(permitted(caller, "GetSubscriptionAttributes", SubscriptionArn)) };
        },
        async SetSubscriptionAttributes({ SubscriptionArn, AttributeName = "", AttributeValue = "" }, caller) {
            const { arn } = permitted(caller, "SetSubscriptionAttributes", SubscriptionArn);
            checkAttribute(AttributeName, AttributeValue, "");
            await store.commit(() => {
                const current = topics.subscription(arn);
                if (current === undefined) throw notFound("Subscription");
                topics.subscribe({
                    ...current,
                    attributes: { ...current.attributes, [AttributeName]: AttributeValue },
                });
            });
            return {};
        },
        async ListSubscriptions({ NextToken }, caller) {
            access.authorize(caller, "ListSubscriptions", { arn: topicArn("*"), attributes: {} });
            return listed(topics.subscriptions(), NextToken);
        },
        async ListSubscriptionsByTopic({ TopicArn, NextToken }, caller) {
            const attributes = topics.find(topicName(TopicArn))?.attributes ?? {};
            access.authorize(caller, "ListSubscriptionsByTopic", { arn: String(TopicArn), attributes });
            return listed(topics.subscriptions(topics.get(TopicArn).arn), NextToken);
        },
    };
}

function listed(all: readonly Subscription[], token: string | undefined): ListSubscriptionsResponse {
    const { page, nextToken } = pageOf(all, ({ arn }) => arn, token);
    return {
        Subscriptions: page.map(({ arn, topicArn, protocol, endpoint }) => ({
            SubscriptionArn: arn,
            Owner: account,
            Protocol: protocol,
            Endpoint: endpoint,
            TopicArn: topicArn,
        })),
        NextToken: nextToken,
    };
}

function checkAttribute(name: string, value: string, reason: string): void {
    if (otherAttributes.includes(name)) throw unsupported(`subscriptions with ${name}`);
    if (name !== "RawMessageDelivery") throw invalidParameter(`${reason}AttributeName`);
    if (value !== "true" && value !== "false") {
        throw invalidParameter(`${reason}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
    }
}

function shownAttributes({ arn, topicArn, protocol, endpoint, attributes, principal }: Subscription) {
    return {
        ConfirmationWasAuthenticated: "true",
        Endpoint: endpoint,
        Owner: account,
        PendingConfirmation: "false",
        Protocol: protocol,
        RawMessageDelivery: "false",
        SubscriptionArn: arn,
        SubscriptionPrincipal: principal,
        TopicArn: topicArn,
        ...attributes,
    } as Record<string, string>;
}
