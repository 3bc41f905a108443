import { AwsError } from "../service";

/** What the lists of EventBridge take. */
export interface PageInput {
    readonly NextToken?: string;
    readonly Limit?: number;
}

/** A page of a list that is in order of its names. @throws AwsError ValidationException for a token of another list */
export function pageOf<Item>(
    items: readonly Item[],
    nameOf: (item: Item) => string,
    { NextToken, Limit = 100 }: PageInput,
): { readonly items: Item[]; readonly NextToken: string | undefined } {
    const after = NextToken === undefined ? undefined : Buffer.from(NextToken, "base64").toString("utf8");
    if (after !== undefined && Buffer.from(after, "utf8").toString("base64") !== NextToken) {
        throw new AwsError("ValidationException", "Token is not valid.");
    }
    const left = after === undefined ? items : items.filter((item) => nameOf(item) > after);
    const page = left.slice(0, Limit);
    const last = left.length > page.length ? page.at(-1) : undefined;
    return { items: page, NextToken: last === undefined ? undefined : Buffer.from(nameOf(last)).toString("base64") };
}
