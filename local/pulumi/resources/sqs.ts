import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { createOnce, foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType, type ServiceResources } from "../provider/resource-type";
import { chosen, document, flag, mapOf, number, oneOf, recordedOnly, required, text } from "../provider/shape";
import type { Properties } from "../values";
import { arn } from "./arn";
import { type Attributes, attributeText, changedAttributes } from "./attributes";
import { changeTags } from "./tags";

const missing = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];

interface QueueArguments {
    readonly name?: string;
    readonly fifoQueue?: boolean;
    readonly contentBasedDeduplication?: boolean;
    readonly deduplicationScope?: string;
    readonly fifoThroughputLimit?: string;
    readonly delaySeconds?: number;
    readonly kmsMasterKeyId?: string;
    readonly kmsDataKeyReusePeriodSeconds?: number;
    readonly maxMessageSize?: number;
    readonly messageRetentionSeconds?: number;
    readonly policy?: string | Properties;
    readonly receiveWaitTimeSeconds?: number;
    readonly redrivePolicy?: string | Properties;
    readonly redriveAllowPolicy?: string | Properties;
    readonly sqsManagedSseEnabled?: boolean;
    readonly visibilityTimeoutSeconds?: number;
}

/** Bytes. */
const defaultMessageSize = "262144";

/** Argument of the queue -> attribute of the API, with what AWS assumes when it is left out. */
const attributes: Attributes<QueueArguments> = [
    ["delaySeconds", "DelaySeconds", "0"],
    ["maxMessageSize", "MaximumMessageSize", defaultMessageSize],
    ["messageRetentionSeconds", "MessageRetentionPeriod", "345600"],
    ["receiveWaitTimeSeconds", "ReceiveMessageWaitTimeSeconds", "0"],
    ["visibilityTimeoutSeconds", "VisibilityTimeout", "30"],
    ["policy", "Policy", ""],
    ["redrivePolicy", "RedrivePolicy", ""],
    ["redriveAllowPolicy", "RedriveAllowPolicy", ""],
    ["kmsMasterKeyId", "KmsMasterKeyId", ""],
    ["kmsDataKeyReusePeriodSeconds", "KmsDataKeyReusePeriodSeconds", "300"],
    ["sqsManagedSseEnabled", "SqsManagedSseEnabled", ""],
    ["contentBasedDeduplication", "ContentBasedDeduplication", "false"],
    ["deduplicationScope", "DeduplicationScope", "queue"],
    ["fifoThroughputLimit", "FifoThroughputLimit", "perQueue"],
];

const queue = resourceType({
    type: "aws:sqs/queue:Queue",
    arguments: {
        name: text,
        namePrefix: text,
        fifoQueue: flag,
        contentBasedDeduplication: flag,
        deduplicationScope: oneOf("queue", "messageGroup"),
        fifoThroughputLimit: oneOf("perQueue", "perMessageGroupId"),
        delaySeconds: number,
        kmsMasterKeyId: recordedOnly(text, "the twin's store is not encrypted"),
        kmsDataKeyReusePeriodSeconds: number,
        maxMessageSize: number,
        messageRetentionSeconds: number,
        // A resource of its own may give it, too.
        policy: chosen(document),
        receiveWaitTimeSeconds: number,
        redrivePolicy: document,
        redriveAllowPolicy: document,
        sqsManagedSseEnabled: flag,
        tags: mapOf(text),
        visibilityTimeoutSeconds: number,
    },
    replacedBy: ["fifoQueue"],
    assumed: {
        fifoQueue: false,
        delaySeconds: 0,
        maxMessageSize: Number(defaultMessageSize),
        messageRetentionSeconds: 345600,
        receiveWaitTimeSeconds: 0,
        visibilityTimeoutSeconds: 30,
        kmsDataKeyReusePeriodSeconds: 300,
        sqsManagedSseEnabled: true,
        contentBasedDeduplication: false,
        deduplicationScope: "queue",
        fifoThroughputLimit: "perQueue",
    },
    naming: {
        property: "name",
        prefixProperty: "namePrefix",
        maximum: 80,
        ending: (inputs) => (inputs.fifoQueue === true ? ".fifo" : ""),
    },

    validate({ name, fifoQueue }) {
        if (name === undefined || name.endsWith(".fifo") === (fifoQueue ?? false)) return [];
        const reason = fifoQueue
            ? 'must end with ".fifo": fifoQueue is set'
            : 'ends with ".fifo": set fifoQueue as well';
        return [{ property: "name", reason }];
    },

    async create(inputs, { services: { sqs } }, resumed) {
        const QueueName = String(inputs.name);
        const fifo = inputs.fifoQueue ? { FifoQueue: "true" } : {};
        await createOnce(resumed, "QueueNameExists", () =>
            sqs.operations.CreateQueue(
                {
                    QueueName,
                    Attributes: {
                        ...fifo,
                        // The provider says its default, which is less than SQS's own.
                        MaximumMessageSize: defaultMessageSize,
                        ...changedAttributes(attributes, {}, inputs),
                    },
                    tags: inputs.tags,
                },
                root,
            ),
        );
        const { QueueUrl } = await sqs.operations.GetQueueUrl({ QueueName }, root);
        return { id: String(QueueUrl), outputs: { url: QueueUrl, arn: arn("sqs", QueueName) } };
    },

    async read(id, { services: { sqs } }) {
        const found = await foundOrUndefined(missing, () =>
            sqs.operations.GetQueueAttributes({ QueueUrl: id, AttributeNames: ["All"] }, root),
        );
        if (found?.Attributes === undefined) return undefined;
        const QueueArn = found.Attributes.QueueArn ?? "";
        return {
            url: id,
            arn: QueueArn,
            name: QueueArn.slice(QueueArn.lastIndexOf(":") + 1),
            fifoQueue: found.Attributes.FifoQueue === "true",
            ...settingsOf(found.Attributes),
            tags: (await sqs.operations.ListQueueTags({ QueueUrl: id }, root)).Tags ?? {},
        };
    },

    async refresh({ id, inputs: { name } }, { services: { sqs } }) {
        const found = await foundOrUndefined(missing, () =>
            sqs.operations.GetQueueUrl({ QueueName: String(name) }, root),
        );
        return { id: found?.QueueUrl ?? id, outputs: { url: found?.QueueUrl ?? id } };
    },

    async update({ id, inputs: earlier }, inputs, { services: { sqs } }) {
        const Attributes = changedAttributes(attributes, earlier, inputs);
        if (Object.keys(Attributes).length > 0) {
            await sqs.operations.SetQueueAttributes({ QueueUrl: id, Attributes }, root);
        }
        await changeTags(earlier.tags, inputs.tags, {
            remove: (TagKeys) => sqs.operations.UntagQueue({ QueueUrl: id, TagKeys }, root),
            add: (Tags) => sqs.operations.TagQueue({ QueueUrl: id, Tags }, root),
        });
        return { url: id };
    },

    async delete({ id }, { services: { sqs } }) {
        await unlessMissing(missing, () => sqs.operations.DeleteQueue({ QueueUrl: id }, root));
    },
});

type Setting = string | number | boolean | undefined;

/** The arguments that stand for a queue's attributes; what is not set is empty on AWS. */
function settingsOf(found: Readonly<Record<string, string>>): Record<string, Setting> {
    const settings: Record<string, Setting> = {};
    for (const [argument, attribute] of attributes) {
        const value = found[attribute];
        if (value === undefined) settings[argument] = undefined;
        else if (/^\d+$/.test(value)) settings[argument] = Number(value);
        else settings[argument] = value === "true" || (value === "false" ? false : value);
    }
    return settings;
}

const queuePolicy = resourceType({
    type: "aws:sqs/queuePolicy:QueuePolicy",
    arguments: { queueUrl: required(text), policy: required(document) },
    // Another address may be that of the same queue, so that the queue's name decides.
    replacedBy: [],

    async create(inputs, { services: { sqs } }) {
        await setPolicy(sqs, inputs.queueUrl, attributeText(inputs.policy));
        return { id: inputs.queueUrl, outputs: {} };
    },

    async read(id, { services: { sqs } }) {
        const found = await foundOrUndefined(missing, () =>
            sqs.operations.GetQueueAttributes({ QueueUrl: id, AttributeNames: ["Policy"] }, root),
        );
        const policy = found?.Attributes?.Policy;
        return policy === undefined || policy === "" ? undefined : { queueUrl: id, policy };
    },

    async update({ inputs: earlier }, inputs, { services: { sqs } }) {
        if (queueName(earlier.queueUrl) !== queueName(inputs.queueUrl)) await setPolicy(sqs, earlier.queueUrl, "");
        await setPolicy(sqs, inputs.queueUrl, attributeText(inputs.policy));
        return {};
    },

    async delete({ inputs }, { services: { sqs } }) {
        await setPolicy(sqs, inputs.queueUrl, "");
    },
});

async function setPolicy(sqs: Services["sqs"], QueueUrl: string, Policy: string): Promise<void> {
    const set = () => sqs.operations.SetQueueAttributes({ QueueUrl, Attributes: { Policy } }, root);
    if (Policy === "") await unlessMissing(missing, set);
    else await set();
}

function queueName(url: string): string {
    return url.slice(url.lastIndexOf("/") + 1);
}

export const sqs: ServiceResources = { resources: [queue, queuePolicy] };
