// A setting of a bucket, a resource of its own: one of a kind for a bucket.

import type { Services } from "../../aws/services";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { type ResourceType, resourceType } from "../provider/resource-type";
import { type ArgumentsOf, type Members, required, text } from "../provider/shape";

type S3 = Services["s3"];

interface Setting<M extends Members> {
    readonly type: string;
    readonly arguments: M;
    put(s3: S3, inputs: ArgumentsOf<M & BucketOnly>): Promise<unknown>;
    /** The setting as it is, undefined when the bucket has none. */
    get(s3: S3, Bucket: string): Promise<Readonly<Record<string, unknown>> | undefined>;
    remove(s3: S3, Bucket: string): Promise<unknown>;
}

const missing = [
    "NoSuchBucket",
    "NoSuchPublicAccessBlockConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
];

const bucketOnly = { bucket: required(text) };
type BucketOnly = typeof bucketOnly;

/** A setting belongs to its bucket: the bucket's name is its id, and going to another bucket replaces it. */
export function bucketSetting<const M extends Members>({
    type,
    arguments: own,
    put,
    get,
    remove,
}: Setting<M>): ResourceType {
    const members: Members = { ...own, ...bucketOnly };
    const typed = (inputs: ArgumentsOf<Members>) => inputs as ArgumentsOf<M & BucketOnly>;
    return resourceType({
        type,
        arguments: members,
        replacedBy: ["bucket"],
        identity: ["bucket"],
        async create(inputs, { services: { s3 } }) {
            await put(s3, typed(inputs));
            return { id: String(inputs.bucket), outputs: {} };
        },
        async read(id, { services: { s3 } }) {
            const found = await foundOrUndefined(missing, () => get(s3, id));
            return found && { bucket: id, ...found };
        },
        async update(_, inputs, { services: { s3 } }) {
            await put(s3, typed(inputs));
            return {};
        },
        async delete({ id }, { services: { s3 } }) {
            await unlessMissing(["NoSuchBucket"], () => remove(s3, id));
        },
    });
}
