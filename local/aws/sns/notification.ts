import type { SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { account, partition, region } from "../service";
import type { TopicMessage } from "./message";
import type { Subscription } from "./topics";

/** What surrounds a message when it is delivered. */
export interface Envelope {
    readonly message: TopicMessage;
    readonly subscription: Subscription;
    /** ISO 8601. */
    readonly timestamp: string;
    /** `http://127.0.0.1:PORT` */
    readonly address: string;
}

/** The twin signs nothing: what a verifier finds says so. */
const signature = Buffer.from("The local twin does not sign.").toString("base64");

/** The message of a queue: the notification as JSON, or, with raw delivery, what was published. */
export function queueMessage(envelope: Envelope): Omit<SendMessageBatchRequestEntry, "Id"> {
    const { message, subscription } = envelope;
    if (subscription.attributes.RawMessageDelivery === "true") {
        return { MessageBody: message.textFor("sqs"), MessageAttributes: { ...message.attributes } };
    }
    const { signingCertificate, unsubscribe } = addresses(envelope);
    const attributes = attributeValues(message);
    return {
        MessageBody: JSON.stringify({
            Type: "Notification",
            MessageId: message.id,
            TopicArn: subscription.topicArn,
            Subject: message.subject,
            Message: message.textFor("sqs"),
            Timestamp: envelope.timestamp,
            SignatureVersion: "1",
            Signature: signature,
            SigningCertURL: signingCertificate,
            UnsubscribeURL: unsubscribe,
            ...(Object.keys(attributes).length > 0 ? { MessageAttributes: attributes } : {}),
        }),
    };
}

/** The event of a function, as JSON. */
export function functionEvent(envelope: Envelope): string {
    const { message, subscription } = envelope;
    const { signingCertificate, unsubscribe } = addresses(envelope);
    return JSON.stringify({
        Records: [
            {
                EventSource: `${partition}:sns`,
                EventVersion: "1.0",
                EventSubscriptionArn: subscription.arn,
                Sns: {
                    Type: "Notification",
                    MessageId: message.id,
                    TopicArn: subscription.topicArn,
                    Subject: message.subject ?? null,
                    Message: message.textFor("lambda"),
                    Timestamp: envelope.timestamp,
                    SignatureVersion: "1",
                    Signature: signature,
                    SigningCertUrl: signingCertificate,
                    UnsubscribeUrl: unsubscribe,
                    MessageAttributes: attributeValues(message),
                },
            },
        ],
    });
}

function addresses({ subscription, address }: Envelope) {
    return {
        signingCertificate: `${address}/SimpleNotificationService-${account}-${region}.pem`,
        unsubscribe: `${address}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
    };
}

function attributeValues({ attributes }: TopicMessage): Record<string, { Type: string; Value: string }> {
    return Object.fromEntries(
        Object.entries(attributes).map(([name, { DataType = "", StringValue, BinaryValue }]) => [
            name,
            {
                Type: DataType,
                Value: BinaryValue === undefined ? (StringValue ?? "") : Buffer.from(BinaryValue).toString("base64"),
            },
        ]),
    );
}
