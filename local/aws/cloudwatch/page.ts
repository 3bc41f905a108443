import { AwsError } from "../service";

/** A part of a list, and the token of the next one. @throws AwsError InvalidNextToken */
export function page<Item>(
    items: readonly Item[],
    size: number,
    token: string | undefined,
): { items: Item[]; NextToken: string | undefined } {
    const start = token === undefined ? 0 : Number(token);
    if (!Number.isSafeInteger(start) || start < 0)
        throw new AwsError("InvalidNextToken", "The NextToken is not valid.");
    const part = items.slice(start, start + size);
    const next = start + part.length;
    return { items: part, NextToken: next < items.length ? String(next) : undefined };
}
