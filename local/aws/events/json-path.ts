/** What a path such as `$.detail.items[0].name` is made of; undefined for one that the twin cannot read. */
export function jsonPath(text: string): (string | number)[] | undefined {
    if (!/^\$(\.[\w-]+|\[\d+\])*$/.test(text)) return undefined;
    return [...text.matchAll(/\.([\w-]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
}

/** The part of a value that a path leads to; undefined when it leads nowhere. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
    let found = value;
    for (const step of path) {
        if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
        found = (found as Readonly<Record<string | number, unknown>>)[step];
    }
    return found;
}
