import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { createOnce, foundOrUndefined, orUndo, unlessMissing } from "../provider/outcome";
import { resourceType, type ServiceResources } from "../provider/resource-type";
import { chosen, flag, listOf, mapOf, number, object, oneOf, recordedOnly, required, text } from "../provider/shape";
import { arn } from "./arn";
import { changeTags, tagMap } from "./tags";

const missing = ["ResourceNotFoundException"];

/** Hours that records are kept unless the program says otherwise. */
const defaultRetention = 24;

/** The key with which a stream is encrypted unless the program says otherwise. */
const defaultKey = "alias/aws/kinesis";

const stream = resourceType({
    type: "aws:kinesis/stream:Stream",
    arguments: {
        name: text,
        shardCount: number,
        retentionPeriod: number,
        streamModeDetails: object({ streamMode: required(oneOf("PROVISIONED", "ON_DEMAND")) }),
        // Without a size in the program the stream keeps the one that it has.
        maxRecordSizeInKib: chosen(number),
        encryptionType: oneOf("NONE", "KMS"),
        kmsKeyId: text,
        enforceConsumerDeletion: flag,
        shardLevelMetrics: recordedOnly(listOf(text), "the twin has no metrics of shards"),
        tags: mapOf(text),
    },
    replacedBy: [],
    naming: { property: "name", maximum: 128 },
    assumed: {
        shardCount: 0,
        retentionPeriod: defaultRetention,
        streamModeDetails: { streamMode: "PROVISIONED" },
        encryptionType: "NONE",
        kmsKeyId: defaultKey,
        maxRecordSizeInKib: 1024,
    },

    validate(inputs) {
        const onDemand = inputs.streamModeDetails?.streamMode === "ON_DEMAND";
        if (onDemand && inputs.shardCount !== undefined) {
            return [{ property: "shardCount", reason: "must be left out when streamMode is ON_DEMAND" }];
        }
        if (!onDemand && inputs.shardCount === undefined) {
            return [{ property: "shardCount", reason: "is required when streamMode is PROVISIONED" }];
        }
        return [];
    },

    async create(inputs, { services: { kinesis } }, resumed) {
        const StreamName = String(inputs.name);
        await createOnce(resumed, "ResourceInUseException", () =>
            kinesis.operations.CreateStream(
                {
                    StreamName,
                    ShardCount: inputs.shardCount,
                    StreamModeDetails: { StreamMode: modeOf(inputs) },
                    MaxRecordSizeInKiB: inputs.maxRecordSizeInKib,
                    Tags: inputs.tags,
                },
                root,
            ),
        );
        await orUndo(
            async () => {
                await retain(kinesis, StreamName, inputs.retentionPeriod ?? defaultRetention);
                await encrypt(kinesis, StreamName, undefined, inputs);
            },
            () => kinesis.operations.DeleteStream({ StreamName }, root),
        );
        return { id: arn("kinesis", `stream/${StreamName}`), outputs: await computed(kinesis, inputs) };
    },

    async read(id, { services: { kinesis } }) {
        const StreamName = id.slice(id.lastIndexOf("/") + 1);
        const found = await foundOrUndefined(missing, () =>
            kinesis.operations.DescribeStreamSummary({ StreamName }, root),
        );
        const summary = found?.StreamDescriptionSummary;
        if (summary === undefined) return undefined;
        return {
            name: StreamName,
            arn: summary.StreamARN,
            // On demand, the number is not the program's.
            shardCount: summary.StreamModeDetails?.StreamMode === "ON_DEMAND" ? 0 : summary.OpenShardCount,
            maxRecordSizeInKib: summary.MaxRecordSizeInKiB,
            retentionPeriod: summary.RetentionPeriodHours,
            streamModeDetails: { streamMode: summary.StreamModeDetails?.StreamMode },
            encryptionType: summary.EncryptionType,
            kmsKeyId: summary.KeyId,
            tags: tagMap((await kinesis.operations.ListTagsForStream({ StreamName }, root)).Tags),
        };
    },

    async update({ inputs: earlier }, inputs, { services: { kinesis } }) {
        const StreamName = String(inputs.name);
        await reshard(kinesis, earlier, inputs);
        await resize(kinesis, inputs);
        await retain(kinesis, StreamName, inputs.retentionPeriod ?? defaultRetention);
        await encrypt(kinesis, StreamName, earlier, inputs);
        await changeTags(earlier.tags, inputs.tags, {
            remove: (TagKeys) => kinesis.operations.RemoveTagsFromStream({ StreamName, TagKeys }, root),
            add: (Tags) => kinesis.operations.AddTagsToStream({ StreamName, Tags }, root),
        });
        return computed(kinesis, inputs);
    },

    async delete({ inputs }, { services: { kinesis } }) {
        await unlessMissing(missing, () =>
            kinesis.operations.DeleteStream(
                { StreamName: inputs.name, EnforceConsumerDeletion: inputs.enforceConsumerDeletion },
                root,
            ),
        );
    },
});

type Kinesis = Services["kinesis"];

/** The API has one operation to lengthen retention and another to shorten it. */
async function retain(kinesis: Kinesis, StreamName: string, hours: number): Promise<void> {
    const { StreamDescriptionSummary } = await kinesis.operations.DescribeStreamSummary({ StreamName }, root);
    const current = StreamDescriptionSummary?.RetentionPeriodHours ?? defaultRetention;
    const change = { StreamName, RetentionPeriodHours: hours };
    if (hours > current) await kinesis.operations.IncreaseStreamRetentionPeriod(change, root);
    if (hours < current) await kinesis.operations.DecreaseStreamRetentionPeriod(change, root);
}

interface Sharding {
    readonly name?: string;
    readonly shardCount?: number;
    readonly streamModeDetails?: { readonly streamMode: "PROVISIONED" | "ON_DEMAND" };
}

function modeOf({ streamModeDetails }: Sharding) {
    return streamModeDetails?.streamMode ?? "PROVISIONED";
}

/** Changes mode and number of shards of the stream as it is: what is on it stays, and who reads it goes on. */
async function reshard(kinesis: Kinesis, earlier: Sharding, now: Sharding): Promise<void> {
    const StreamARN = arn("kinesis", `stream/${now.name}`);
    if (modeOf(earlier) !== modeOf(now)) {
        await kinesis.operations.UpdateStreamMode({ StreamARN, StreamModeDetails: { StreamMode: modeOf(now) } }, root);
    }
    const { StreamDescriptionSummary } = await kinesis.operations.DescribeStreamSummary({ StreamARN }, root);
    if (now.shardCount === undefined || now.shardCount === StreamDescriptionSummary?.OpenShardCount) return;
    const change = { StreamARN, TargetShardCount: now.shardCount, ScalingType: "UNIFORM_SCALING" } as const;
    await kinesis.operations.UpdateShardCount(change, root);
}

/** Without a size in the program the stream keeps the one that it has, as on AWS. */
async function resize(
    kinesis: Kinesis,
    { name, maxRecordSizeInKib }: { readonly name?: string; readonly maxRecordSizeInKib?: number },
): Promise<void> {
    if (maxRecordSizeInKib === undefined) return;
    const StreamARN = arn("kinesis", `stream/${name}`);
    await kinesis.operations.UpdateMaxRecordSize({ StreamARN, MaxRecordSizeInKiB: maxRecordSizeInKib }, root);
}

interface Encryption {
    readonly encryptionType?: "NONE" | "KMS";
    readonly kmsKeyId?: string;
}

async function encrypt(kinesis: Kinesis, StreamName: string, earlier: Encryption | undefined, now: Encryption) {
    const EncryptionType = "KMS";
    if (now.encryptionType === "KMS") {
        if (earlier?.encryptionType === "KMS" && earlier.kmsKeyId === now.kmsKeyId) return;
        const KeyId = now.kmsKeyId ?? defaultKey;
        await kinesis.operations.StartStreamEncryption({ StreamName, EncryptionType, KeyId }, root);
    } else if (earlier?.encryptionType === "KMS") {
        const KeyId = earlier.kmsKeyId ?? defaultKey;
        await kinesis.operations.StopStreamEncryption({ StreamName, EncryptionType, KeyId }, root);
    }
}

async function computed(
    kinesis: Kinesis,
    inputs: { readonly name?: string; readonly retentionPeriod?: number; readonly shardCount?: number },
) {
    const { StreamDescriptionSummary } = await kinesis.operations.DescribeStreamSummary(
        { StreamName: inputs.name },
        root,
    );
    return {
        arn: arn("kinesis", `stream/${inputs.name}`),
        retentionPeriod: inputs.retentionPeriod ?? defaultRetention,
        shardCount: inputs.shardCount ?? 0,
        maxRecordSizeInKib: StreamDescriptionSummary?.MaxRecordSizeInKiB,
        streamModeDetails: { streamMode: StreamDescriptionSummary?.StreamModeDetails?.StreamMode },
    };
}

export const kinesis: ServiceResources = { resources: [stream] };
