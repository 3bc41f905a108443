// The tags of functions and event source mappings: one set of operations for both.

import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { changeTags, type Tags } from "./tags";

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
    await changeTags(earlier, tags, {
        remove: (TagKeys) => operations.UntagResource({ Resource, TagKeys }, root),
        add: (Tags) => operations.TagResource({ Resource, Tags }, root),
    });
}
