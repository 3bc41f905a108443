import type {
    ListTagsCommandOutput,
    ListTagsRequest,
    TagResourceCommandOutput,
    TagResourceRequest,
    UntagResourceCommandOutput,
    UntagResourceRequest,
} from "@aws-sdk/client-lambda";
import type { TwinContext } from "../context";
import type { Caller, Operation } from "../service";
import { mappingArn } from "./event-source-mappings/mapping";
import type { MappingStore } from "./event-source-mappings/mapping-store";
import type { FunctionStore } from "./function-store";
import { functionArn, functionName, invalidParameter } from "./names";

export interface TagOperations {
    ListTags: Operation<ListTagsRequest, Omit<ListTagsCommandOutput, "$metadata">>;
    TagResource: Operation<TagResourceRequest, Omit<TagResourceCommandOutput, "$metadata">>;
    UntagResource: Operation<UntagResourceRequest, Omit<UntagResourceCommandOutput, "$metadata">>;
}

type Tags = Readonly<Record<string, string>>;

/** Tags at most of one resource. */
const mostTags = 50;

/** The tags of functions and of event source mappings, by ARN. */
export function tagOperations({ iam }: TwinContext, functions: FunctionStore, mappings: MappingStore): TagOperations {
    function tagged(caller: Caller, action: string, resource = "") {
        const uuid = resource.startsWith(mappingArn("")) ? resource.slice(mappingArn("").length) : undefined;
        if (uuid !== undefined) {
            iam.authorize(caller, `lambda:${action}`, resource, { status: 403 });
            return {
                tags: mappings.get(uuid).tags,
                change: (change: (tags: Tags) => Tags) => mappings.retag(uuid, change),
            };
        }
        if (!resource.startsWith(functionArn(""))) {
            throw invalidParameter(
                `Resource is '${resource}'; it must be the ARN of a function, ${functionArn("NAME")}, or of an event source mapping, ${mappingArn("UUID")}.`,
            );
        }
        const name = functionName(resource);
        iam.authorize(caller, `lambda:${action}`, functionArn(name), { status: 403 });
        return {
            tags: functions.get(name).tags,
            async change(change: (tags: Tags) => Tags) {
                await functions.update(name, (current) => ({ ...current, tags: change(current.tags) }));
            },
        };
    }

    return {
        async ListTags({ Resource }, caller) {
            return { Tags: { ...tagged(caller, "ListTags", Resource).tags } };
        },
        async TagResource({ Resource, Tags }, caller) {
            await tagged(caller, "TagResource", Resource).change((current) => {
                const tags = { ...current, ...Tags };
                const count = Object.keys(tags).length;
                if (count > mostTags) {
                    throw invalidParameter(`A resource can have ${mostTags} tags; this would make ${count}.`);
                }
                return tags;
            });
            return {};
        },
        async UntagResource({ Resource, TagKeys }, caller) {
            await tagged(caller, "UntagResource", Resource).change((current) =>
                Object.fromEntries(Object.entries(current).filter(([key]) => TagKeys?.includes(key) !== true)),
            );
            return {};
        },
    };
}
