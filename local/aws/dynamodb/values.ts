/**
 * DynamoDB's JSON as the SDK's output shapes have it: the binary attribute values (`B`, `BS`) as buffers and the times of
 * tables as dates.
 */
export function sdkValue(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sdkValue);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, member]) => {
            // An item's own attribute of such a name is an object, not a text or number.
            if (key === "B" && typeof member === "string") return [key, Buffer.from(member, "base64")];
            if (key === "BS" && Array.isArray(member)) {
                return [key, member.map((one: unknown) => Buffer.from(String(one), "base64"))];
            }
            if (key.endsWith("DateTime") && typeof member === "number") return [key, new Date(member * 1000)];
            return [key, sdkValue(member)];
        }),
    );
}
