// Tags as Pulumi has them, a map, and as the services take them.

export type Tags = Readonly<Record<string, string>>;

/** As most services take them: `[{ Key, Value }]`. */
export function tagList(tags: Tags | undefined): { Key: string; Value: string }[] {
    return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/** From what most services give. */
export function tagMap(tags: readonly { readonly Key?: string; readonly Value?: string }[] | undefined): Tags {
    return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** What to add and what to remove to get from one set of tags to another. */
export function tagChanges(earlier: Tags | undefined, tags: Tags | undefined): { added: Tags; removed: string[] } {
    const before = earlier ?? {};
    const now = tags ?? {};
    return {
        added: Object.fromEntries(Object.entries(now).filter(([key, value]) => before[key] !== value)),
        removed: Object.keys(before).filter((key) => !(key in now)),
    };
}
