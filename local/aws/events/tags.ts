import type {
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    Tag,
    TagResourceRequest,
    UntagResourceRequest,
} from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import type { Buses } from "./buses";
import type { Rules } from "./rules";

export interface TagOperations {
    TagResource: Operation<TagResourceRequest, object>;
    UntagResource: Operation<UntagResourceRequest, object>;
    ListTagsForResource: Operation<ListTagsForResourceRequest, ListTagsForResourceResponse>;
}

type Tags = Readonly<Record<string, string>>;

export function tagMap(tags: readonly Tag[] = []): Tags {
    return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** Rules and event buses have tags. */
export function tagOperations(
    { iam }: Pick<TwinContext, "iam">,
    { rules, buses }: { rules: Rules; buses: Buses },
): TagOperations {
    function permitted(arn: string | undefined, caller: Caller, action: string): { tags: Tags; put(tags: Tags): void } {
        iam.authorize(caller, `events:${action}`, String(arn));
        const rule = rules.all().find((rule) => rule.arn === arn);
        if (rule !== undefined) return { tags: rule.tags ?? {}, put: (tags) => void rules.put({ ...rule, tags }) };
        const bus = arn?.includes(":event-bus/") ? buses.find(arn) : undefined;
        if (bus !== undefined) return { tags: bus.tags, put: (tags) => void buses.put({ ...bus, tags }) };
        const [, kind, name] = /:(rule|event-bus)\/(.+)$/.exec(arn ?? "") ?? [];
        const what = kind === "rule" ? `Rule ${name} does not exist on EventBus default.` : `${arn} does not exist.`;
        throw new AwsError("ResourceNotFoundException", what);
    }

    return {
        async TagResource({ ResourceARN, Tags }, caller) {
            const { tags, put } = permitted(ResourceARN, caller, "TagResource");
            put({ ...tags, ...tagMap(Tags) });
            return {};
        },
        async UntagResource({ ResourceARN, TagKeys = [] }, caller) {
            const { tags, put } = permitted(ResourceARN, caller, "UntagResource");
            put(Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))));
            return {};
        },
        async ListTagsForResource({ ResourceARN }, caller) {
            const { tags } = permitted(ResourceARN, caller, "ListTagsForResource");
            return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
        },
    };
}
