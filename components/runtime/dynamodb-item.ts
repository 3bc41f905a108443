import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** Plain data as a DynamoDB item. Properties that are undefined are left out. */
export function toItem(record: object): Record<string, AttributeValue> {
    return Object.fromEntries(
        Object.entries(record)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [name, toAttribute(value)]),
    );
}

/** A DynamoDB item as plain data. */
export function fromItem(item: Record<string, AttributeValue>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}

function toAttribute(value: unknown): AttributeValue {
    if (value === null || value === undefined) return { NULL: true };
    if (typeof value === "string") return { S: value };
    if (typeof value === "boolean") return { BOOL: value };
    if (typeof value === "number" && Number.isFinite(value)) return { N: String(value) };
    if (Array.isArray(value)) return { L: value.map(toAttribute) };
    if (typeof value === "object") return { M: toItem(value) };
    throw new TypeError(`A record holds plain data only; a ${typeof value} cannot be stored.`);
}

function fromAttribute(value: AttributeValue): unknown {
    if (value.S !== undefined) return value.S;
    if (value.N !== undefined) return Number(value.N);
    if (value.BOOL !== undefined) return value.BOOL;
    if (value.L !== undefined) return value.L.map(fromAttribute);
    if (value.M !== undefined) return fromItem(value.M);
    return null;
}
