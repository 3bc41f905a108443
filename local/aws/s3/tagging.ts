import type {
    DeleteObjectTaggingCommandInput,
    DeleteObjectTaggingCommandOutput,
    GetObjectTaggingCommandInput,
    GetObjectTaggingCommandOutput,
    PutObjectTaggingCommandInput,
    PutObjectTaggingCommandOutput,
    Tag,
} from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import type { ObjectEvent } from "./notification-events";
import type { Notifications } from "./notifications";
import type { ObjectStore } from "./object-store";
import { readableVersion } from "./reading";
import type { StoredObject } from "./versions";

export interface TaggingOperations {
    PutObjectTagging: Operation<PutObjectTaggingCommandInput, PutObjectTaggingCommandOutput>;
    GetObjectTagging: Operation<GetObjectTaggingCommandInput, GetObjectTaggingCommandOutput>;
    DeleteObjectTagging: Operation<DeleteObjectTaggingCommandInput, DeleteObjectTaggingCommandOutput>;
}

interface ObjectInput {
    readonly Bucket?: string;
    readonly Key?: string;
    readonly VersionId?: string;
}

const mostTags = 10;
const longestKey = 128;
const longestValue = 256;
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags of objects, by operations of their own. */
export function taggingOperations(
    { store }: Pick<TwinContext, "store">,
    objects: ObjectStore,
    notifications: Pick<Notifications, "publish">,
): TaggingOperations {
    async function change(input: ObjectInput, caller: Caller, action: string, tags: Tags, event: ObjectEvent) {
        readableVersion(objects, input, caller, action);
        const object = await store.commit(() => {
            // Again: it may have changed since.
            const object = readableVersion(objects, input, caller, action);
            objects.versions.putTags(object, tags);
            notifications.publish(event, object, caller);
            return object;
        });
        return { VersionId: objects.shownVersion(object) };
    }

    return {
        async PutObjectTagging(input, caller) {
            const tags = tagsOf(input.Tagging?.TagSet ?? []);
            return change(input, caller, "s3:PutObjectTagging", tags, "ObjectTagging:Put");
        },
        async GetObjectTagging(input, caller) {
            const object = readableVersion(objects, input, caller, "s3:GetObjectTagging");
            return {
                TagSet: Object.entries(object.tags).map(([Key, Value]) => ({ Key, Value })),
                VersionId: objects.shownVersion(object),
            };
        },
        DeleteObjectTagging: (input, caller) =>
            change(input, caller, "s3:DeleteObjectTagging", {}, "ObjectTagging:Delete"),
    };
}

type Tags = StoredObject["tags"];

/** Tags as the header `x-amz-tagging` has them. @throws AwsError as {@link tagsOf} */
export function headerTags(tagging: string | undefined): Tags {
    return tagsOf([...new URLSearchParams(tagging ?? "")].map(([Key, Value]) => ({ Key, Value })));
}

/** @throws AwsError `BadRequest`, `InvalidTag` in S3's words */
function tagsOf(set: readonly Tag[]): Tags {
    if (set.length > mostTags) {
        throw new AwsError("BadRequest", `Object tags cannot be greater than ${mostTags}`);
    }
    const tags = new Map<string, string>();
    for (const { Key = "", Value = "" } of set) {
        if (Key === "" || Key.length > longestKey || !tagText.test(Key)) {
            throw new AwsError("InvalidTag", "The TagKey you have provided is invalid", 400, { TagKey: Key });
        }
        if (Value.length > longestValue || !tagText.test(Value)) {
            throw new AwsError("InvalidTag", "The TagValue you have provided is invalid", 400, { TagKey: Key });
        }
        if (tags.has(Key)) {
            throw new AwsError("InvalidTag", "Cannot provide multiple Tags with the same key", 400, { TagKey: Key });
        }
        if (Key.startsWith("aws:")) {
            throw new AwsError("InvalidTag", "Your TagKey cannot be prefixed with aws:", 400, { TagKey: Key });
        }
        tags.set(Key, Value);
    }
    return Object.fromEntries(tags);
}
