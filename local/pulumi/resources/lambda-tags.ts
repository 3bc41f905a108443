// The tags of functions and event source mappings: one set of operations for both.

import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { type Tags, tagChanges } from "./tags";

type Lambda = Services["lambda"];

export async function tagsInLambda({ operations }: Lambda, Resource: string | undefined): Promise<Tags> {
    return (await operations.ListTags({ Resource }, root)).Tags ?? {};
}

/** Makes the tags of a resource what they are to be. */
export async function retagInLambda(
    { operations }: Lambda,
    Resource: string | undefined,
    earlier: Tags | undefined,
    tags: Tags | undefined,
): Promise<void> {
    const { added, removed } = tagChanges(earlier, tags);
    if (removed.length > 0) await operations.UntagResource({ Resource, TagKeys: removed }, root);
    if (Object.keys(added).length > 0) await operations.TagResource({ Resource, Tags: { ...added } }, root);
}
