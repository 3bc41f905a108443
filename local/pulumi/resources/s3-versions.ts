import { root } from "../../aws/service";
import type { Services } from "../../aws/services";

/** Deletes for good all versions, and delete markers, of the objects in a bucket, or of one object. */
export async function deleteVersions(s3: Services["s3"], Bucket: string, key?: string): Promise<void> {
    let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
        const page = await s3.operations.ListObjectVersions({ Bucket, Prefix: key, ...marker }, root);
        const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
        const Objects = found
            .filter(({ Key }) => key === undefined || Key === key)
            .map(({ Key, VersionId }) => ({ Key, VersionId }));
        if (Objects.length > 0) await s3.operations.DeleteObjects({ Bucket, Delete: { Objects } }, root);
        if (page.IsTruncated !== true) return;
        marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
}
