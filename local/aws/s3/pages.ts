// What all lists of S3 have in common: a prefix, a delimiter, and pages.

import { AwsError } from "../service";
import { urlEncoded } from "./url-encoding";

const largestPage = 1000;

/** How many entries a page may have. @throws AwsError `InvalidArgument` for less than none. */
export function pageSize(parameter: string, wanted: number | undefined): number {
    if (wanted !== undefined && wanted < 0) {
        throw new AwsError(
            "InvalidArgument",
            `Argument ${parameter} must be an integer between 0 and 2147483647`,
            400,
            {
                ArgumentName: parameter,
                ArgumentValue: wanted,
            },
        );
    }
    return Math.min(wanted ?? largestPage, largestPage);
}

export interface Page<Item> {
    readonly items: readonly Item[];
    /** What the keys of the others begin with, up to the delimiter. */
    readonly prefixes: readonly string[];
    /** Where the next page begins: behind this key or common prefix. Undefined on the last page. */
    readonly next: { readonly marker: string; readonly item?: Item } | undefined;
}

/** @param items in the order of their keys, without those before `after`. */
export function takePage<Item extends { readonly key: string }>(
    items: Iterable<Item>,
    { prefix, delimiter, limit, after }: { prefix: string; delimiter: string; limit: number; after: string },
): Page<Item> {
    const taken: Item[] = [];
    const prefixes: string[] = [];
    let next: Page<Item>["next"];
    for (const item of items) {
        const cut = delimiter === "" ? -1 : item.key.indexOf(delimiter, prefix.length);
        const common = cut < 0 ? undefined : item.key.slice(0, cut + delimiter.length);
        // All keys of one common prefix count once, and the next page starts behind them.
        if (common !== undefined && (common === prefixes.at(-1) || common === after)) continue;
        if (taken.length + prefixes.length === limit)
            return { items: taken, prefixes, next: limit > 0 ? next : undefined };
        if (common === undefined) {
            taken.push(item);
            next = { marker: item.key, item };
        } else {
            prefixes.push(common);
            next = { marker: common };
        }
    }
    return { items: taken, prefixes, next: undefined };
}

/** How a list writes keys: as they are, or percent-encoded so that XML can hold any of them. */
export function keyEncoding(type: string | undefined): (key: string) => string {
    if (type === undefined) return (key) => key;
    if (type === "url") return urlEncoded;
    throw new AwsError("InvalidArgument", "Invalid Encoding Method specified in Request", 400, {
        ArgumentName: "encoding-type",
        ArgumentValue: type,
    });
}
