import { createHash } from "node:crypto";
import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { AwsError } from "../service";

/** Attributes that a sender gave its message. Binary values are base64: that is how they are stored. */
export type StoredAttributes = Readonly<
    Record<string, { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: string }>
>;

const mostAttributes = 10;

/** @throws AwsError in SQS's words, for a name, a type or a value that it does not take. */
export function storedAttributes(attributes: Readonly<Record<string, MessageAttributeValue>> = {}): StoredAttributes {
    const count = Object.keys(attributes).length;
    if (count > mostAttributes) {
        throw invalidAttribute(
            `Number of message attributes [${count}] exceeds the allowed maximum [${mostAttributes}].`,
        );
    }
    return Object.fromEntries(
        Object.entries(attributes).map(([name, { DataType = "", StringValue, BinaryValue }]) => {
            checkName(name);
            const kind = DataType.split(".")[0];
            if (kind !== "String" && kind !== "Number" && kind !== "Binary") {
                throw invalidAttribute(
                    `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
                );
            }
            const value = kind === "Binary" ? BinaryValue : StringValue;
            if (value === undefined || value.length === 0) {
                throw invalidAttribute(
                    `Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`,
                );
            }
            if (typeof value !== "string")
                return [name, { DataType, BinaryValue: Buffer.from(value).toString("base64") }];
            if (kind === "Number" && (value.trim() === "" || !Number.isFinite(Number(value)))) {
                throw invalidAttribute(`Can't cast the value of message (user) attribute '${name}' to a number.`);
            }
            return [name, { DataType, StringValue: value }];
        }),
    );
}

function checkName(name: string): void {
    if (Buffer.byteLength(name) > 256) {
        throw invalidAttribute("Message (user) attribute names must be shorter than 256 Bytes");
    }
    if (!/^[\w.-]+$/.test(name)) {
        throw invalidAttribute(
            "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ",
        );
    }
    if (/^(aws|amazon)\./i.test(name)) {
        throw invalidAttribute(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
        );
    }
}

function invalidAttribute(message: string): AwsError {
    return new AwsError("InvalidParameterValueException", message);
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
export function attributesSize(attributes: Readonly<Record<string, MessageAttributeValue>> = {}): number {
    return Object.entries(attributes).reduce((sum, [name, { DataType = "", StringValue = "", BinaryValue }]) => {
        const value = BinaryValue?.length ?? Buffer.byteLength(StringValue);
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
