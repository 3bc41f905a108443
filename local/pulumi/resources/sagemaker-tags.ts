// The tags of SageMaker's resources: one pair of operations for all of them.

import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { changeTags, type Tags, tagList, tagMap } from "./tags";

type SageMaker = Services["sagemaker"];

export async function sagemakerTags({ operations }: SageMaker, ResourceArn: string | undefined): Promise<Tags> {
    return tagMap((await operations.ListTags({ ResourceArn }, root)).Tags);
}

/** Makes the tags of a resource what they are to be. @param arn the resource's, as it is among its outputs */
export async function retagInSageMaker(
    { operations }: SageMaker,
    arn: unknown,
    earlier: Tags | undefined,
    tags: Tags | undefined,
): Promise<void> {
    const ResourceArn = String(arn);
    await changeTags(earlier, tags, {
        remove: (TagKeys) => operations.DeleteTags({ ResourceArn, TagKeys }, root),
        add: (added) => operations.AddTags({ ResourceArn, Tags: tagList(added) }, root),
    });
}
