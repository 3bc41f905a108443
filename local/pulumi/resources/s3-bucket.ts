import { partition, region, root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { createOnce, foundOrUndefined, orUndo, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { flag, mapOf, text } from "../provider/shape";
import { deleteVersions } from "./s3-versions";
import { tagList, tagMap } from "./tags";

export const bucket = resourceType({
    type: "aws:s3/bucket:Bucket",
    arguments: { bucket: text, bucketPrefix: text, forceDestroy: flag, tags: mapOf(text) },
    replacedBy: [],
    naming: { property: "bucket", prefixProperty: "bucketPrefix", maximum: 63, lowerCase: true },

    async create(inputs, { services: { s3 } }, resumed) {
        const Bucket = String(inputs.bucket);
        await createOnce(resumed, "BucketAlreadyOwnedByYou", () => s3.operations.CreateBucket({ Bucket }, root));
        await orUndo(
            () => tag(s3, Bucket, inputs.tags),
            () => s3.operations.DeleteBucket({ Bucket }, root),
        );
        return { id: Bucket, outputs: computed(Bucket) };
    },

    async read(id, { services: { s3 } }) {
        const found = await foundOrUndefined(["NoSuchBucket", "NotFound"], () =>
            s3.operations.HeadBucket({ Bucket: id }, root),
        );
        if (found === undefined) return undefined;
        const tagging = await foundOrUndefined(["NoSuchTagSet"], () =>
            s3.operations.GetBucketTagging({ Bucket: id }, root),
        );
        return { bucket: id, tags: tagMap(tagging?.TagSet), ...computed(id) };
    },

    async update({ id, inputs: earlier }, { tags }, { services: { s3 } }) {
        if (JSON.stringify(earlier.tags) !== JSON.stringify(tags)) {
            if (Object.keys(tags ?? {}).length === 0) await s3.operations.DeleteBucketTagging({ Bucket: id }, root);
            else await tag(s3, id, tags);
        }
        return computed(id);
    },

    async delete({ id, inputs }, { services: { s3 } }) {
        await unlessMissing(["NoSuchBucket"], async () => {
            if (inputs.forceDestroy) await deleteVersions(s3, id);
            await s3.operations.DeleteBucket({ Bucket: id }, root);
        });
    },
});

async function tag(s3: Services["s3"], Bucket: string, tags: Readonly<Record<string, string>> | undefined) {
    if (Object.keys(tags ?? {}).length === 0) return;
    await s3.operations.PutBucketTagging({ Bucket, Tagging: { TagSet: tagList(tags) } }, root);
}

function computed(name: string) {
    return {
        arn: `arn:${partition}:s3:::${name}`,
        bucketDomainName: `${name}.s3.amazonaws.com`,
        bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
        bucketRegion: region,
    };
}
