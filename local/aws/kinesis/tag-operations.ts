import type {
    AddTagsToStreamInput,
    ListTagsForResourceInput,
    ListTagsForResourceOutput,
    ListTagsForStreamInput,
    ListTagsForStreamOutput,
    RemoveTagsFromStreamInput,
    TagResourceInput,
    UntagResourceInput,
} from "@aws-sdk/client-kinesis";
import type { Operation } from "../service";
import { type FindStream, invalidArgument } from "./lookup";
import { mostTags } from "./shapes";
import type { Stream, Streams } from "./streams";

export interface TagOperations {
    AddTagsToStream: Operation<AddTagsToStreamInput, object>;
    RemoveTagsFromStream: Operation<RemoveTagsFromStreamInput, object>;
    ListTagsForStream: Operation<ListTagsForStreamInput, ListTagsForStreamOutput>;
    TagResource: Operation<TagResourceInput, object>;
    UntagResource: Operation<UntagResourceInput, object>;
    ListTagsForResource: Operation<ListTagsForResourceInput, ListTagsForResourceOutput>;
}

type Tags = Readonly<Record<string, string>>;

/** The operations on the tags of streams: the older ones, and those that other resources of Kinesis have too. */
export function tagOperations(streams: Streams, find: FindStream): TagOperations {
    function add(stream: Stream, tags: Tags | undefined): object {
        streams.change(stream, { tags: checkedTags({ ...stream.tags, ...tags }) });
        return {};
    }

    function remove(stream: Stream, keys: readonly string[] | undefined): object {
        const kept = Object.entries(stream.tags).filter(([key]) => !keys?.includes(key));
        streams.change(stream, { tags: Object.fromEntries(kept) });
        return {};
    }

    return {
        AddTagsToStream: async (input, caller) => add(find(input, caller, "AddTagsToStream"), input.Tags),
        RemoveTagsFromStream: async (input, caller) =>
            remove(find(input, caller, "RemoveTagsFromStream"), input.TagKeys),
        async ListTagsForStream(input, caller) {
            const stream = find(input, caller, "ListTagsForStream");
            const rest = sorted(stream.tags).filter(({ Key }) => Key > (input.ExclusiveStartTagKey ?? ""));
            const Tags = rest.slice(0, input.Limit ?? mostTags);
            return { Tags, HasMoreTags: rest.length > Tags.length };
        },
        TagResource: async ({ ResourceARN, Tags }, caller) =>
            add(find({ StreamARN: ResourceARN }, caller, "TagResource"), Tags),
        UntagResource: async ({ ResourceARN, TagKeys }, caller) =>
            remove(find({ StreamARN: ResourceARN }, caller, "UntagResource"), TagKeys),
        async ListTagsForResource({ ResourceARN }, caller) {
            return { Tags: sorted(find({ StreamARN: ResourceARN }, caller, "ListTagsForResource").tags) };
        },
    };
}

/** @throws AwsError InvalidArgumentException for more tags than a stream can have */
export function checkedTags(tags: Tags): Tags {
    const count = Object.keys(tags).length;
    if (count > mostTags) throw invalidArgument(`A stream can have ${mostTags} tags; this would make ${count}.`);
    return tags;
}

function sorted(tags: Tags) {
    return Object.entries(tags)
        .map(([Key, Value]) => ({ Key, Value }))
        .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}
