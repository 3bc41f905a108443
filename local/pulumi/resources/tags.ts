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

export interface TagOperations {
    remove(keys: string[]): Promise<unknown>;
    add(tags: Tags): Promise<unknown>;
}

/** Makes the tags of a resource what they are to be. Removes first: a resource has so many at most. */
export async function changeTags(earlier: Tags = {}, tags: Tags = {}, { remove, add }: TagOperations): Promise<void> {
    const removed = Object.keys(earlier).filter((key) => !(key in tags));
    const added = Object.fromEntries(Object.entries(tags).filter(([key, value]) => earlier[key] !== value));
    if (removed.length > 0) await remove(removed);
    if (Object.keys(added).length > 0) await add(added);
}
