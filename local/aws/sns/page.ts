import { invalidParameter } from "./errors";

const pageSize = 100;

/** A page of a list that is in order of its keys. The token is the last key of the page before. */
export function pageOf<T>(
    all: readonly T[],
    keyOf: (item: T) => string,
    token: string | undefined,
): { readonly page: readonly T[]; readonly nextToken: string | undefined } {
    const after = Buffer.from(token ?? "", "base64url").toString("utf8");
    if (token !== undefined && !after.startsWith("arn:")) throw invalidParameter("NextToken");
    const rest = all.filter((item) => keyOf(item) > after);
    const page = rest.slice(0, pageSize);
    const last = page.at(-1);
    const nextToken =
        rest.length > page.length && last !== undefined ? Buffer.from(keyOf(last)).toString("base64url") : undefined;
    return { page, nextToken };
}
