import { AwsError, type Caller } from "../service";
import type { ObjectStore } from "./object-store";
import { readableVersion } from "./reading";
import type { StoredObject } from "./versions";

/** What `x-amz-copy-source` names. */
export interface CopySource {
    readonly bucket: string;
    readonly key: string;
    readonly version: string | undefined;
}

/** @throws AwsError `InvalidArgument` when it is not `BUCKET/KEY` or `BUCKET/KEY?versionId=VERSION`, percent-encoded. */
export function copySource(source: string): CopySource {
    const [path = "", version] = source.split("?versionId=");
    let decoded: string;
    try {
        decoded = decodeURIComponent(path).replace(/^\//, "");
    } catch {
        throw new AwsError("InvalidArgument", "The copy source is not percent-encoded UTF-8.");
    }
    const slash = decoded.indexOf("/");
    if (slash <= 0 || slash === decoded.length - 1) {
        throw new AwsError("InvalidArgument", `Invalid copy source: '${source}'. It is BUCKET/KEY, percent-encoded.`);
    }
    return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1), version };
}

/** The version that is to be copied, if the caller may read it. */
export function copiedVersion(
    objects: ObjectStore,
    { bucket, key, version }: CopySource,
    caller: Caller,
): StoredObject {
    return readableVersion(objects, { Bucket: bucket, Key: key, VersionId: version }, caller, "s3:GetObject");
}
