import { randomUUID } from "node:crypto";
import type { MessageAttributeValue, PublishBatchRequestEntry } from "@aws-sdk/client-sns";
import { AwsError } from "../service";
import { invalidParameter, invalidValue, unsupported } from "./errors";

/** A message as it is delivered to a topic's subscribers. */
export interface TopicMessage {
    readonly id: string;
    readonly subject: string | undefined;
    readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
    /** What a subscriber with that protocol gets. */
    textFor(protocol: "sqs" | "lambda"): string;
}

/** Bytes that a message may have, or all messages of a batch together, with attributes. */
export const largestMessage = 262_144;

type Input = Omit<PublishBatchRequestEntry, "Id">;

/** @throws AwsError when SNS does not take such a message. Its text is never in the error. */
export function newMessage(input: Input): TopicMessage {
    const { Message = "", Subject, MessageStructure, MessageAttributes = {} } = input;
    if (Message === "") throw invalidParameter("Empty message");
    if (input.MessageDeduplicationId !== undefined) {
        throw invalidParameter(
            "The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        );
    }
    if (input.MessageGroupId !== undefined) throw unsupported("message groups of queues");
    if (Subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(Subject)) throw invalidParameter("Subject");
    for (const [name, attribute] of Object.entries(MessageAttributes)) checkAttribute(name, attribute);
    if (messageSize(input) > largestMessage) throw invalidParameter("Message too long");
    const texts = MessageStructure === "json" ? structured(Message) : {};
    if (MessageStructure !== undefined && MessageStructure !== "json") {
        throw invalidParameter(`MessageStructure '${MessageStructure}' must be json`);
    }
    return {
        id: randomUUID(),
        subject: Subject,
        attributes: MessageAttributes,
        textFor: (protocol) => texts[protocol] ?? texts.default ?? Message,
    };
}

/** Bytes that count in the limit. */
export function messageSize({ Message = "", MessageAttributes = {} }: Input): number {
    return Object.entries(MessageAttributes).reduce(
        (sum, [name, { DataType = "", StringValue = "", BinaryValue }]) =>
            sum +
            Buffer.byteLength(name) +
            Buffer.byteLength(DataType) +
            (BinaryValue?.length ?? Buffer.byteLength(StringValue)),
        Buffer.byteLength(Message),
    );
}

/** A text for each protocol, `default` among them. */
function structured(message: string): Readonly<Record<string, string>> {
    let parsed: unknown;
    try {
        parsed = JSON.parse(message);
    } catch {
        throw invalidParameter("Message Structure - JSON message body failed to parse");
    }
    const texts = Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {}).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    if (!texts.some(([protocol]) => protocol === "default")) {
        throw invalidParameter("Message Structure - No default entry in JSON message body");
    }
    return Object.fromEntries(texts);
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttributeValue): void {
    if (DataType === undefined) {
        throw new AwsError(
            "ValidationError",
            `1 validation error detected: Value null at 'messageAttributes.${name}.member.dataType' failed to satisfy constraint: Member must not be null`,
        );
    }
    if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\.|^\.|\.$|\.\./i.test(name)) {
        throw invalidValue(
            `The message attribute name '${name}' must be 1 to 256 letters, digits, '_', '-' and '.', not at its ends or twice in a row, and not begin with AWS. or Amazon.`,
        );
    }
    const [kind = ""] = DataType.split(".");
    if (!["String", "Number", "Binary"].includes(kind)) {
        throw invalidValue(
            `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
        );
    }
    const [own, other, field] =
        kind === "Binary"
            ? ([BinaryValue, StringValue, "BinaryValue"] as const)
            : ([StringValue, BinaryValue, "StringValue"] as const);
    if (own === undefined && other !== undefined && other.length > 0) {
        throw invalidValue(`The message attribute '${name}' with type '${DataType}' must use field '${field}'.`);
    }
    if (own === undefined || own.length === 0) {
        throw invalidValue(
            `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
        );
    }
    if (kind === "Number" && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(String(own))) {
        throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
    }
}
