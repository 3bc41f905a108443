import type {
    CreateTopicInput,
    CreateTopicResponse,
    DeleteTopicInput,
    GetTopicAttributesInput,
    GetTopicAttributesResponse,
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    ListTopicsInput,
    ListTopicsResponse,
    SetTopicAttributesInput,
    Tag,
    TagResourceRequest,
    UntagResourceRequest,
} from "@aws-sdk/client-sns";
import type { TwinContext } from "../context";
import type { Caller, Operation } from "../service";
import type { Access } from "./access";
import { invalidParameter, notFound, unsupported } from "./errors";
import { pageOf } from "./page";
import { checkTopicAttribute, shownAttributes, withoutEmpty } from "./topic-attributes";
import { type Topic, type Topics, topicArn, topicName } from "./topics";

export interface TopicOperations {
    CreateTopic: Operation<CreateTopicInput, CreateTopicResponse>;
    DeleteTopic: Operation<DeleteTopicInput, object>;
    GetTopicAttributes: Operation<GetTopicAttributesInput, GetTopicAttributesResponse>;
    SetTopicAttributes: Operation<SetTopicAttributesInput, object>;
    ListTopics: Operation<ListTopicsInput, ListTopicsResponse>;
    TagResource: Operation<TagResourceRequest, object>;
    UntagResource: Operation<UntagResourceRequest, object>;
    ListTagsForResource: Operation<ListTagsForResourceRequest, ListTagsForResourceResponse>;
}

const mostTags = 50;

export function topicOperations({ store }: TwinContext, topics: Topics, access: Access): TopicOperations {
    function permitted(caller: Caller, action: string, arn: string | undefined): Topic {
        const attributes = topics.find(topicName(arn))?.attributes ?? {};
        access.authorize(caller, action, { arn: String(arn), attributes });
        return topics.get(arn);
    }

    function tagged(caller: Caller, action: string, arn: string | undefined): Topic {
        const attributes = topics.find(topicName(arn, "ResourceArn"))?.attributes ?? {};
        access.authorize(caller, action, { arn: String(arn), attributes });
        const topic = topics.find(topicName(arn));
        if (topic === undefined || topic.arn !== arn) throw notFound("Resource");
        return topic;
    }

    /** Reads the topic anew, in one transaction with the change. */
    async function change(topic: Topic, changed: (current: Topic) => Pick<Topic, "name" | "attributes" | "tags">) {
        await store.commit(() => topics.put(changed(topics.get(topic.arn))));
        return {};
    }

    return {
        async CreateTopic({ Name = "", Attributes = {}, Tags = [] }, caller) {
            access.authorize(caller, "CreateTopic", { arn: topicArn(Name), attributes: {} });
            const { FifoTopic, ...attributes } = Attributes;
            if (FifoTopic === "true" && Name.endsWith(".fifo")) throw unsupported("FIFO topics");
            if (!/^[A-Za-z0-9_-]{1,256}$/.test(Name) || FifoTopic === "true") throw invalidParameter("Topic Name");
            for (const [name, value] of Object.entries(attributes))
                checkTopicAttribute(name, value, "Attributes Reason: ");
            const tags = tagsOf(Tags);
            await store.commit(() => {
                const existing = topics.find(Name);
                if (existing === undefined) {
                    topics.put({ name: Name, attributes: withoutEmpty(attributes), tags });
                    return;
                }
                if (Object.entries(attributes).some(([name, value]) => shownAttributes(existing)[name] !== value)) {
                    throw invalidParameter("Attributes Reason: Topic already exists with different attributes");
                }
                if (Object.entries(tags).some(([key, value]) => existing.tags[key] !== value)) {
                    throw invalidParameter("Tags Reason: Topic already exists with different tags");
                }
            });
            return { TopicArn: topicArn(Name) };
        },
        async DeleteTopic({ TopicArn }, caller) {
            const name = topicName(TopicArn);
            access.authorize(caller, "DeleteTopic", {
                arn: String(TopicArn),
                attributes: topics.find(name)?.attributes ?? {},
            });
            if (TopicArn === topicArn(name)) await store.commit(() => topics.remove(name));
            return {};
        },
        async GetTopicAttributes({ TopicArn }, caller) {
            const topic = permitted(caller, "GetTopicAttributes", TopicArn);
            return {
                Attributes: {
                    ...shownAttributes(topic),
                    SubscriptionsConfirmed: String(topics.subscriptions(topic.arn).length),
                },
            };
        },
        async SetTopicAttributes({ TopicArn, AttributeName = "", AttributeValue = "" }, caller) {
            const topic = permitted(caller, "SetTopicAttributes", TopicArn);
            checkTopicAttribute(AttributeName, AttributeValue, "");
            return change(topic, ({ name, attributes, tags }) => ({
                name,
                attributes: withoutEmpty({ ...attributes, [AttributeName]: AttributeValue }),
                tags,
            }));
        },
        async ListTopics({ NextToken }, caller) {
            access.authorize(caller, "ListTopics", { arn: topicArn("*"), attributes: {} });
            const { page, nextToken } = pageOf(topics.list(), ({ arn }) => arn, NextToken);
            return { Topics: page.map(({ arn }) => ({ TopicArn: arn })), NextToken: nextToken };
        },
        async TagResource({ ResourceArn, Tags = [] }, caller) {
            const topic = tagged(caller, "TagResource", ResourceArn);
            const added = tagsOf(Tags);
            return change(topic, ({ name, attributes, tags }) => {
                const all = { ...tags, ...added };
                if (Object.keys(all).length > mostTags) {
                    throw invalidParameter(`Tags Reason: a topic can have ${mostTags} tags`);
                }
                return { name, attributes, tags: all };
            });
        },
        async UntagResource({ ResourceArn, TagKeys = [] }, caller) {
            const topic = tagged(caller, "UntagResource", ResourceArn);
            return change(topic, ({ name, attributes, tags }) => ({
                name,
                attributes,
                tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
            }));
        },
        async ListTagsForResource({ ResourceArn }, caller) {
            const { tags } = tagged(caller, "ListTagsForResource", ResourceArn);
            return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
        },
    };
}

function tagsOf(tags: readonly Tag[]): Record<string, string> {
    const result = Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
    if (Object.keys(result).length < tags.length) throw invalidParameter("Duplicated keys are not allowed.");
    if (tags.length > mostTags) throw invalidParameter(`Tags Reason: a topic can have ${mostTags} tags`);
    return result;
}
