import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType, type ServiceResources } from "../provider/resource-type";
import { chosen, document, flag, mapOf, oneOf, recordedOnly, required, text } from "../provider/shape";
import type { Properties } from "../values";
import { arn } from "./arn";
import { type Attributes, attributeText, changedAttributes } from "./attributes";
import { changeTags, tagList, tagMap } from "./tags";

const missing = ["NotFound"];

interface TopicArguments {
    readonly displayName?: string;
    readonly kmsMasterKeyId?: string;
    readonly policy?: string | Properties;
    readonly signatureVersion?: number;
}

/** Argument of the topic -> attribute of the API, with what AWS assumes when it is left out. */
const attributes: Attributes<TopicArguments> = [
    ["displayName", "DisplayName", ""],
    ["kmsMasterKeyId", "KmsMasterKeyId", ""],
    ["policy", "Policy", ""],
    ["signatureVersion", "SignatureVersion", "1"],
];

const topic = resourceType({
    type: "aws:sns/topic:Topic",
    arguments: {
        name: text,
        namePrefix: text,
        displayName: text,
        kmsMasterKeyId: recordedOnly(text, "the twin's store is not encrypted"),
        // SNS has a policy of its own for topics, and a resource of its own may give one.
        policy: chosen(document),
        signatureVersion: recordedOnly(oneOf(1, 2), "the twin does not sign notifications"),
        tags: mapOf(text),
    },
    replacedBy: [],
    naming: { property: "name", prefixProperty: "namePrefix", maximum: 256 },

    async create(inputs, { services: { sns } }) {
        const { TopicArn } = await sns.operations.CreateTopic(
            { Name: inputs.name, Attributes: changedAttributes(attributes, {}, inputs), Tags: tagList(inputs.tags) },
            root,
        );
        return { id: String(TopicArn), outputs: { arn: TopicArn, owner: ownerOf(String(TopicArn)) } };
    },

    async read(id, { services: { sns } }) {
        const found = await foundOrUndefined(missing, () => sns.operations.GetTopicAttributes({ TopicArn: id }, root));
        if (found?.Attributes === undefined) return undefined;
        const { DisplayName, Policy } = found.Attributes;
        const { Tags } = await sns.operations.ListTagsForResource({ ResourceArn: id }, root);
        return {
            arn: id,
            owner: ownerOf(id),
            name: nameOf(id),
            displayName: DisplayName,
            policy: Policy,
            tags: tagMap(Tags),
        };
    },

    async update({ id, inputs: earlier }, inputs, { services: { sns } }) {
        for (const [AttributeName, AttributeValue] of Object.entries(changedAttributes(attributes, earlier, inputs))) {
            await sns.operations.SetTopicAttributes({ TopicArn: id, AttributeName, AttributeValue }, root);
        }
        await changeTags(earlier.tags, inputs.tags, {
            remove: (TagKeys) => sns.operations.UntagResource({ ResourceArn: id, TagKeys }, root),
            add: (added) => sns.operations.TagResource({ ResourceArn: id, Tags: tagList(added) }, root),
        });
        return {};
    },

    async delete({ id }, { services: { sns } }) {
        await unlessMissing(missing, () => sns.operations.DeleteTopic({ TopicArn: id }, root));
    },
});

const topicPolicy = resourceType({
    type: "aws:sns/topicPolicy:TopicPolicy",
    arguments: { arn: required(text), policy: required(document) },
    replacedBy: ["arn"],
    identity: ["arn"],

    async create(inputs, { services: { sns } }) {
        await setPolicy(sns, inputs.arn, attributeText(inputs.policy));
        return { id: inputs.arn, outputs: { owner: ownerOf(inputs.arn) } };
    },

    async read(id, { services: { sns } }) {
        const found = await foundOrUndefined(missing, () => sns.operations.GetTopicAttributes({ TopicArn: id }, root));
        return found && { arn: id, owner: ownerOf(id), policy: found.Attributes?.Policy };
    },

    async update(_existing, inputs, { services: { sns } }) {
        await setPolicy(sns, inputs.arn, attributeText(inputs.policy));
        return {};
    },

    async delete({ inputs }, { services: { sns } }) {
        await unlessMissing(missing, () => setPolicy(sns, inputs.arn, ""));
    },
});

const topicSubscription = resourceType({
    type: "aws:sns/topicSubscription:TopicSubscription",
    arguments: {
        topic: required(text),
        protocol: required(text),
        endpoint: required(text),
        rawMessageDelivery: flag,
    },
    replacedBy: ["topic", "protocol", "endpoint"],
    identity: ["topic", "protocol", "endpoint"],

    async create({ topic: TopicArn, protocol: Protocol, endpoint: Endpoint, rawMessageDelivery }, context) {
        const { sns } = context.services;
        const { SubscriptionArn } = await sns.operations.Subscribe({ TopicArn, Protocol, Endpoint }, root);
        await setRaw(sns, String(SubscriptionArn), rawMessageDelivery);
        return {
            id: String(SubscriptionArn),
            outputs: {
                arn: SubscriptionArn,
                ownerId: ownerOf(TopicArn),
                confirmationWasAuthenticated: true,
                pendingConfirmation: false,
            },
        };
    },

    async read(id, { services: { sns } }) {
        const found = await foundOrUndefined(missing, () =>
            sns.operations.GetSubscriptionAttributes({ SubscriptionArn: id }, root),
        );
        if (found?.Attributes === undefined) return undefined;
        const { Endpoint, Protocol, RawMessageDelivery, TopicArn } = found.Attributes;
        return {
            arn: id,
            topic: TopicArn,
            protocol: Protocol,
            endpoint: Endpoint,
            rawMessageDelivery: RawMessageDelivery === "true",
        };
    },

    async update({ id }, inputs, { services: { sns } }) {
        await setRaw(sns, id, inputs.rawMessageDelivery);
        return {};
    },

    async delete({ id }, { services: { sns } }) {
        await sns.operations.Unsubscribe({ SubscriptionArn: id }, root);
    },
});

async function setPolicy(sns: Services["sns"], TopicArn: string, AttributeValue: string): Promise<void> {
    await sns.operations.SetTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue }, root);
}

async function setRaw(sns: Services["sns"], SubscriptionArn: string, raw: boolean | undefined): Promise<void> {
    await sns.operations.SetSubscriptionAttributes(
        { SubscriptionArn, AttributeName: "RawMessageDelivery", AttributeValue: String(raw ?? false) },
        root,
    );
}

function ownerOf(topicArn: string): string {
    return topicArn.split(":")[4] ?? "";
}

function nameOf(topicArn: string): string {
    return topicArn.slice(arn("sns", "").length);
}

export const sns: ServiceResources = { resources: [topic, topicPolicy, topicSubscription] };
