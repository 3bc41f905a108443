import { createHash } from "node:crypto";
import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { invalidParameter } from "./errors";

/** Attributes that a sender gave its message. Binary values are base64: that is how they are stored. */
export type StoredAttributes = Readonly<
    Record<string, { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: string }>
>;

/** @throws AwsError when an attribute has no value or a type that SQS does not know. */
export function storedAttributes(attributes: Readonly<Record<string, MessageAttributeValue>> = {}): StoredAttributes {
    if (Object.keys(attributes).length > 10) {
        throw invalidParameter("MessageAttributes", Object.keys(attributes).length, "A message has at most 10.");
    }
    return Object.fromEntries(
        Object.entries(attributes).map(([name, { DataType = "", StringValue, BinaryValue }]) => {
            const kind = DataType.split(".")[0];
            if (kind === "Binary" && BinaryValue !== undefined) {
                return [name, { DataType, BinaryValue: Buffer.from(BinaryValue).toString("base64") }];
            }
            if ((kind === "String" || kind === "Number") && StringValue !== undefined)
                return [name, { DataType, StringValue }];
            throw invalidParameter(
                `MessageAttributes.${name}`,
                DataType,
                "It needs DataType String, Number or Binary, and its value.",
            );
        }),
    );
}

/** As the SDK's shape; those of the names that were asked for: `All`, `.*`, `prefix.*`, or a name. */
export function wantedAttributes(
    stored: StoredAttributes,
    wanted: readonly string[],
): Record<string, MessageAttributeValue> | undefined {
    const chosen = Object.entries(stored).filter(([name]) =>
        wanted.some(
            (want) => want === "All" || (want.endsWith(".*") ? name.startsWith(want.slice(0, -2)) : want === name),
        ),
    );
    if (chosen.length === 0) return undefined;
    return Object.fromEntries(
        chosen.map(([name, { DataType, StringValue, BinaryValue }]) => [
            name,
            BinaryValue === undefined
                ? { DataType, StringValue }
                : { DataType, BinaryValue: Buffer.from(BinaryValue, "base64") },
        ]),
    );
}

/** Bytes that they count for in the limit on a message's size. */
export function attributesSize(attributes: StoredAttributes): number {
    return Object.entries(attributes).reduce((sum, [name, { DataType, StringValue, BinaryValue }]) => {
        const value =
            BinaryValue === undefined
                ? Buffer.byteLength(StringValue ?? "")
                : Buffer.from(BinaryValue, "base64").length;
        return sum + Buffer.byteLength(name) + Buffer.byteLength(DataType) + value;
    }, 0);
}

export const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** SQS's digest of attributes: by name, each part with its length in front. Undefined without attributes. */
export function attributesDigest(
    attributes: Readonly<Record<string, MessageAttributeValue>> | undefined,
): string | undefined {
    const names = Object.keys(attributes ?? {}).sort();
    if (attributes === undefined || names.length === 0) return undefined;
    const digest = createHash("md5");
    const part = (bytes: Uint8Array) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes.length);
        digest.update(length).update(bytes);
    };
    for (const name of names) {
        const { DataType = "", StringValue = "", BinaryValue } = attributes[name] ?? {};
        part(Buffer.from(name));
        part(Buffer.from(DataType));
        digest.update(Buffer.from([BinaryValue === undefined ? 1 : 2]));
        part(BinaryValue ?? Buffer.from(StringValue));
    }
    return digest.digest("hex");
}
